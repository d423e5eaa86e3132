#include "forecast/backtest.hpp"

#include "forecast/error_history.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace headroom::forecast {
namespace {

constexpr std::int64_t day_ahead_hour_s = 6 * 3600;
constexpr std::int64_t lead_minutes_max = 2880;
constexpr double short_history_days = 21.0;

struct Walk {
    const Panel& panel;
    const BacktestOptions& options;
    RowMaker maker;
    std::vector<SeriesScale> scales;
    std::vector<std::int64_t> scaled_from;                     // slot from which the scale may be used
    std::vector<std::map<std::int64_t, std::int64_t>> wanted;  // by series: slot → the file's own time
    LeadRows rows;
    std::vector<LeadRows::Head> plain_heads;  // wanted, but before the series has a scale
    BacktestResult result;

    Walk(const Panel& on, std::span<const Covariate> covariates, const BacktestOptions& with)
        : panel(on), options(with), maker(on, covariates, with.region) {}
};

void find_wanted(Walk& walk, const SeriesFile& truth) {
    std::unordered_map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < walk.panel.series.size(); ++i) {
        numbers[walk.panel.series[i].name] = i;
    }
    walk.wanted.resize(walk.panel.series.size());
    for (const SeriesRow& row : truth.rows) {
        const auto found = numbers.find(truth.names[static_cast<std::size_t>(row.series)]);
        HEADROOM_ASSERT(found != numbers.end());
        walk.wanted[found->second][floor_divide(row.unix_s, walk.panel.step_s)] = row.unix_s;
    }
}

/// The scale is what the history shows; a series with less than a day of it is watched for two days first.
void find_scales(Walk& walk) {
    const std::int64_t day = walk.panel.slots_per_day();
    for (std::size_t i = 0; i < walk.panel.series.size(); ++i) {
        const GridSeries& load = walk.panel.series[i].load;
        std::int64_t end = walk.wanted[i].empty() ? load.end() : walk.wanted[i].begin()->first;
        if (walk.options.lead == LeadRule::day_ahead && !walk.wanted[i].empty()) {
            end = origin_of(LeadRule::day_ahead, end, walk.panel.step_s) + 1;
        }
        if (end - load.first < day) {
            end = load.first + 2 * day;
        }
        walk.scales.push_back(scale_of(load, end));
        walk.scaled_from.push_back(end - load.first >= 2 * day && !walk.wanted[i].empty() &&
                                           walk.wanted[i].begin()->first < end
                                       ? end
                                       : std::numeric_limits<std::int64_t>::min());
    }
}

void make_walk_rows(Walk& walk) {
    struct Item {
        std::int64_t target;
        std::int32_t series;
    };
    std::vector<Item> items;
    for (std::size_t i = 0; i < walk.panel.series.size(); ++i) {
        const GridSeries& load = walk.panel.series[i].load;
        for (std::int64_t slot = load.first; slot < load.end(); ++slot) {
            if (!std::isnan(load.at(slot))) {
                items.push_back({slot, static_cast<std::int32_t>(i)});
            }
        }
    }
    std::ranges::stable_sort(items, {}, &Item::target);
    walk.rows.columns = walk.maker.columns().size();
    std::vector<float> row(walk.rows.columns);
    for (const Item& item : items) {
        const auto series = static_cast<std::size_t>(item.series);
        LeadRows::Head head{.series = item.series,
                            .target = item.target,
                            .origin = origin_of(walk.options.lead, item.target, walk.panel.step_s),
                            .base = 0.0,
                            .truth = walk.panel.series[series].load.at(item.target)};
        head.base = walk.maker.make(series, head.target, head.origin, walk.scales[series], row);
        if (std::isnan(head.base)) {
            walk.result.left_out += walk.wanted[series].contains(item.target) ? 1U : 0U;
        } else if (head.origin < walk.scaled_from[series]) {
            if (walk.wanted[series].contains(item.target)) {
                walk.plain_heads.push_back(head);
            }
        } else {
            walk.rows.heads.push_back(head);
            walk.rows.values.insert(walk.rows.values.end(), row.begin(), row.end());
        }
    }
}

BacktestRow output_row(const Walk& walk, const LeadRows::Head& head) {
    const std::int64_t target_s = walk.wanted[static_cast<std::size_t>(head.series)].at(head.target);
    return {.series = head.series,
            .origin_s = target_s - (head.target - head.origin) * walk.panel.step_s,
            .target_s = target_s,
            .load = {}};
}

/// The base, as wide as the loads up to the origin have varied.
void foretell_plainly(Walk& walk, const LeadRows::Head& head) {
    const GridSeries& load = walk.panel.series[static_cast<std::size_t>(head.series)].load;
    double sum = 0.0;
    double squares = 0.0;
    double count = 0.0;
    for (std::int64_t slot = load.first; slot <= head.origin; ++slot) {
        if (const double value = load.at(slot); !std::isnan(value)) {
            sum += value;
            squares += value * value;
            count += 1.0;
        }
    }
    const double mean = count > 0.0 ? sum / count : head.base;
    const double deviation = count > 1.0 ? std::sqrt(std::max(0.0, squares / count - mean * mean)) : 0.0;
    BacktestRow out = output_row(walk, head);
    for (std::size_t q = 0; q < quantile_count; ++q) {
        out.load[q] = head.base + deviation * normal_quantiles[q];
    }
    walk.result.rows.push_back(out);
    ++walk.result.by_naive;
}

/// The walk itself: lessons, forecasts, and what their errors teach about the next ones.
class Walker {
  public:
    Walker(Walk& walk, const BacktestProgress& progress)
        : walk_(walk),
          progress_(progress),
          learner_(walk.rows, walk.maker.columns(), walk.scales, walk.panel.step_s, walk.options.learn),
          history_(walk.panel.series.size(), walk.options.error_half_life_days),
          trackers_(walk.panel.series.size(),
                    QuantileTracker(walk.options.tracking_rate_a_day /
                                    static_cast<double>(walk.panel.slots_per_day()))) {
        foretold_.resize(walk.rows.heads.size());
    }

    Result<void> run() {
        std::vector<std::size_t> todo;
        for (std::size_t i = 0; i < walk_.rows.heads.size(); ++i) {
            const LeadRows::Head& head = walk_.rows.heads[i];
            if (walk_.wanted[static_cast<std::size_t>(head.series)].contains(head.target)) {
                todo.push_back(i);
            }
        }
        for (std::size_t n = 0; n < todo.size(); ++n) {
            const LeadRows::Head& head = walk_.rows.heads[todo[n]];
            const double done = static_cast<double>(n) / static_cast<double>(todo.size());
            if (!model_ && walk_.rows.heads.front().target > head.origin) {
                foretell_plainly(walk_, head);  // nothing to learn from yet
                continue;
            }
            if (!model_ || head.origin >= next_lesson_) {
                if (const Result<void> learnt = learn(head.origin, done); !learnt) {
                    return learnt;
                }
            }
            observe(head.origin);
            foretell(todo[n]);
            if (progress_ && n % 500 == 0) {
                progress_(done, "forecasting");
            }
        }
        walk_.result.blend = model_ ? model_->blend : std::vector<double>{};
        return {};
    }

  private:
    Result<void> learn(std::int64_t now, double done) {
        Result<LeadModel> model = learner_.learn(now, [this, done](std::string_view what) {
            if (progress_) {
                progress_(done, what);
            }
        });
        if (!model) {
            return model.error();
        }
        model_ = std::move(*model);
        ++walk_.result.lessons;
        const double step_days =
            static_cast<double>(walk_.panel.step_s) / static_cast<double>(seconds_per_day);
        const double history_days = static_cast<double>(now - walk_.rows.heads.front().target) * step_days;
        const double gap = history_days < short_history_days ? 1.0 : walk_.options.relearn_days;
        next_lesson_ = now + static_cast<std::int64_t>(std::llround(gap / step_days));
        // The lesson may have looked back on series that came in lately.
        history_.clear();
        for (std::size_t i = 0; i < observed_; ++i) {
            remember(i);
        }
        return {};
    }

    void remember(std::size_t i) {
        if (learner_.is_foretold(i)) {
            const LeadRows::Head& head = walk_.rows.heads[i];
            history_.add(static_cast<std::size_t>(head.series),
                         {day_of(head.target), block_of(head.target), learner_.error(i)});
        }
    }

    /// Takes in every truth up to the origin.
    void observe(std::int64_t origin) {
        for (; observed_ < walk_.rows.heads.size() && walk_.rows.heads[observed_].target <= origin;
             ++observed_) {
            remember(observed_);
            if (foretold_[observed_]) {
                trackers_[static_cast<std::size_t>(walk_.rows.heads[observed_].series)].observe(
                    learner_.error(observed_), *foretold_[observed_]);
                foretold_[observed_].reset();
            }
        }
    }

    void foretell(std::size_t i) {
        const LeadRows::Head& head = walk_.rows.heads[i];
        const auto series = static_cast<std::size_t>(head.series);
        learner_.foretell(*model_, i);
        const QuantileValues errors =
            shifted(history_.quantiles(series, block_of(head.target), day_of(head.origin)),
                    trackers_[series].offsets());
        foretold_[i] = errors;
        BacktestRow out = output_row(walk_, head);
        for (std::size_t q = 0; q < quantile_count; ++q) {
            out.load[q] = head.base +
                          walk_.scales[series].spread * (learner_.blended(i) + learner_.width(i) * errors[q]);
        }
        walk_.result.rows.push_back(out);
    }

    [[nodiscard]] std::int64_t day_of(std::int64_t slot) const {
        return floor_divide(slot * walk_.panel.step_s, seconds_per_day);
    }
    [[nodiscard]] int block_of(std::int64_t slot) const {
        return place_in_day(walk_.options.region, slot * walk_.panel.step_s).minute * error_blocks / 1440;
    }

    Walk& walk_;
    const BacktestProgress& progress_;
    LeadLearner learner_;
    ErrorHistory history_;
    std::vector<QuantileTracker> trackers_;
    std::vector<std::optional<QuantileValues>> foretold_;  // whose truth has not been seen yet
    std::optional<LeadModel> model_;
    std::int64_t next_lesson_ = 0;
    std::size_t observed_ = 0;
};

}  // namespace

Result<LeadRule> parse_lead_rule(std::string_view word) {
    if (word == "day-ahead") {
        return LeadRule::day_ahead;
    }
    std::int64_t minutes = 0;
    const char* const end = word.data() + word.size();
    const auto [at, fault] = std::from_chars(word.data(), end, minutes);
    if (fault != std::errc{} || std::string_view(at, end) != "min" || minutes < 1 ||
        minutes > lead_minutes_max) {
        return Error{Errc::invalid, "lead \"" + std::string(word) +
                                        "\" is neither day-ahead nor minutes from 1min to 2880min"};
    }
    return LeadRule{.ahead_s = 60 * minutes};
}

std::int64_t origin_of(LeadRule rule, std::int64_t target, std::int64_t step_s) {
    if (rule != LeadRule::day_ahead) {
        return target - std::max<std::int64_t>(1, rule.ahead_s / step_s);
    }
    const std::int64_t day = floor_divide(target * step_s, seconds_per_day);
    return floor_divide((day - 1) * seconds_per_day + day_ahead_hour_s, step_s);
}

Result<BacktestResult> backtest(const Panel& panel, std::span<const Covariate> covariates,
                                const SeriesFile& truth, const BacktestOptions& options,
                                const BacktestProgress& progress) {
    if (options.lead != LeadRule::day_ahead && options.lead.ahead_s < panel.step_s) {
        return Error{Errc::invalid, "readings are " + std::to_string(panel.step_s) +
                                        " s apart, which allows no lead of " +
                                        std::to_string(options.lead.ahead_s) + " s"};
    }
    Walk walk(panel, covariates, options);
    find_wanted(walk, truth);
    find_scales(walk);
    if (progress) {
        progress(0.0, "making rows");
    }
    make_walk_rows(walk);
    for (const LeadRows::Head& head : walk.plain_heads) {
        foretell_plainly(walk, head);
    }
    if (!walk.rows.heads.empty()) {
        Walker walker(walk, progress);
        if (const Result<void> walked = walker.run(); !walked) {
            return walked.error();
        }
    }
    std::ranges::stable_sort(walk.result.rows, [](const BacktestRow& a, const BacktestRow& b) {
        return a.target_s != b.target_s ? a.target_s < b.target_s : a.series < b.series;
    });
    return std::move(walk.result);
}

}  // namespace headroom::forecast
