#pragma once

#include "flex/schedule_problem.hpp"

#include <cstdint>
#include <map>
#include <string>

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

}  // namespace headroom::flex
