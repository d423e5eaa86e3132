#include "flex/schedule_words.hpp"

#include "flex/plan_breadth.hpp"
#include "flex/schedule_state.hpp"
#include "flex/schedule_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headroom::flex {
namespace {

constexpr std::size_t binding_ders_most = 20;
constexpr std::size_t reserves_most = 10;  // planned whatever it takes
constexpr std::int64_t reserve_work_most = 20'000;
constexpr std::size_t candidates_most = 400;

struct Use {
    std::int64_t sum_w = 0;
    std::int64_t peak_w = 0;
    std::int64_t starts = 0;
    double relief_w = 0.0;  // summed over the slots
};

Use use_of(const ScheduleProblem& problem, const Schedule& schedule, std::size_t unit) {
    Use use;
    const std::size_t slots = problem.slots();
    const std::int32_t* power_w = &schedule.power_w[unit * slots];
    for (std::size_t t = 0; t < slots; ++t) {
        use.sum_w += power_w[t];
        use.peak_w = std::max<std::int64_t>(use.peak_w, power_w[t]);
        use.starts += power_w[t] > 0 && (t == 0 || power_w[t - 1] == 0) ? 1 : 0;
    }
    use.relief_w = static_cast<double>(use.sum_w) * static_cast<double>(problem.units[unit].relief_ppm) / 1e6;
    return use;
}

double slot_hours(const ScheduleProblem& problem) {
    return static_cast<double>(problem.step.count()) / 3.6e6;
}

double peak_missing_w(const PlanState& state, std::size_t slots) {
    double most = 0.0;
    for (std::size_t t = 0; t < slots; ++t) {
        most = std::max(most, state.room(t));
    }
    return most;
}

/// A DER may stand for several units: as it is, and as it is when it has charged before.
bool is_same_der(const PlanRequest& request, const PreparedPlan& prepared, std::size_t a, std::size_t b) {
    return request.ders[prepared.der_of_unit[a]].der_id == request.ders[prepared.der_of_unit[b]].der_id;
}

/// Who would stand in, the cheapest first, by power alone: for plans with more DERs than can be planned anew.
PlanReserve reserve_by_price(const PlanRequest& request, const PreparedPlan& prepared, const PlanState& state,
                             std::size_t failing, const std::vector<std::size_t>& idle) {
    const ScheduleProblem& problem = prepared.problem;
    std::vector<double> missing_w;
    state.room(missing_w);
    const double relief = static_cast<double>(problem.units[failing].relief_ppm) / 1e6;
    const auto worst = [&missing_w] {
        return std::max(0.0, *std::max_element(missing_w.begin(), missing_w.end()));
    };
    for (std::size_t t = 0; t < missing_w.size(); ++t) {
        missing_w[t] += relief * state.power_w(failing)[t];
    }
    PlanReserve out{.if_fails = request.ders[prepared.der_of_unit[failing]].der_id,
                    .shortfall_kw = std::round(worst()) / 1000.0,
                    .is_checked = false};
    for (const std::size_t unit : idle) {
        if (worst() < 1.0 || out.stand_in.size() >= stand_ins_most) {
            break;
        }
        if (is_same_der(request, prepared, unit, failing)) {
            continue;
        }
        const ScheduleUnit& der = problem.units[unit];
        const double share = static_cast<double>(der.relief_ppm) / 1e6;
        auto energy = static_cast<double>(std::min(der.energy_w_slots, der.power_max_w * der.run_max));
        double used = 0.0;
        for (std::size_t t = 0; t < missing_w.size(); ++t) {
            if ((der.slots >> t & 1U) == 0 || missing_w[t] < 1.0) {
                continue;
            }
            const double power =
                std::min({static_cast<double>(der.power_max_w), energy, missing_w[t] / share});
            missing_w[t] -= power * share;
            energy -= power;
            used += power;
        }
        if (used > 0.0) {
            out.stand_in.push_back(request.ders[prepared.der_of_unit[unit]].der_id);
            out.extra_cost_gbp +=
                (problem.slot_cost(der.price) * used + static_cast<double>(der.activation_cost)) / 1e6;
        }
    }
    out.left_kw = std::round(worst()) / 1000.0;
    return out;
}

}  // namespace

double gbp(MicroPounds amount) {
    return static_cast<double>(amount.value) / 1e6;
}

std::vector<double> kilowatts(const std::vector<std::int64_t>& power_w) {
    std::vector<double> out;
    for (const std::int64_t power : power_w) {
        out.push_back(static_cast<double>(power) / 1000.0);
    }
    return out;
}

std::vector<PlanAction> actions(const PlanRequest& request, const PreparedPlan& prepared,
                                const Schedule& schedule) {
    const ScheduleProblem& problem = prepared.problem;
    const std::size_t slots = problem.slots();
    std::vector<PlanAction> out;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        const Use use = use_of(problem, schedule, unit);
        if (use.sum_w == 0) {
            continue;
        }
        const PlanDer& der = request.ders[prepared.der_of_unit[unit]];
        const std::int32_t* power_w = &schedule.power_w[unit * slots];
        PlanAction action{.der_id = der.der_id, .provider = der.provider, .kind = der.kind};
        for (std::size_t t = 0; t < slots; ++t) {
            action.kw.push_back(static_cast<double>(power_w[t]) / 1000.0);
        }
        if (problem.units[unit].extra >= 0) {
            const UnitExtra& extra = problem.extras[static_cast<std::size_t>(problem.units[unit].extra)];
            action.before_kw = kilowatts(extra.load_w);
        }
        action.energy_kwh = static_cast<double>(use.sum_w) / 1000.0 * slot_hours(problem);
        action.cost_gbp = gbp(unit_cost(problem, unit, power_w));
        action.activations = use.starts;
        if (der.carbon_g_per_kwh) {
            action.carbon_kg = action.energy_kwh * *der.carbon_g_per_kwh / 1000.0;
        }
        const double relief_kwh = use.relief_w / 1000.0 * slot_hours(problem);
        action.reason = fmt::format("{:.2f} kWh of relief expected at {:.4f} GBP/kWh, starts included",
                                    relief_kwh, action.cost_gbp / relief_kwh);
        out.push_back(std::move(action));
    }
    std::sort(out.begin(), out.end(),
              [](const PlanAction& a, const PlanAction& b) { return a.der_id < b.der_id; });
    return out;
}

std::vector<PlanBinding> binding_limits(const PlanRequest& request, const PreparedPlan& prepared,
                                        const Schedule& schedule, const std::vector<double>& price) {
    const ScheduleProblem& problem = prepared.problem;
    std::vector<PlanBinding> out;
    for (std::size_t t = 0; t < problem.slots(); ++t) {
        const std::string start = format_utc(slot_start(request, t));
        if (schedule.shortfall_w[t] > 0) {
            out.push_back(
                {"supply", start,
                 fmt::format("{:.3f} kW stay open: there is no more, or it costs more than it is worth",
                             static_cast<double>(schedule.shortfall_w[t]) / 1000.0)});
        } else if (problem.target_w[t] > 0 && price[t] > 0.0) {
            out.push_back({"need", start,
                           fmt::format("another kWh of relief would cost {:.4f} GBP",
                                       price[t] / 1e3 / slot_hours(problem))});
        }
    }
    std::vector<PlanBinding> ders;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        const ScheduleUnit& limits = problem.units[unit];
        const Use use = use_of(problem, schedule, unit);
        if (use.sum_w == 0) {
            continue;
        }
        const std::string& id = request.ders[prepared.der_of_unit[unit]].der_id;
        if (use.sum_w + limits.power_min_w >= limits.energy_w_slots) {
            ders.push_back({"energy", id, "all of its energy is used"});
        } else if (use.starts >= limits.activations_max && limits.activations_max < 64 &&
                   limits.activation_cost > 0) {
            ders.push_back({"activations", id, "it is started as often as it may be"});
        } else if (use.peak_w == limits.power_max_w) {
            ders.push_back({"power", id, "it runs at its largest power"});
        }
    }
    if (ders.size() > binding_ders_most) {
        const std::size_t more = ders.size() - binding_ders_most;
        ders.resize(binding_ders_most);
        ders.push_back({"power", "", fmt::format("{} more DERs run into a limit of their own", more)});
    }
    out.insert(out.end(), ders.begin(), ders.end());
    return out;
}

std::vector<std::string> what_would_help(const PlanRequest& request, const PreparedPlan& prepared,
                                         const Schedule& schedule) {
    const ScheduleProblem& problem = prepared.problem;
    std::vector<std::string> out;
    double open_kwh = 0.0;
    double peak_kw = 0.0;
    std::size_t at = 0;
    for (std::size_t t = 0; t < problem.slots(); ++t) {
        const double left = static_cast<double>(schedule.shortfall_w[t]) / 1000.0;
        open_kwh += left * slot_hours(problem);
        if (left > peak_kw) {
            peak_kw = left;
            at = t;
        }
    }
    if (peak_kw <= 0.0) {
        return out;
    }
    out.push_back(fmt::format("More relief: up to {:.3f} kW at {}, {:.3f} kWh in all.", peak_kw,
                              format_utc(slot_start(request, at)), open_kwh));
    std::size_t idle = 0;
    double idle_kw = 0.0;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        if (use_of(problem, schedule, unit).sum_w == 0 && (problem.units[unit].slots >> at & 1U) != 0) {
            ++idle;
            idle_kw += static_cast<double>(problem.units[unit].power_max_w) / 1000.0;
        }
    }
    if (idle > 0) {
        out.push_back(
            fmt::format("A higher price of shortfall: {} usable DERs with {:.3f} kW are not worth "
                        "theirs, or are too large for what is left.",
                        idle, idle_kw));
    }
    if (!prepared.refused.empty()) {
        out.push_back(fmt::format("The {} DERs that could not be used: {} ({}).", prepared.refused.size(),
                                  prepared.refused.front().der_id, prepared.refused.front().reason));
    }
    out.push_back(
        fmt::format("A limit that is {:.3f} kW higher, or load moved elsewhere by switching.", peak_kw));
    return out;
}

std::vector<PlanReserve> reserve_list(const PlanRequest& request, const PreparedPlan& prepared,
                                      const Schedule& schedule) {
    const ScheduleProblem& problem = prepared.problem;
    const std::size_t slots = problem.slots();
    PlanState state(problem);
    std::vector<std::size_t> used;
    std::vector<std::size_t> idle;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        state.set(unit, &schedule.power_w[unit * slots]);
        (state.is_used(unit) ? used : idle).push_back(unit);
    }
    const auto relief = [&](std::size_t unit) { return use_of(problem, schedule, unit).relief_w; };
    std::stable_sort(used.begin(), used.end(),
                     [&](std::size_t a, std::size_t b) { return relief(a) > relief(b); });
    const auto price = [&problem](std::size_t unit) {
        return static_cast<double>(problem.units[unit].price) /
               static_cast<double>(problem.units[unit].relief_ppm);
    };
    std::stable_sort(idle.begin(), idle.end(),
                     [&](std::size_t a, std::size_t b) { return price(a) < price(b); });
    idle.resize(std::min(idle.size(), candidates_most));
    const std::vector<double> worth(slots, problem.slot_cost(problem.shortfall_price));
    const ScheduleItems items(problem);
    UnitPlanner planner(problem);
    std::vector<double> room_w;
    std::vector<std::int32_t> trial(slots, 0);
    std::vector<PlanReserve> out;
    for (const std::size_t failing : used) {
        if (out.size() >= reserves_most && planner.work() > reserve_work_most) {
            out.push_back(reserve_by_price(request, prepared, state, failing, idle));
            continue;
        }
        state.mark();
        state.clear(failing);
        PlanReserve reserve{.if_fails = request.ders[prepared.der_of_unit[failing]].der_id,
                            .shortfall_kw = std::round(peak_missing_w(state, slots)) / 1000.0};
        for (std::size_t turn = 0; turn < stand_ins_most && peak_missing_w(state, slots) >= 1.0; ++turn) {
            double best = 0.0;
            std::size_t chosen = failing;
            std::vector<std::int32_t> power_w;
            state.room(room_w);
            for (const std::size_t unit : idle) {
                const auto group = items[items.item_of(unit)];
                const bool is_free = std::none_of(group.begin(), group.end(), [&state](std::uint32_t member) {
                    return state.is_used(member);
                });
                if (!is_free || is_same_der(request, prepared, unit, failing)) {
                    continue;
                }
                planner.plan(unit, {worth.data(), room_w.data()}, best);
                if (planner.has_schedule()) {
                    if (const double value = planner.decode(trial.data()); value > best) {
                        best = value;
                        chosen = unit;
                        power_w = trial;
                    }
                }
            }
            if (power_w.empty()) {
                break;
            }
            state.set(chosen, power_w.data());
            reserve.stand_in.push_back(request.ders[prepared.der_of_unit[chosen]].der_id);
            reserve.extra_cost_gbp += gbp(unit_cost(problem, chosen, power_w.data()));
        }
        reserve.left_kw = std::round(std::max(0.0, peak_missing_w(state, slots))) / 1000.0;
        out.push_back(std::move(reserve));
        state.undo();
    }
    return out;
}

}  // namespace headroom::flex
