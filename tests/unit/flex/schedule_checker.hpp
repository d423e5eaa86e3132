#pragma once

#include "flex/schedule_problem.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace headroom::flex {

/// The first limit that `schedule` breaks, as a sentence; empty when it keeps all of them. Written apart from
/// the solver, straight from the words of schedule_problem.hpp.
inline std::string broken_limit(const ScheduleProblem& problem, const Schedule& schedule) {
    const std::size_t slots = problem.slots();
    std::map<std::int64_t, std::size_t> used_of_group;
    for (std::size_t i = 0; i < problem.units.size(); ++i) {
        const ScheduleUnit& der = problem.units[i];
        const std::string name = "DER " + std::to_string(i);
        std::int64_t energy = 0;
        std::int64_t run = 0;
        std::int64_t runs = 0;
        std::int64_t rest = schedule_energy_unlimited;
        for (std::size_t t = 0; t < slots; ++t) {
            const std::int64_t power = schedule.power_w[i * slots + t];
            const std::int64_t before = t == 0 ? 0 : schedule.power_w[i * slots + t - 1];
            const std::int64_t after = t + 1 == slots ? 0 : schedule.power_w[i * slots + t + 1];
            if (der.ramp_up_w > 0 && power - before > der.ramp_up_w) {
                return name + " rises too fast at slot " + std::to_string(t);
            }
            if (der.ramp_down_w > 0 && power - after > der.ramp_down_w) {
                return name + " falls too fast after slot " + std::to_string(t);
            }
            if (power > problem.cap_w(der, t)) {
                return name + " gives more than is free in slot " + std::to_string(t);
            }
            energy += power;
            if (power == 0) {
                rest += run > 0 ? 1 - rest : 1;
                run = 0;
                continue;
            }
            if (run == 0) {
                ++runs;
                if (rest < der.rest_min) {
                    return name + " rests too short before slot " + std::to_string(t);
                }
            }
            ++run;
            if (power < der.power_min_w || power > der.power_max_w) {
                return name + " runs outside its power in slot " + std::to_string(t);
            }
            if ((der.slots >> t & 1U) == 0) {
                return name + " runs in slot " + std::to_string(t) + ", where it is not available";
            }
            if (after == 0 && run < der.run_min) {
                return name + " runs too short up to slot " + std::to_string(t);
            }
            if (run > der.run_max) {
                return name + " runs too long at slot " + std::to_string(t);
            }
        }
        if (energy > der.energy_w_slots) {
            return name + " gives more energy than it has";
        }
        if (runs > der.activations_max) {
            return name + " is activated too often";
        }
        if (runs > 0 && der.group >= 0 && !used_of_group.emplace(der.group, i).second) {
            return name + " is used beside another of its group";
        }
    }
    return {};
}

/// `target_w` to be covered by `units`, at 6 GBP/kWh for what is missing.
inline ScheduleProblem problem_of(std::vector<std::int64_t> target_w, std::vector<ScheduleUnit> units) {
    ScheduleProblem problem;
    problem.target_w = std::move(target_w);
    problem.shortfall_price = 6'000'000;
    problem.units = std::move(units);
    return problem;
}

/// The objective, in millionths of a pound, of the best of all schedules of blocks, found by trying each.
inline std::int64_t cheapest_of_all(const ScheduleProblem& problem) {
    const std::size_t slots = problem.slots();
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t all = std::uint64_t{1} << (slots * problem.units.size());
    for (std::uint64_t pattern = 0; pattern < all; ++pattern) {
        Schedule schedule;
        schedule.power_w.assign(slots * problem.units.size(), 0);
        for (std::size_t at = 0; at < schedule.power_w.size(); ++at) {
            if ((pattern >> at & 1U) != 0) {
                schedule.power_w[at] = static_cast<std::int32_t>(problem.units[at / slots].power_max_w);
            }
        }
        if (broken_limit(problem, schedule).empty()) {
            evaluate(problem, schedule);
            best = std::min(best, schedule.objective().value);
        }
    }
    return best;
}

}  // namespace headroom::flex
