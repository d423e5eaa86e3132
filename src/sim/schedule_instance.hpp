#pragma once

#include "flex/schedule_problem.hpp"

#include <cstdint>

namespace headroom::sim {

/// Instances on which the optimiser is measured: batteries, chargers, heat pumps, processes and generators as
/// they are sold, 10 to 10,000 of them, over 1 to 48 half-hours with an evening peak. A share of the fleet's
/// power is wanted, so that most of it is not used.
struct ScheduleInstance {
    std::int64_t ders = 100;
    std::int64_t slots = 4;
    std::uint64_t seed = 1;
    bool has_least_runs = false;  ///< all but batteries run for several half-hours once they run
};

/// Pure: the same numbers give the same problem; without least runs it is the one with them, less these.
[[nodiscard]] flex::ScheduleProblem schedule_instance(const ScheduleInstance& instance);

}  // namespace headroom::sim
