#include "rehearsal/score.hpp"

#include "rehearsal/purchase.hpp"
#include "rehearsal/windows.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace headroom::rehearsal {
namespace {

constexpr double day_half_hours = static_cast<double>(half_hours_a_day);
constexpr std::int64_t early_half_hours =
    4;  // an overload so soon behind an alarm makes it early, not needless
constexpr std::size_t position_p90 = 5;
static_assert(forecast::quantiles[position_p90] == 0.9);

bool is_winter(std::int64_t half_hour) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time_of(half_hour))};
    const auto month = static_cast<unsigned>(day.month());
    return month >= 11 || month <= 3;
}

/// One limit's part of the reckoning.
class LimitReckoning {
  public:
    LimitReckoning(Rehearsal& out, std::size_t index) : out_(out), index_(index), walk_(out.limits[index]) {
        for (const auto& row : walk_.foretold_kw) {
            alarm_kw_.push_back(static_cast<float>(at_quantile(row, out.alarm_quantile)));
        }
        overloads_ = overloads_of(walk_.truth_kw, walk_.watched.limit.value);
        alarms_ = alarms_of(alarm_kw_, walk_.watched.limit.value);
        relief_kw_.assign(walk_.truth_kw.size(), 0.0);
    }

    Result<void> buy_all(std::span<const flex::Offer> offers, const std::vector<std::string>& feeders_below) {
        for (const Window& window : alarms_) {
            AlarmOutcome alarm{.limit = index_,
                               .first = walk_.first + window.first,
                               .end = walk_.first + window.end,
                               .fate = fate_of_alarm(window)};
            Need need{.limit = &walk_.watched.limit, .first = alarm.first};
            need.origin = forecast::origin_of(out_.options.lead, alarm.first, half_hour_s) +
                          1;  // its reading is complete
            for (std::int64_t slot = window.first; slot < window.end; ++slot) {
                const auto k = static_cast<std::size_t>(slot);
                const double foretold = alarm_kw_[k];
                alarm.foretold_kw = std::max(alarm.foretold_kw, foretold);
                alarm.peak_kw = std::max(alarm.peak_kw, static_cast<double>(walk_.truth_kw[k]));
                need.need_w.push_back(std::max<std::int64_t>(
                    0,
                    static_cast<std::int64_t>(std::ceil(1000.0 * (foretold - walk_.watched.limit.value)))));
            }
            need.peak_w = to_watts(Kilowatts{alarm.foretold_kw}).value;
            Result<Purchase> bought = buy(need, offers, feeders_below, out_.has_offers, out_.options);
            if (!bought) {
                return bought.error();
            }
            for (std::size_t i = 0; i < bought->relief_w.size(); ++i) {
                relief_kw_[static_cast<std::size_t>(window.first) + i] =
                    to_kilowatts(Watts{bought->relief_w[i]}).value;
            }
            alarm.purchase = *std::move(bought);
            count(alarm);
            out_.alarms.push_back(std::move(alarm));
        }
        return {};
    }

    void count_overloads() {
        for (const Window& window : overloads_) {
            OverloadOutcome overload{.limit = index_,
                                     .first = walk_.first + window.first,
                                     .end = walk_.first + window.end,
                                     .fate = fate_of_overload(window)};
            for (std::int64_t slot = window.first; slot < window.end; ++slot) {
                const auto k = static_cast<std::size_t>(slot);
                const double kw = walk_.truth_kw[k];
                const double over = kw - walk_.watched.limit.value;
                if (over > 0.0) {
                    overload.peak_kw = std::max(overload.peak_kw, kw);
                    overload.energy_kwh += over / 2.0;
                    overload.left_kwh += std::max(0.0, over - relief_kw_[k]) / 2.0;
                }
            }
            count(overload);
            out_.overloads.push_back(overload);
        }
    }

    void count_half_hours(std::array<std::size_t, forecast::quantile_count>& below, std::size_t& compared) {
        LimitScore& score = walk_.score;
        score.is_verified = walk_.watched.limit.is_verified();
        score.is_assumed = !out_.has_offers;
        score.days_span = static_cast<double>(walk_.truth_kw.size()) / day_half_hours;
        for (std::size_t k = 0; k < walk_.truth_kw.size(); ++k) {
            const float truth = walk_.truth_kw[k];
            const auto& row = walk_.foretold_kw[k];
            if (std::isnan(truth) || std::isnan(row[0])) {
                continue;
            }
            score.days += 1.0 / day_half_hours;
            score.days_winter +=
                is_winter(walk_.first + static_cast<std::int64_t>(k)) ? 1.0 / day_half_hours : 0.0;
            score.compared += 1;
            score.over_p90 += truth > row[position_p90] ? 1U : 0U;
            compared += 1;
            for (std::size_t q = 0; q < row.size(); ++q) {
                below[q] += truth <= row[q] ? 1U : 0U;
            }
        }
    }

  private:
    [[nodiscard]] AlarmFate fate_of_alarm(const Window& alarm) const {
        for (const Window& overload : overloads_) {
            if (touches(alarm, overload)) {
                return AlarmFate::right;
            }
            if (overload.first >= alarm.end && overload.first - alarm.end < early_half_hours) {
                return AlarmFate::early;
            }
        }
        return AlarmFate::needless;
    }

    [[nodiscard]] Fate fate_of_overload(const Window& overload) const {
        Fate fate = Fate::missed;
        for (const Window& alarm : alarms_) {
            if (touches(alarm, overload)) {
                fate = alarm.first <= overload.first || fate == Fate::hit ? Fate::hit : Fate::late;
            }
        }
        return fate;
    }

    void count(const AlarmOutcome& alarm) {
        LimitScore& score = walk_.score;
        score.alarms += 1;
        score.cost += alarm.purchase.cost;
        score.needed += alarm.purchase.needed;
        score.bought += alarm.purchase.bought;
        score.early += alarm.fate == AlarmFate::early ? 1U : 0U;
        if (alarm.fate == AlarmFate::needless) {
            score.needless += 1;
            score.needless_winter += is_winter(alarm.first) ? 1U : 0U;
            score.cost_needless += alarm.purchase.cost;
        }
    }

    void count(const OverloadOutcome& overload) {
        LimitScore& score = walk_.score;
        score.overloads += 1;
        score.energy_kwh += overload.energy_kwh;
        score.left_kwh += overload.left_kwh;
        score.hit += overload.fate == Fate::hit ? 1U : 0U;
        score.late += overload.fate == Fate::late ? 1U : 0U;
        if (overload.fate == Fate::missed) {
            score.missed += 1;
            score.missed_winter += is_winter(overload.first) ? 1U : 0U;
        }
    }

    Rehearsal& out_;
    std::size_t index_;
    LimitWalk& walk_;
    std::vector<float> alarm_kw_;
    std::vector<Window> overloads_, alarms_;
    std::vector<double> relief_kw_;
};

/// What can relieve a feeder: offers on it and on the feeders that it supplies.
std::vector<flex::Offer> offers_for(const std::string& feeder, const std::vector<std::string>& below,
                                    const std::vector<flex::Offer>& offers) {
    std::vector<flex::Offer> out;
    for (const flex::Offer& offer : offers) {
        if (offer.feeder == feeder || std::ranges::binary_search(below, offer.feeder)) {
            out.push_back(offer);
        }
    }
    return out;
}

/// A feeder's limits together: counts add up, days do not.
void sum_feeders(Rehearsal& out) {
    std::unordered_map<std::string, std::size_t> place;
    for (const LimitWalk& walk : out.limits) {
        const std::string& feeder = walk.watched.limit.asset;
        const auto [found, is_new] = place.try_emplace(feeder, out.feeders.size());
        if (is_new) {
            out.feeders.push_back({.feeder = feeder, .substation = walk.watched.substation});
        }
        FeederScore& mine = out.feeders[found->second];
        const LimitScore before = mine.score;
        mine.score += walk.score;
        mine.score.days = std::max(before.days, walk.score.days);
        mine.score.days_winter = std::max(before.days_winter, walk.score.days_winter);
        mine.score.days_span = std::max(before.days_span, walk.score.days_span);
        mine.limits += 1;
    }
    out.all.feeder = "all";
    out.all.feeders = out.feeders.size();
    for (FeederScore& feeder : out.feeders) {
        judge(feeder, out.options.fitness);
        out.all.score += feeder.score;
        out.all.limits += feeder.limits;
    }
    judge(out.all, out.options.fitness);
    std::ranges::stable_sort(out.feeders, [](const FeederScore& a, const FeederScore& b) {
        const auto key = [](const FeederScore& f) {
            return std::make_tuple(f.score.missed + f.score.late, f.score.overloads, f.score.needless);
        };
        return key(a) > key(b);
    });
}

}  // namespace

double at_quantile(const std::array<float, forecast::quantile_count>& row, double quantile) {
    for (std::size_t q = 0; q < row.size(); ++q) {
        if (quantile <= forecast::quantiles[q]) {
            if (q == 0) {
                return row[0];
            }
            const double share = (quantile - forecast::quantiles[q - 1]) /
                                 (forecast::quantiles[q] - forecast::quantiles[q - 1]);
            return static_cast<double>(row[q - 1]) +
                   share * (static_cast<double>(row[q]) - static_cast<double>(row[q - 1]));
        }
    }
    return row.back();
}

Result<void> score(Rehearsal& out, const grid::Network& network, const std::vector<flex::Offer>& offers,
                   const forecast::BacktestProgress& progress) {
    std::array<std::size_t, forecast::quantile_count> below{};
    std::size_t compared = 0;
    for (std::size_t i = 0; i < out.limits.size(); ++i) {
        if (progress) {
            progress(static_cast<double>(i) / static_cast<double>(out.limits.size()), "buying");
        }
        const std::string& feeder = out.limits[i].watched.limit.asset;
        std::vector<std::string> feeders_below;
        for (const grid::Feeder* each : network.feeders_below(feeder)) {
            feeders_below.push_back(each->id.value);
        }
        std::ranges::sort(feeders_below);
        LimitReckoning reckoning(out, i);
        const std::vector<flex::Offer> mine = offers_for(feeder, feeders_below, offers);
        if (Result<void> bought = reckoning.buy_all(mine, feeders_below); !bought) {
            return bought;
        }
        reckoning.count_overloads();
        reckoning.count_half_hours(below, compared);
    }
    for (std::size_t q = 0; q < below.size(); ++q) {
        out.coverage[q] = compared == 0 ? std::numeric_limits<double>::quiet_NaN()
                                        : static_cast<double>(below[q]) / static_cast<double>(compared);
    }
    sum_feeders(out);
    return {};
}

}  // namespace headroom::rehearsal
