#pragma once

#include "forecast/lead_learner.hpp"
#include "forecast/quantiles.hpp"
#include "forecast/series_panel.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// What is foretold: the whole of day D at 06:00 UTC on day D−1, or every instant some minutes before.
struct LeadRule {
    std::int64_t ahead_s = 0;  ///< 0: day ahead
    bool operator==(const LeadRule&) const = default;

    static const LeadRule day_ahead;
    static const LeadRule one_hour;
};
inline constexpr LeadRule LeadRule::day_ahead{};
inline constexpr LeadRule LeadRule::one_hour{.ahead_s = 3600};
/// "day-ahead", or whole minutes from "1min" to "2880min". Errors: `invalid`.
[[nodiscard]] Result<LeadRule> parse_lead_rule(std::string_view word);
/// The newest slot that a forecast for `target` may know.
[[nodiscard]] std::int64_t origin_of(LeadRule rule, std::int64_t target, std::int64_t step_s);

struct BacktestOptions {
    LeadRule lead = LeadRule::day_ahead;
    Region region = Region::england_and_wales;
    LearnOptions learn;
    double relearn_days = 7.0;           ///< between two lessons; a panel of a few days learns every day
    double error_half_life_days = 15.0;  ///< of an error's say in the quantiles
    double tracking_rate_a_day = 0.3;    ///< widths that a quantile moves at most in a day
};

/// How a backtest goes on: a share of 1 and what is being done.
using BacktestProgress = std::function<void(double done, std::string_view what)>;

struct BacktestRow {
    std::int32_t series = 0;
    std::int64_t origin_s = 0;
    std::int64_t target_s = 0;
    QuantileValues load{};  ///< in the unit of the file
};
struct BacktestResult {
    std::vector<BacktestRow> rows;  ///< by target, then series
    std::size_t lessons = 0;
    std::size_t by_naive = 0;   ///< rows that no model could serve: the base with the spread of past changes
    std::size_t left_out = 0;   ///< truths for which nothing at all was known at the origin
    std::vector<double> blend;  ///< last weights over all series, by `Member`
};

/// Walks through `truth`, oldest origin first: at each origin only what was known then is looked at, in rows,
/// models, blend, widths and quantiles alike. `panel` holds history and truth on one grid; `truth` names the
/// instants to foretell. Deterministic by the seed.
/// Errors: `invalid` when nothing can be learnt from or the lead is shorter than the grid's step; those of
/// the trees' growing.
[[nodiscard]] Result<BacktestResult> backtest(const Panel& panel, std::span<const Covariate> covariates,
                                              const SeriesFile& truth, const BacktestOptions& options,
                                              const BacktestProgress& progress);

}  // namespace headroom::forecast
