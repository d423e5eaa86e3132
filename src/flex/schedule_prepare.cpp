// From a request's kilowatts and minutes to the whole numbers of a problem.
#include "core/random.hpp"
#include "flex/schedule_physics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

namespace headroom::flex {
namespace {

constexpr double millionths = 1e6;  // of one: µ£ of a pound, ppm of a share

std::int64_t rounded(double value) {
    return static_cast<std::int64_t>(std::llround(value));
}

milliseconds minutes_of(double value) {
    return milliseconds{rounded(value * 60'000.0)};
}

/// Slots that lie wholly after the notice and within one of the windows.
std::uint64_t open_slots(const PlanRequest& request, const PlanDer& der) {
    const milliseconds step = minutes{request.need.step_minutes};
    const UtcTime ready = *request.now + minutes_of(der.notice_minutes);
    std::uint64_t open = 0;
    for (std::size_t t = 0; t < request.need.required_kw.size(); ++t) {
        const UtcTime begin = request.need.start + step * static_cast<std::int64_t>(t);
        const auto holds = [&](const PlanWindow& window) {
            return window.from <= begin && begin + step <= window.to;
        };
        const bool is_available =
            !der.available || std::any_of(der.available->begin(), der.available->end(), holds);
        open |= ready <= begin && is_available ? std::uint64_t{1} << t : 0U;
    }
    return open;
}

/// Why the DER cannot be used at all; empty when it can.
std::string refusal(const PlanRequest& request, const PlanDer& der, const ScheduleUnit& unit) {
    const double step = static_cast<double>(request.need.step_minutes);
    if (!der.direction.empty() && der.direction != request.need.direction) {
        return "it offers " + der.direction + ", the need is " + request.need.direction;
    }
    if (unit.power_max_w <= 0) {
        return "it offers no power";
    }
    if (unit.relief_ppm <= 0) {
        return der.sensitivity <= 0.0 ? "the limit does not see it: its sensitivity is not above 0"
                                      : "it has never delivered: its reliability is 0";
    }
    if (unit.activations_max < 1) {
        return "it may not be started";
    }
    if (der.max_duration_minutes && *der.max_duration_minutes < step) {
        return "it may run for less than a slot";
    }
    if (unit.energy_w_slots < std::max<std::int64_t>(unit.power_min_w, 1)) {
        return "its energy does not last for a slot at its least power";
    }
    if (unit.run_min > unit.run_max) {
        return "its least run is longer than it may run";
    }
    const std::int64_t least = std::max<std::int64_t>(unit.power_min_w, 1);
    if ((unit.ramp_up_w > 0 && unit.ramp_up_w < least) ||
        (unit.ramp_down_w > 0 && unit.ramp_down_w < least)) {
        return "its least power cannot be reached, or left, from one slot to the next";
    }
    if (unit.energy_w_slots / least < unit.run_min) {
        return "its energy does not last for its least run";
    }
    if (unit.slots == 0 && !der.commitments.empty()) {
        return "its power is promised to other services, or it is not there in time";
    }
    if (unit.slots == 0) {
        const UtcTime end =
            request.need.start +
            minutes{request.need.step_minutes} * static_cast<std::int64_t>(request.need.required_kw.size());
        if (*request.now + minutes_of(der.notice_minutes) > end - minutes{request.need.step_minutes}) {
            return "its notice is too long for any slot";
        }
        const bool is_past =
            std::all_of(der.available->begin(), der.available->end(),
                        [&](const PlanWindow& window) { return window.to <= request.need.start; });
        return is_past ? "its availability lies in the past"
                       : "it is available in no whole slot after its notice";
    }
    if (unit.price * 1'000'000 >= unit.relief_ppm * rounded(request.shortfall_gbp_per_kwh * millionths)) {
        return "its relief costs at least as much as leaving the need open";
    }
    return {};
}

ScheduleUnit unit_of(const PlanRequest& request, const PlanDer& der) {
    const auto step = static_cast<double>(request.need.step_minutes);
    const auto slots = static_cast<std::int64_t>(request.need.required_kw.size());
    ScheduleUnit unit;
    unit.power_min_w = rounded(der.min_kw * 1000.0);
    unit.power_max_w = rounded(der.max_kw * 1000.0);
    if (der.energy_kwh) {
        unit.energy_w_slots = static_cast<std::int64_t>(std::floor(*der.energy_kwh * 60'000.0 / step + 1e-6));
    }
    unit.slots = open_slots(request, der);
    unit.run_max = slots;
    if (der.max_duration_minutes) {
        unit.run_max = std::clamp<std::int64_t>(
            static_cast<std::int64_t>(std::floor(*der.max_duration_minutes / step + 1e-9)), 1, slots);
    }
    unit.rest_min = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::ceil(der.min_rest_minutes / step - 1e-9)), 1, 64);
    unit.run_min = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::ceil(der.min_duration_minutes / step - 1e-9)), 1, 64);
    const auto ramp = [&unit](double watts) {
        return watts < static_cast<double>(unit.power_max_w) ? std::max<std::int64_t>(1, rounded(watts)) : 0;
    };
    if (der.ramp_kw_per_minute) {
        unit.ramp_up_w = unit.ramp_down_w = ramp(*der.ramp_kw_per_minute * step * 1000.0);
    }
    if (der.return_step_kw) {
        const std::int64_t down = ramp(*der.return_step_kw * 1000.0);
        unit.ramp_down_w = unit.ramp_down_w == 0 ? down
                           : down == 0           ? unit.ramp_down_w
                                                 : std::min(down, unit.ramp_down_w);
    }
    unit.activations_max = std::min(slots, der.max_activations.value_or(slots));
    unit.activation_cost = rounded(der.activation_gbp * millionths);
    unit.price = rounded(der.price_gbp_per_kwh * millionths);
    unit.relief_ppm = rounded(der.sensitivity * der.reliability * millionths);
    if (der.rebound_share > 0.0 && der.rebound_minutes > 0.0) {
        unit.rebound_ppm = rounded(der.rebound_share * millionths);
        unit.rebound_slots = std::clamp<std::int64_t>(
            static_cast<std::int64_t>(std::ceil(der.rebound_minutes / step - 1e-9)), 1, 64);
    }
    unit.key = Random(0).bits(Random::key(der.der_id), 0);
    return unit;
}

std::vector<std::int64_t> targets(const PlanNeed& need, bool has_rebound) {
    std::vector<std::int64_t> out;
    for (std::size_t t = 0; t < need.required_kw.size(); ++t) {
        const std::int64_t required = rounded(need.required_kw[t] * 1000.0);
        const bool is_known = !need.headroom_kw.empty();
        out.push_back(required > 0              ? required
                      : is_known && has_rebound ? -rounded(need.headroom_kw[t] * 1000.0)
                                                : schedule_unconstrained);
    }
    return out;
}

}  // namespace

PreparedPlan prepare_plan(const PlanRequest& request, const RuleBook* rules) {
    PreparedPlan out;
    out.problem.step = minutes{request.need.step_minutes};
    out.problem.shortfall_price = rounded(request.shortfall_gbp_per_kwh * millionths);
    out.problem.seed = static_cast<std::uint64_t>(request.seed);
    // By id, so that the order of the request decides nothing; of DERs alike the least asked comes first.
    std::vector<std::size_t> order(request.ders.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&request](std::size_t a, std::size_t b) {
        const PlanDer& first = request.ders[a];
        const PlanDer& second = request.ders[b];
        return std::tie(first.recent_activations, first.der_id) <
               std::tie(second.recent_activations, second.der_id);
    });
    std::map<std::string, std::int64_t> groups;
    std::map<std::string, std::int64_t> times_named;
    for (const PlanDer& der : request.ders) {
        ++times_named[der.der_id];
    }
    bool has_rebound = false;
    for (const std::size_t number : order) {
        const PlanDer& der = request.ders[number];
        ScheduleUnit unit = unit_of(request, der);
        UnitExtra extra{.cap_w = free_power_w(request, der, rules, out.primacy)};
        for (std::size_t t = 0; t < extra.cap_w.size(); ++t) {
            const bool is_free = extra.cap_w[t] >= std::max<std::int64_t>(unit.power_min_w, 1);
            unit.slots &= is_free ? ~std::uint64_t{0} : ~(std::uint64_t{1} << t);
        }
        if (std::string why = refusal(request, der, unit); !why.empty()) {
            out.refused.push_back({der.der_id, std::move(why)});
            continue;
        }
        // Offered twice, or sold in another place as well: one kilowatt is used once.
        const std::string group = !der.exclusive_group.empty()  ? "group " + der.exclusive_group
                                  : times_named[der.der_id] > 1 ? "der " + der.der_id
                                                                : "";
        if (!group.empty()) {
            unit.group = groups.emplace(group, static_cast<std::int64_t>(groups.size())).first->second;
        }
        has_rebound = has_rebound || unit.rebound_ppm > 0;
        const TakenBefore before = taken_before(request, der);
        if (!before.load_w.empty() && unit.group < 0) {
            unit.group = groups.emplace("before " + der.der_id, static_cast<std::int64_t>(groups.size()))
                             .first->second;
        }
        if (!extra.cap_w.empty()) {
            unit.extra = static_cast<std::int64_t>(out.problem.extras.size());
            out.problem.extras.push_back(extra);
        }
        out.der_of_unit.push_back(number);
        out.problem.units.push_back(unit);
        if (before.load_w.empty()) {
            continue;
        }
        // The same DER once more, as it is when it has taken its fill before.
        PlanDer filled = der;
        filled.energy_kwh =
            der.energy_kwh ? std::optional(*der.energy_kwh + before.energy_kwh) : der.energy_kwh;
        if (der.max_duration_minutes) {
            filled.max_duration_minutes = *der.max_duration_minutes + before.run_minutes;
        }
        ScheduleUnit second = unit_of(request, filled);
        second.slots &= unit.slots & (~std::uint64_t{0} << before.first_free);
        second.group = unit.group;
        // What a room has been warmed ahead lasts for one time off.
        second.activations_max = der.heat_pump ? 1 : second.activations_max;
        extra.load_w = before.load_w;
        extra.use_cost = before.cost;
        if (second.slots != 0) {
            has_rebound = true;
            second.extra = static_cast<std::int64_t>(out.problem.extras.size());
            out.problem.extras.push_back(std::move(extra));
            out.der_of_unit.push_back(number);
            out.problem.units.push_back(second);
        }
    }
    out.problem.target_w = targets(request.need, has_rebound);
    return out;
}

double certainty_of(const PlanRequest& request, const PreparedPlan& prepared, const Schedule& schedule,
                    std::int64_t draws, std::uint64_t seed) {
    const std::size_t slots = prepared.problem.slots();
    struct Part {
        double reliability = 0.0;
        std::vector<double> relief_w;
    };
    std::vector<Part> parts;
    for (std::size_t unit = 0; unit < prepared.problem.units.size(); ++unit) {
        const std::int32_t* power_w = &schedule.power_w[unit * slots];
        if (std::all_of(power_w, power_w + slots, [](std::int32_t power) { return power == 0; })) {
            continue;
        }
        const PlanDer& der = request.ders[prepared.der_of_unit[unit]];
        std::vector<std::int64_t> cover_uw(slots, 0);
        add_cover(prepared.problem, unit, power_w, 1, cover_uw);
        Part part{der.reliability, std::vector<double>(slots, 0.0)};
        for (std::size_t t = 0; t < slots; ++t) {
            part.relief_w[t] = static_cast<double>(cover_uw[t]) / 1e6 / der.reliability;
        }
        parts.push_back(std::move(part));
    }
    const std::vector<std::int64_t>& target_w = prepared.problem.target_w;
    const Random random(seed);
    std::int64_t covered = 0;
    std::vector<double> relief_w(slots);
    for (std::int64_t draw = 0; draw < draws; ++draw) {
        std::fill(relief_w.begin(), relief_w.end(), 0.0);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (random.uniform(i, static_cast<std::uint64_t>(draw)) < parts[i].reliability) {
                for (std::size_t t = 0; t < slots; ++t) {
                    relief_w[t] += parts[i].relief_w[t];
                }
            }
        }
        bool is_enough = true;
        for (std::size_t t = 0; t < slots && is_enough; ++t) {
            is_enough = target_w[t] <= 0 || relief_w[t] >= static_cast<double>(target_w[t]) - 1.0;
        }
        covered += is_enough ? 1 : 0;
    }
    return static_cast<double>(covered) / static_cast<double>(std::max<std::int64_t>(1, draws));
}

}  // namespace headroom::flex
