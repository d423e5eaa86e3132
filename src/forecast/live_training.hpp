#pragma once

#include "core/result.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/live_model.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::forecast {

/// Half-hours of one point as they were stored. NaN: unknown, or not to be learnt from.
struct LiveHistory {
    std::string name;
    std::int64_t first = 0;  ///< period number of kw[0]
    std::vector<float> kw;
};

struct LiveTrainOptions {
    Region region = Region::england_and_wales;
    LearnOptions learn;
    std::vector<std::int64_t> leads_s{1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 48 * 3600};
    std::size_t rows_max = 200'000;  ///< a lead
    int days_min = 28;               ///< of history before the days that are held back
    int held_days = 2;               ///< newest days that are kept for the trial
    int covariate_days_min = 14;     ///< so long a covariate must have been known to be learnt from
};

/// How two ways of forecasting did on days that the challenger has not seen.
struct LiveTrial {
    std::int64_t from = 0;  ///< first half-hour that was forecast
    std::int64_t to = 0;    ///< behind the last
    std::size_t forecasts = 0;
    double pinball = 0.0;           ///< mean over the quantiles, in spreads of the point: the challenger's
    double champion_pinball = 0.0;  ///< of who serves so far
    double p90_share = 0.0;         ///< of truths at or below the challenger's P90
    double champion_p90_share = 0.0;
    [[nodiscard]] bool is_won() const { return forecasts > 0 && pinball < champion_pinball; }
};

struct Challenge {
    Ensemble ensemble;
    LiveTrial trial;
};

/// The days that a training at `now` (a period number) holds back: [from, to), whole days before the last
/// midnight (UTC).
struct HeldDays {
    std::int64_t from = 0;
    std::int64_t to = 0;
};
[[nodiscard]] HeldDays held_days(std::int64_t now, int days);

/// Learns an ensemble from what lies before the held days, and lets it forecast them against `champion`, or
/// against the ridge and what stands behind it when there is none. Both see the same past and are asked for
/// the same half-hours. `table` holds what feeds said, and when: of it rows are made by what was known at
/// their origins, and columns that were not known for long enough are left out of the challenger.
/// Deterministic by the seed; one thread; minutes.
/// Errors: `invalid` when the histories are shorter than `days_min`, saying how much there is; `unavailable`
/// when it was cancelled; those of the learning.
[[nodiscard]] Result<Challenge> train_challenger(
    std::span<const LiveHistory> histories, std::int64_t now, const LiveModel* champion,
    const LiveTrainOptions& options, const std::function<void(double, std::string_view)>& progress,
    const CovariateTable& table = unknown_covariates());

}  // namespace headroom::forecast
