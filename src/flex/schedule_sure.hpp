#pragma once

#include "flex/schedule_problem.hpp"

#include <cstdint>
#include <vector>

namespace headroom::flex {

/// What is searched for: a plan that is as sure as asked, and of these the cheapest.
struct SureAim {
    double probability = 0.0;
    std::int64_t draws = 0;
    std::uint64_t seed = 0;
    std::int64_t work = 0;  ///< of the draws
    bool from_all = false;  ///< starts from all that everybody can give, not from the schedule
    bool may_swap = true;   ///< DERs stand in for each other; else they are only dropped and lowered
};

/// Makes `schedule` sure enough where it is not, by DERs that are added, and cheaper where it is: who is not
/// needed is dropped, others stand in for dear ones, and powers go down until they are needed. Answers how
/// sure it then is. No limit is touched.
[[nodiscard]] double make_sure(const ScheduleProblem& problem, const std::vector<double>& reliability,
                               const SureAim& aim, Schedule& schedule);

}  // namespace headroom::flex
