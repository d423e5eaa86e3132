#pragma once

#include "flex/chance_draws.hpp"
#include "flex/event_plan.hpp"
#include "flex/plan_turns.hpp"

#include <cstdint>
#include <vector>

namespace headroom::flex {

// Inside of make_event_plan: a plan that keeps the load within the limit as surely as is asked.

[[nodiscard]] std::vector<ChancePart> chance_parts(const PlanInput& input, const Problem& problem,
                                                   const Cover& cover);
[[nodiscard]] std::vector<ChancePart> chance_parts(const FlexPlan& plan, grid::Phase limit_phase);

/// `plan_covers` with the probability that `input` asks for: the target is raised until the plan is as sure
/// as asked, and no further; no margin is bought on top. Of plans that are sure enough the cheapest is taken,
/// and where none is, the surest, with what would have to give. The need itself is covered in expectation at
/// least. Precondition: `input.facts.chance`. Errors: as `make_plan`.
[[nodiscard]] Result<PlannedCovers> plan_with_chance(const EventPlanInput& input, const PlanInput& allowed,
                                                     const Asking& asking, DeliveryDraws& deliveries,
                                                     ChanceReached& reached);

}  // namespace headroom::flex
