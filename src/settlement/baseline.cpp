#include "settlement/baseline.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace headroom::settlement {

namespace {

constexpr std::array<BaselineProfile, 9> profiles{
    {{.id = "bl01", .adjust = Adjust::additive},
     {.id = "bl01_vtp"},
     {.id = "dfs_domestic"},
     {.id = "high5of10", .x_working = 5, .x_nonworking = 2, .pick = Pick::high},
     {.id = "mid8of10", .x_working = 8, .x_nonworking = 2, .pick = Pick::mid},
     {.id = "nominated", .source = BaselineSource::supplied},
     {.id = "asset_capacity", .source = BaselineSource::supplied},
     {.id = "zero", .source = BaselineSource::zero},
     {.id = "fixed_reference", .source = BaselineSource::supplied}}};

/// Above this share of the baseline an in-day adjustment is flagged.
constexpr std::int64_t large_adjustment_divisor = 5;

/// A half-hour as the London clock shows it, relative to the event's first day.
struct Label {
    std::chrono::days day{};  ///< after the event's first day
    int period = 0;           ///< 1…48 on a day without a clock change
};

/// A history day that may be used, with its energies at the needed labels.
struct HistoryDay {
    Date date;
    std::vector<std::int64_t> event_wh;
    std::vector<std::int64_t> window_wh;  ///< in-day adjustment window
    std::int64_t metric = 0;              ///< sum over the event's periods: ranks as their mean does
};

class History {
  public:
    History(const BaselineProfile& profile, const BaselineQuestion& question, const Calendar& calendar)
        : profile_(profile),
          question_(question),
          calendar_(calendar),
          event_date_(settlement_period(question.start).date) {
        for (std::size_t i = 0; i < question.periods; ++i) {
            event_labels_.push_back(label_of(question.start + period_length * static_cast<std::int64_t>(i)));
        }
        if (profile.adjust != Adjust::none) {
            const UtcTime end = question.start - hours{profile.adjust_until_h};
            for (UtcTime at = question.start - hours{profile.adjust_from_h}; at < end; at += period_length) {
                window_.push_back(at);
                window_labels_.push_back(label_of(at));
            }
        }
    }

    Result<BaselineAnswer> reckon() {
        BaselineAnswer answer;
        answer.baseline.profile = std::string(profile_.id);
        answer.baseline.profile_version = profile_.version;
        answer.baseline.start = question_.start;
        const Result<std::vector<HistoryDay>> collected = collect(answer.baseline.excluded_days);
        if (!collected) {
            return collected.error();
        }
        if (static_cast<int>(collected->size()) < profile_.min_days) {
            answer.hold = "only " + std::to_string(collected->size()) + " of the " +
                          std::to_string(profile_.min_days) + " history days that " +
                          std::string(profile_.id) + " needs at least are usable for " + question_.meter.der;
            return answer;
        }
        const std::vector<HistoryDay> chosen = choose(*collected);
        for (const HistoryDay& day : chosen) {
            answer.baseline.chosen_days.push_back(day.date);
        }
        answer.baseline.wh = mean(chosen, &HistoryDay::event_wh, event_labels_.size());
        adjust(chosen, answer.baseline);
        return answer;
    }

  private:
    [[nodiscard]] Label label_of(UtcTime at) const {
        const Date date = settlement_period(at).date;
        return {std::chrono::sys_days(date) - std::chrono::sys_days(event_date_),
                local_minute_of_day(at) / 30 + 1};
    }

    [[nodiscard]] std::optional<std::int64_t> reading(UtcTime at) const {
        const MeterHistory& meter = question_.meter;
        if (at < meter.start) {
            return std::nullopt;
        }
        const auto index = static_cast<std::size_t>((at - meter.start) / period_length);
        return index < meter.wh.size() ? meter.wh[index] : std::nullopt;
    }

    /// The readings of `day` at the labels, or nothing when one is missing.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> readings(Date day,
                                                                    const std::vector<Label>& labels) const {
        std::vector<std::int64_t> found;
        found.reserve(labels.size());
        for (const Label& label : labels) {
            const Date date{std::chrono::sys_days(day) + label.day};
            const Result<UtcTime> at = start_of({date, label.period});
            const std::optional<std::int64_t> wh = at ? reading(*at) : std::nullopt;
            if (!wh) {
                return std::nullopt;
            }
            found.push_back(*wh);
        }
        return found;
    }

    [[nodiscard]] Result<bool> is_working(Date date) const {
        const Result<bool> working = calendar_.is_working_day(date);
        if (!working) {
            return Error{Errc::unsupported, working.error().message};
        }
        return working;
    }

    /// The newest usable days of the event's class, at most Y.
    Result<std::vector<HistoryDay>> collect(std::vector<std::pair<Date, std::string>>& excluded) {
        const Result<bool> event_works = is_working(event_date_);
        if (!event_works) {
            return event_works.error();
        }
        wanted_ = *event_works ? profile_.y_working : profile_.y_nonworking;
        averaged_ = *event_works ? profile_.x_working : profile_.x_nonworking;
        std::vector<HistoryDay> days;
        for (int back = 1; back <= profile_.lookback_days && static_cast<int>(days.size()) < wanted_;
             ++back) {
            const Date date{std::chrono::sys_days(event_date_) - std::chrono::days{back}};
            const Result<bool> works = is_working(date);
            if (!works) {
                return works.error();
            }
            if (*works != *event_works) {
                continue;
            }
            const std::string reason = use(date, days);
            if (!reason.empty()) {
                excluded.emplace_back(date, reason);
            }
        }
        return days;
    }

    /// Adds the day, or answers why not.
    std::string use(Date date, std::vector<HistoryDay>& days) const {
        const std::vector<Date>& events = question_.event_days;
        if (std::find(events.begin(), events.end(), date) != events.end()) {
            return "event_day";
        }
        if (periods_in_day(date) != 48) {
            return "clock_change_day";
        }
        std::optional<std::vector<std::int64_t>> event = readings(date, event_labels_);
        std::optional<std::vector<std::int64_t>> window = readings(date, window_labels_);
        if (!event || !window) {
            return "incomplete_day";
        }
        HistoryDay day{date, std::move(*event), std::move(*window), 0};
        for (const std::int64_t wh : day.event_wh) {
            day.metric += wh;
        }
        days.push_back(std::move(day));
        return {};
    }

    /// X of the collected days; fewer in proportion when fewer than Y were found.
    [[nodiscard]] std::vector<HistoryDay> choose(std::vector<HistoryDay> days) const {
        const auto found = static_cast<std::int64_t>(days.size());
        std::int64_t count = averaged_;
        if (found < wanted_) {
            count = std::max<std::int64_t>(1, multiply_divide_half_even(averaged_, found, wanted_));
        }
        const auto surplus = static_cast<std::size_t>(found - count);
        // Days come newest first and the sorts are stable: of equal days the newer one stands in front.
        const auto rising = [](const HistoryDay& a, const HistoryDay& b) { return a.metric < b.metric; };
        const auto falling = [](const HistoryDay& a, const HistoryDay& b) { return a.metric > b.metric; };
        std::size_t dropped_in_front = 0;
        switch (profile_.pick) {
            case Pick::recent:
                break;
            case Pick::high:
                std::stable_sort(days.begin(), days.end(), falling);
                break;
            case Pick::low:
                std::stable_sort(days.begin(), days.end(), rising);
                break;
            case Pick::mid:
                std::stable_sort(days.begin(), days.end(), rising);
                dropped_in_front = surplus / 2;
                break;
        }
        days.erase(days.begin(), days.begin() + static_cast<std::ptrdiff_t>(dropped_in_front));
        days.resize(static_cast<std::size_t>(count));
        std::stable_sort(days.begin(), days.end(),
                         [](const HistoryDay& a, const HistoryDay& b) { return a.date > b.date; });
        return days;
    }

    [[nodiscard]] static std::vector<std::int64_t> mean(const std::vector<HistoryDay>& days,
                                                        std::vector<std::int64_t> HistoryDay::*energies,
                                                        std::size_t periods) {
        std::vector<std::int64_t> means;
        for (std::size_t period = 0; period < periods; ++period) {
            std::int64_t sum = 0;
            for (const HistoryDay& day : days) {
                sum += (day.*energies)[period];
            }
            means.push_back(divide_half_even(sum, static_cast<std::int64_t>(days.size())));
        }
        return means;
    }

    void adjust(const std::vector<HistoryDay>& chosen, Baseline& baseline) const {
        if (profile_.adjust == Adjust::none) {
            return;
        }
        std::int64_t actual = 0;
        for (const UtcTime at : window_) {
            const std::optional<std::int64_t> wh = reading(at);
            if (!wh) {
                baseline.flags.emplace_back("ADJ_SKIPPED");
                return;
            }
            actual += *wh;
        }
        std::int64_t history = 0;  // over the window and all chosen days
        for (const HistoryDay& day : chosen) {
            for (const std::int64_t wh : day.window_wh) {
                history += wh;
            }
        }
        const auto days = static_cast<std::int64_t>(chosen.size());
        const std::vector<std::int64_t> unadjusted = baseline.wh;
        if (profile_.adjust == Adjust::multiplicative && history > 0) {
            multiply(actual * days, history, baseline);
        } else {
            const auto periods = static_cast<std::int64_t>(window_.size());
            baseline.adjustment_wh = divide_half_even(actual * days - history, days * periods);
            for (std::int64_t& wh : baseline.wh) {
                wh += baseline.adjustment_wh;
            }
        }
        flag_large(unadjusted, baseline);
    }

    /// B = B0 × actual/history, the factor kept within the cap.
    void multiply(std::int64_t actual, std::int64_t history, Baseline& baseline) const {
        constexpr std::int64_t unit = 10'000;
        const std::int64_t low = unit - profile_.adjust_cap_bp;
        const std::int64_t high = unit + profile_.adjust_cap_bp;
        if (__int128{actual} * unit < __int128{history} * low) {
            actual = low;
            history = unit;
            baseline.flags.emplace_back("ADJ_CAPPED");
        } else if (__int128{actual} * unit > __int128{history} * high) {
            actual = high;
            history = unit;
            baseline.flags.emplace_back("ADJ_CAPPED");
        }
        std::int64_t moved = 0;
        for (std::int64_t& wh : baseline.wh) {
            const std::int64_t adjusted = multiply_divide_half_even(wh, actual, history);
            moved += adjusted - wh;
            wh = adjusted;
        }
        baseline.adjustment_wh = divide_half_even(moved, static_cast<std::int64_t>(baseline.wh.size()));
    }

    static void flag_large(const std::vector<std::int64_t>& unadjusted, Baseline& baseline) {
        std::int64_t sum = 0;
        for (const std::int64_t wh : unadjusted) {
            sum += wh;
        }
        const std::int64_t moved =
            std::abs(baseline.adjustment_wh) * static_cast<std::int64_t>(unadjusted.size());
        if (moved * large_adjustment_divisor > std::abs(sum)) {
            baseline.flags.emplace_back("ADJ_LARGE");
        }
    }

    const BaselineProfile& profile_;
    const BaselineQuestion& question_;
    const Calendar& calendar_;
    Date event_date_;
    int wanted_ = 0;    // Y
    int averaged_ = 0;  // X
    std::vector<Label> event_labels_;
    std::vector<UtcTime> window_;
    std::vector<Label> window_labels_;
};

BaselineAnswer supplied(const BaselineProfile& profile, const BaselineQuestion& question) {
    BaselineAnswer answer;
    answer.baseline.profile = std::string(profile.id);
    answer.baseline.profile_version = profile.version;
    answer.baseline.start = question.start;
    if (profile.source == BaselineSource::zero) {
        answer.baseline.wh.assign(question.periods, 0);
    } else if (question.supplied_wh.size() == 1) {
        answer.baseline.wh.assign(question.periods, question.supplied_wh.front());
    } else if (question.supplied_wh.size() == question.periods) {
        answer.baseline.wh = question.supplied_wh;
    } else {
        answer.hold = "profile " + std::string(profile.id) + " needs a supplied baseline for " +
                      question.meter.der + ", one value or one for each of " +
                      std::to_string(question.periods) + " periods";
    }
    return answer;
}

}  // namespace

const BaselineProfile* find_baseline_profile(std::string_view id) {
    const auto found = std::find_if(profiles.begin(), profiles.end(),
                                    [id](const BaselineProfile& each) { return each.id == id; });
    return found == profiles.end() ? nullptr : &*found;
}

Result<BaselineAnswer> make_baseline(const BaselineProfile& profile, const BaselineQuestion& question,
                                     const Calendar& calendar) {
    HEADROOM_ASSERT(question.periods > 0 && floor_period(question.start) == question.start);
    Result<BaselineAnswer> answer = profile.source == BaselineSource::history
                                        ? History(profile, question, calendar).reckon()
                                        : supplied(profile, question);
    if (answer && profile.floor_zero) {
        for (std::int64_t& wh : answer->baseline.wh) {
            wh = std::max<std::int64_t>(0, wh);
        }
    }
    return answer;
}

}  // namespace headroom::settlement
