#include "flex/schedule_physics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace headroom::flex {
namespace {

constexpr double kilovolts = 0.23;  // of a phase

double step_hours(const PlanRequest& request) {
    return static_cast<double>(request.need.step_minutes) / 60.0;
}

double hours_between(UtcTime from, UtcTime to) {
    return static_cast<double>((to - from).count()) / 3.6e6;
}

void at_most(std::optional<double>& value, double most) {
    value = std::max(0.0, std::min(value.value_or(most), most));
}

void fold_battery(PlanDer& der) {
    const PlanBattery& battery = *der.battery;
    at_most(der.energy_kwh, battery.soc_kwh - battery.reserve_kwh);
    der.max_kw = std::min(der.max_kw, battery.discharge_kw.value_or(der.max_kw));
}

/// What is not charged now must be charged in time: of the charger's time until then, what is needed leaves a
/// rest, and no more is given.
void fold_ev(const PlanRequest& request, PlanDer& der) {
    const PlanEv& ev = *der.ev;
    const double floor_kw = ev.floor_amps * kilovolts * static_cast<double>(ev.phases);
    der.max_kw = std::max(0.0, std::min(der.max_kw, ev.charging_kw - floor_kw));
    der.reliability *= ev.plugged_in_probability;
    if (!ev.needed_by) {
        return;
    }
    const double charger_kw = std::max(ev.charging_kw, ev.charger_kw.value_or(ev.charging_kw));
    at_most(der.energy_kwh,
            charger_kw * std::max(0.0, hours_between(request.need.start, *ev.needed_by)) - ev.needed_kwh);
    std::vector<PlanWindow> windows;
    const std::vector<PlanWindow> before =
        der.available.value_or(std::vector<PlanWindow>{{request.need.start, *ev.needed_by}});
    for (PlanWindow window : before) {
        window.to = std::min(window.to, *ev.needed_by);
        if (window.from < window.to) {
            windows.push_back(window);
        }
    }
    der.available = std::move(windows);
}

void fold_heat_pump(PlanDer& der) {
    const PlanHeatPump& pump = *der.heat_pump;
    at_most(der.max_duration_minutes, (pump.room_c - pump.floor_c) / pump.cooling_c_per_hour * 60.0);
    der.min_duration_minutes = std::max(der.min_duration_minutes, pump.min_off_minutes);
    der.min_rest_minutes = std::max(der.min_rest_minutes, pump.min_on_minutes);
    if (pump.warming_c_per_hour > 0.0) {
        // Between two times off the room is warmed up again from its floor.
        der.min_rest_minutes =
            std::max(der.min_rest_minutes, (pump.room_c - pump.floor_c) / pump.warming_c_per_hour * 60.0);
    }
    if (pump.mode == "off") {
        der.min_kw = der.max_kw;
    }
}

void fold_generator(PlanDer& der) {
    const PlanGenerator& generator = *der.generator;
    der.reliability *= generator.start_probability;
    der.notice_minutes += generator.travel_minutes;
    der.price_gbp_per_kwh += generator.fuel_gbp_per_litre / generator.kwh_per_litre;
    if (generator.fuel_litres) {
        at_most(der.energy_kwh, *generator.fuel_litres * generator.kwh_per_litre);
    }
}

std::size_t slots_of(const PlanRequest& request) {
    return request.need.required_kw.size();
}

std::size_t first_needed(const PlanRequest& request) {
    const auto found = std::find_if(request.need.required_kw.begin(), request.need.required_kw.end(),
                                    [](double kw) { return kw > 0.0; });
    return static_cast<std::size_t>(found - request.need.required_kw.begin());
}

/// How much it can use of what it takes before.
double room_before_kwh(const PlanDer& der) {
    double most = der.before->kwh_max;
    if (der.battery) {
        most = std::min(most, (der.battery->capacity_kwh - der.battery->soc_kwh) / der.battery->efficiency);
    }
    if (der.heat_pump) {
        const PlanHeatPump& pump = *der.heat_pump;
        const double warmer = std::max(0.0, pump.ceiling_c.value_or(pump.room_c) - pump.room_c);
        most = pump.warming_c_per_hour > 0.0
                   ? std::min(most, warmer / pump.warming_c_per_hour * der.before->kw)
                   : 0.0;
    }
    return std::max(0.0, most);
}

/// Batteries of the plan, and what of the feeder's headroom is left for them.
class Recharge {
  public:
    Recharge(const PlanRequest& request, const PreparedPlan& prepared, const Schedule& schedule)
        : request_(request), free_kw_(slots_of(request), 0.0) {
        if (request.need.headroom_kw.empty()) {
            return;  // without it no room is known, and nothing is charged
        }
        std::vector<std::int64_t> cover_uw(slots_of(request), 0);
        for (std::size_t unit = 0; unit < prepared.problem.units.size(); ++unit) {
            add_cover(prepared.problem, unit, &schedule.power_w[unit * slots_of(request)], 1, cover_uw);
        }
        for (std::size_t t = 0; t < free_kw_.size(); ++t) {
            const double load_kw = std::max(0.0, -static_cast<double>(cover_uw[t]) / 1e9);
            free_kw_[t] = request.need.required_kw[t] > 0.0
                              ? 0.0
                              : std::max(0.0, request.need.headroom_kw[t] - load_kw);
        }
    }

    void plan(const PlanDer& der, PlanAction& action) {
        const PlanBattery& battery = *der.battery;
        const double hours = step_hours(request_);
        std::size_t last = 0;
        double given = 0.0;
        double before = 0.0;
        for (std::size_t t = 0; t < slots_of(request_); ++t) {
            last = action.kw[t] > 0.0 ? t : last;
            given += action.kw[t] * hours;
            before += t < action.before_kw.size() ? action.before_kw[t] * hours : 0.0;
        }
        double left = std::max(0.0, given / battery.efficiency - before);
        const double most = std::min(battery.charge_kw, battery.site_import_kw.value_or(battery.charge_kw));
        std::vector<double> recharge(slots_of(request_), 0.0);
        for (std::size_t t = last + 1; t < slots_of(request_) && left > 1e-9; ++t) {
            if (battery.recharge_by && slot_start(request_, t + 1) > *battery.recharge_by) {
                break;
            }
            const double seen = std::max(1e-9, der.sensitivity);
            const double kw = std::min({most, free_kw_[t] / seen, left / hours});
            // Whole watts, rounded down: never more than there is room for.
            recharge[t] = std::floor(kw * 1000.0) / 1000.0;
            free_kw_[t] -= recharge[t] * seen;
            left -= recharge[t] * hours;
        }
        double soc = battery.soc_kwh;
        for (std::size_t t = 0; t < slots_of(request_); ++t) {
            const double in = recharge[t] + (t < action.before_kw.size() ? action.before_kw[t] : 0.0);
            soc += (in * battery.efficiency - action.kw[t]) * hours;
            action.soc_kwh.push_back(std::round(soc * 1e6) / 1e6);
        }
        action.recharge_left_kwh = std::round(std::max(0.0, left) * 1e3) / 1e3;
        action.recharge_kw = std::move(recharge);
    }

  private:
    const PlanRequest& request_;
    std::vector<double> free_kw_;
};

}  // namespace

void fold_physics(PlanRequest& request) {
    for (PlanDer& der : request.ders) {
        if (der.battery) {
            fold_battery(der);
        }
        if (der.ev) {
            fold_ev(request, der);
        }
        if (der.heat_pump) {
            fold_heat_pump(der);
        }
        if (der.generator) {
            fold_generator(der);
        }
        der.min_kw = std::min(der.min_kw, der.max_kw);
    }
}

std::vector<std::int64_t> free_power_w(const PlanRequest& request, const PlanDer& der, const RuleBook* rules,
                                       std::vector<PrimacyCheck>& checks) {
    if (der.commitments.empty()) {
        return {};
    }
    std::vector<double> free(slots_of(request), der.max_kw);
    for (const PlanCommitment& commitment : der.commitments) {
        PrimacyCheck check{.der_id = der.der_id, .service = commitment.service, .outcome = "passed"};
        const PrimacyRule* rule = nullptr;
        for (std::size_t i = 0; rules != nullptr && i < rules->primacy.size(); ++i) {
            rule = rules->primacy[i].service == commitment.service ? &rules->primacy[i] : rule;
        }
        const bool is_ours = rule != nullptr && rule->wins == "ours";
        const bool is_opposite = commitment.direction != request.need.direction;
        std::size_t touched = 0;
        for (std::size_t t = 0; t < free.size(); ++t) {
            if (commitment.from >= slot_start(request, t + 1) || commitment.to <= slot_start(request, t)) {
                continue;
            }
            ++touched;
            free[t] = is_ours ? free[t] : is_opposite ? 0.0 : std::max(0.0, free[t] - commitment.kw);
        }
        const std::string why = rule == nullptr ? "no primacy rule names it: it stands" : rule->reason;
        if (touched == 0) {
            check.detail = "it is not in the window of the need";
        } else if (is_ours) {
            check.outcome = "ours";
            check.detail = fmt::format("the need goes before it in {} slots: {}", touched, why);
        } else if (is_opposite) {
            check.outcome = "blocked";
            check.detail = fmt::format(
                "it wants the opposite direction in {} slots, which is for the operator "
                "to decide: {}",
                touched, why);
        } else {
            check.outcome = "reduced";
            check.detail =
                fmt::format("{:g} kW are promised to it in {} slots: {}", commitment.kw, touched, why);
        }
        checks.push_back(std::move(check));
    }
    std::vector<std::int64_t> out;
    for (const double kw : free) {
        out.push_back(static_cast<std::int64_t>(std::floor(kw * 1000.0 + 1e-6)));
    }
    return out;
}

TakenBefore taken_before(const PlanRequest& request, const PlanDer& der) {
    TakenBefore out;
    const std::size_t end = first_needed(request);
    if (!der.before || end == 0 || end >= slots_of(request) || request.need.headroom_kw.empty() ||
        request.need.direction != "turn_down") {
        return out;
    }
    const UtcTime ready = *request.now + milliseconds{std::llround(der.notice_minutes * 60'000.0)};
    const double hours = step_hours(request);
    double left = room_before_kwh(der);
    std::vector<std::int64_t> load(slots_of(request), 0);
    double taken = 0.0;
    for (std::size_t t = end; t-- > 0 && left > 1e-9;) {
        if (ready > slot_start(request, t)) {
            break;
        }
        double kw = std::min(
            {der.before->kw, left / hours, request.need.headroom_kw[t] / std::max(1e-9, der.sensitivity)});
        if (der.battery) {
            kw = std::min(
                {kw, der.battery->charge_kw, der.battery->site_import_kw.value_or(der.battery->charge_kw)});
        }
        load[t] = static_cast<std::int64_t>(std::floor(kw * 1000.0));
        const double kwh = static_cast<double>(load[t]) / 1000.0 * hours;
        left -= kwh;
        taken += kwh;
    }
    if (taken <= 1e-9) {
        return out;
    }
    out.load_w = std::move(load);
    out.cost = std::llround(taken * der.before->gbp_per_kwh * 1e6);
    out.first_free = end;
    out.energy_kwh = taken * (der.battery ? der.battery->efficiency : 1.0);
    if (der.heat_pump && der.before->kw > 0.0) {
        const PlanHeatPump& pump = *der.heat_pump;
        out.run_minutes = taken / der.before->kw * pump.warming_c_per_hour / pump.cooling_c_per_hour * 60.0;
    }
    return out;
}

void plan_recharge(const PlanRequest& request, const PreparedPlan& prepared, const Schedule& schedule,
                   std::vector<PlanAction>& actions) {
    std::map<std::string_view, const PlanDer*> batteries;
    for (const std::size_t number : prepared.der_of_unit) {
        if (request.ders[number].battery) {
            batteries.emplace(request.ders[number].der_id, &request.ders[number]);
        }
    }
    if (batteries.empty()) {
        return;
    }
    Recharge recharge(request, prepared, schedule);
    for (PlanAction& action : actions) {
        if (const auto found = batteries.find(action.der_id); found != batteries.end()) {
            recharge.plan(*found->second, action);
        }
    }
}

}  // namespace headroom::flex
