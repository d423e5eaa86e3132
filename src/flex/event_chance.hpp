#pragma once

#include "flex/event_plan.hpp"
#include "flex/plan_turns.hpp"

#include <cstdint>
#include <vector>

namespace headroom::flex {

// Inside of make_event_plan: a plan that keeps the load within the limit as surely as is asked.

/// Relief that is there as a whole or not at all.
struct ChancePart {
    std::uint64_t key = 0;  ///< of the DER in draws: the same whoever else is in the plan
    double reliability = 0.0;
    std::vector<double> relief_w;  ///< as the limit sees it
};
[[nodiscard]] std::vector<ChancePart> chance_parts(const PlanInput& input, const Problem& problem,
                                                   const Cover& cover);
[[nodiscard]] std::vector<ChancePart> chance_parts(const FlexPlan& plan, grid::Phase limit_phase);

/// Loads and deliveries, drawn together. A draw's load lies on the same quantile in every half-hour: straight
/// between the quantiles, and beyond the outermost on the normal distribution through the outermost two. Each
/// DER delivers all or nothing for the whole window.
class ChanceDraws {
  public:
    /// `asked` outlives it.
    ChanceDraws(const ChanceAsked& asked, std::uint64_t seed);

    /// The share of draws in which `parts` and what stands already keep the load within the limit throughout.
    [[nodiscard]] std::int64_t share_ppm(const std::vector<ChancePart>& parts) const;
    /// W above the limit in the half-hour, at the share of loads below it.
    [[nodiscard]] double over_w(std::size_t slot, double share) const;
    /// What has to be relieved by half-hour, in expectation, when load and `parts` together are `z` standard
    /// deviations worse than expected: both spreads are added as squares, since neither knows of the other.
    [[nodiscard]] std::vector<std::int64_t> target_w(double z, const std::vector<ChancePart>& parts) const;

  private:
    const ChanceAsked& asked_;
    std::uint64_t seed_;
    std::vector<double> at_;  // quantiles
    std::vector<double> z_;   // their normal scores
    std::vector<ChancePart> standing_;
};

/// `plan_covers` with the probability that `input` asks for: the target is raised until the plan is as sure
/// as asked, and no further; no margin is bought on top. Of plans that are sure enough the cheapest is taken,
/// and where none is, the surest, with what would have to give. The need itself is covered in expectation at
/// least. Precondition: `input.facts.chance`. Errors: as `make_plan`.
[[nodiscard]] Result<PlannedCovers> plan_with_chance(const EventPlanInput& input, const PlanInput& allowed,
                                                     const Asking& asking, ChanceReached& reached);

}  // namespace headroom::flex
