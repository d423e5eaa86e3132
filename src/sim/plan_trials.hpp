#pragma once

#include "flex/schedule_plan.hpp"

#include <cstdint>

namespace headroom::sim {

/// Evenings on which plans are tried: batteries, vehicles that may be gone, heat pumps, processes and
/// generators that may not start, each failing by itself at its own rate.
struct PlanTrials {
    std::uint64_t seed = 1;
    std::int64_t plans = 25;
    std::int64_t deliveries = 48;  ///< drawn of each plan
    std::int64_t ders = 60;
    double probability = 0.9;
};

struct TrialOutcome {
    std::int64_t events = 0;
    std::int64_t prevented = 0;  ///< the whole need was covered
    std::int64_t unplanned = 0;  ///< plans that could not cover the need so surely: not among the events
    double cost_gbp = 0.0;       ///< purchases of all plans
    double greedy_gbp = 0.0;     ///< of greedy-by-price plans that are as certain
    [[nodiscard]] double share() const {
        return events == 0 ? 0.0 : static_cast<double>(prevented) / static_cast<double>(events);
    }
};

/// One evening's request, the same for the same numbers.
[[nodiscard]] flex::PlanRequest trial_request(const PlanTrials& trials, std::int64_t number);

/// Whether one drawn delivery covers the whole need, from the request as it was made and the answer alone: is
/// the vehicle there, does the generator start, does the DER deliver.
[[nodiscard]] bool is_prevented(const flex::PlanRequest& request, const flex::SchedulePlan& plan,
                                std::uint64_t draw);

/// Plans every evening, draws its deliveries, and sets greedy-by-price with the same certainty beside it.
/// Pure. Errors: as `make_schedule_plan`.
[[nodiscard]] Result<TrialOutcome> try_plans(const PlanTrials& trials);

}  // namespace headroom::sim
