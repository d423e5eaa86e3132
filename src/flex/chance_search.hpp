#pragma once

#include "flex/chance_draws.hpp"
#include "flex/plan_turns.hpp"

#include <vector>

namespace headroom::flex {

// Inside of make_event_plan: plans of one problem that are as sure as asked.

/// Targets that are tried at least; they share what one plan may take.
inline constexpr int chance_searches = 8;

/// The target is raised until the plan is as sure as asked, and no further: by how many standard deviations
/// of load and deliveries is searched. Of plans that are sure enough the cheapest is taken, of others the
/// surest. It is answered as it is after it gave back what is not needed (chance_lower.hpp), then without
/// dropping anybody, then as it was found. Powers of `input`'s offers are not looked at.
[[nodiscard]] std::vector<FoundCovers> find_sure(const PlanInput& input, const Asking& asking,
                                                 const ChanceAsked& asked, Problem problem,
                                                 DeliveryDraws& deliveries);

}  // namespace headroom::flex
