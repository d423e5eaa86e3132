#pragma once

#include "flex/chance_draws.hpp"
#include "flex/event_plan.hpp"
#include "flex/plan_turns.hpp"

#include <optional>
#include <vector>

namespace headroom::flex {

// What a live event's plan means beside its lines: the ways it was compared with, and who would stand in.

/// Doing nothing, switching, and the purchases: what each costs, covers, emits, and whom it asks.
[[nodiscard]] std::vector<EventWay> ways_of(const EventPlanInput& input, const PlanInput& allowed,
                                            const PlannedCovers& planned,
                                            const std::optional<DoingNothing>& nothing,
                                            const TimeToLimit& time, DeliveryDraws& deliveries);

/// For every DER of the plan, the largest relief first: who would stand in, the cheapest relief first, by
/// free power and energy.
[[nodiscard]] std::vector<EventReserve> reserve_of(const PlanInput& allowed, const PlannedCovers& planned);

}  // namespace headroom::flex
