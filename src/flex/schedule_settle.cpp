#include "flex/schedule_settle.hpp"

#include "flex/resolution.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace headroom::flex {
namespace {

/// Steps that the largest power has at least.
constexpr std::int64_t power_steps_least = 5'000;

bool runs(const Schedule& schedule, std::size_t unit, std::size_t slots) {
    const std::int32_t* power_w = &schedule.power_w[unit * slots];
    return std::any_of(power_w, power_w + slots, [](std::int32_t power) { return power > 0; });
}

/// Calls `visit` with every amount of power or money that scales with the size of what is offered.
template <class Problem, class Visit>
void visit_sizes(Problem& problem, Visit visit) {
    for (auto& target : problem.target_w) {
        if (target != schedule_unconstrained) {
            visit(target);
        }
    }
    for (auto& der : problem.units) {
        visit(der.power_min_w);
        visit(der.power_max_w);
        if (der.energy_w_slots != schedule_energy_unlimited) {
            visit(der.energy_w_slots);
        }
        visit(der.ramp_up_w);
        visit(der.ramp_down_w);
        visit(der.activation_cost);
    }
    for (auto& extra : problem.extras) {
        for (auto& cap : extra.cap_w) {
            visit(cap);
        }
        for (auto& load : extra.load_w) {
            visit(load);
        }
        visit(extra.use_cost);
    }
}

}  // namespace

std::int64_t resolution_w(const ScheduleProblem& problem) {
    std::int64_t common = 0;
    visit_sizes(problem, [&common](std::int64_t size) { common = std::gcd(common, size); });
    std::int64_t most = 0;
    for (const ScheduleUnit& der : problem.units) {
        most = std::max(most, der.power_max_w);
    }
    return coarsest_unit(common, most, power_steps_least);
}

ScheduleProblem in_units(ScheduleProblem problem, std::int64_t unit_w) {
    if (unit_w > 1) {
        visit_sizes(problem, [unit_w](std::int64_t& size) { size /= unit_w; });
        problem.least_w /= static_cast<double>(unit_w);
    }
    return problem;
}

void to_watts(std::int64_t unit_w, Schedule& schedule) {
    for (std::int32_t& power : schedule.power_w) {
        power = static_cast<std::int32_t>(power * unit_w);
    }
}

std::vector<std::size_t> used_units(const ScheduleProblem& problem, const std::vector<std::size_t>& units,
                                    const Schedule& schedule) {
    std::set<std::pair<std::int64_t, std::uint64_t>> ders;
    const auto name = [&problem](std::size_t unit) {
        return std::pair(problem.units[unit].group, problem.units[unit].key);
    };
    std::vector<bool> is_used(units.size(), false);
    for (std::size_t i = 0; i < units.size(); ++i) {
        is_used[i] = runs(schedule, i, problem.slots());
        if (is_used[i] && problem.units[units[i]].group >= 0) {
            ders.insert(name(units[i]));
        }
    }
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (is_used[i] || ders.contains(name(units[i]))) {
            out.push_back(units[i]);
        }
    }
    return out;
}

Schedule widened(const ScheduleProblem& problem, const std::vector<std::size_t>& units,
                 const Schedule& schedule) {
    const std::size_t slots = problem.slots();
    Schedule out;
    out.power_w.assign(problem.units.size() * slots, 0);
    for (std::size_t i = 0; i < units.size(); ++i) {
        std::copy_n(&schedule.power_w[i * slots], slots, &out.power_w[units[i] * slots]);
    }
    evaluate(problem, out);
    return out;
}

ScheduleProblem only(const ScheduleProblem& problem, const std::vector<std::size_t>& units) {
    ScheduleProblem out{.step = problem.step,
                        .target_w = problem.target_w,
                        .shortfall_price = problem.shortfall_price,
                        .units = {},
                        .extras = {},
                        .seed = problem.seed,
                        .least_w = problem.least_w};
    bool has_load = false;
    std::map<std::int64_t, std::int64_t> members;
    for (const std::size_t unit : units) {
        const ScheduleUnit& der = problem.units[unit];
        out.units.push_back(der);
        members[der.group] += 1;
        if (der.extra >= 0) {
            out.extras.push_back(problem.extras[static_cast<std::size_t>(der.extra)]);
            out.units.back().extra = static_cast<std::int64_t>(out.extras.size()) - 1;
            has_load = has_load || !out.extras.back().load_w.empty();
        }
        has_load = has_load || der.rebound_ppm > 0;
    }
    std::map<std::int64_t, std::int64_t> groups;
    for (ScheduleUnit& der : out.units) {
        if (der.group >= 0) {
            // One that is left alone in its group competes with nobody.
            der.group =
                members[der.group] < 2
                    ? -1
                    : groups.emplace(der.group, static_cast<std::int64_t>(groups.size())).first->second;
        }
    }
    for (std::int64_t& target : out.target_w) {
        target = target <= 0 && !has_load ? schedule_unconstrained : target;
    }
    return out;
}

}  // namespace headroom::flex
