#pragma once

#include "flex/chance_draws.hpp"
#include "flex/plan_turns.hpp"

#include <cstdint>

namespace headroom::flex {

// Inside of make_event_plan: a plan that is surer than asked gives back what is not needed for it.

/// Who is not needed is dropped (where `may_drop`), and powers go down to the lowest at which drawn loads and
/// deliveries still stay within the limit in `enough_ppm` of the draws: the last turn first, and the dearest
/// relief first within a turn. The need itself stays covered in expectation where it was. No block is changed
/// but as a whole, no run is split, and of offers that are alike in all but price the dearer one never keeps
/// more than the cheaper one. Brings costs and shortfalls of `cover` up to its powers.
void lower_powers(const PlanInput& input, const Asking& asking, const Problem& problem, ChanceDraws& draws,
                  std::int64_t enough_ppm, bool may_drop, Cover& cover);

}  // namespace headroom::flex
