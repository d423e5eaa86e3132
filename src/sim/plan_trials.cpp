#include "sim/plan_trials.hpp"

#include "core/random.hpp"
#include "flex/schedule_physics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

namespace headroom::sim {
namespace {

constexpr std::int64_t certainty_draws = 1'500;
constexpr double greedy_step = 0.01;
constexpr double greedy_most = 2.5;

double to_tenth(double value) {
    return std::round(value * 10.0) / 10.0;
}

flex::PlanDer der_of(const Random& random, std::uint64_t i) {
    static constexpr std::array<std::string_view, 5> kinds{"battery", "ev", "heat_pump", "process",
                                                           "generator"};
    flex::PlanDer der;
    der.der_id = "D" + std::to_string(1'000 + i);
    der.kind = std::string(kinds[random.below(kinds.size(), i, 0)]);
    der.max_kw = to_tenth(3.0 + 7.0 * random.uniform(i, 1));
    der.price_gbp_per_kwh = std::round(100.0 + 300.0 * random.uniform(i, 2)) / 1'000.0;
    der.reliability = std::round(85.0 + 14.0 * random.uniform(i, 3)) / 100.0;
    if (der.kind == "battery") {
        const double stored = to_tenth(der.max_kw * (0.8 + random.uniform(i, 4)));
        der.battery = flex::PlanBattery{.soc_kwh = stored, .reserve_kwh = 0.5, .capacity_kwh = stored + 4.0};
    } else if (der.kind == "ev") {
        der.max_kw = 7.4;
        der.ev =
            flex::PlanEv{.plugged_in_probability = std::round(75.0 + 24.0 * random.uniform(i, 5)) / 100.0,
                         .charging_kw = 7.4};
    } else if (der.kind == "heat_pump") {
        der.heat_pump = flex::PlanHeatPump{.mode = random.below(2, i, 6) == 0 ? "off" : "offset",
                                           .room_c = 20.0 + random.uniform(i, 7),
                                           .min_off_minutes = 30.0,
                                           .min_on_minutes = 30.0};
    } else if (der.kind == "process") {
        der.ramp_kw_per_minute = to_tenth(0.2 + 0.3 * random.uniform(i, 8));
        der.activation_gbp = to_tenth(0.5 * random.uniform(i, 9));
    } else {
        der.min_kw = to_tenth(der.max_kw / 2.0);
        der.carbon_g_per_kwh = 700.0;
        der.generator =
            flex::PlanGenerator{.start_probability = std::round(88.0 + 10.0 * random.uniform(i, 10)) / 100.0,
                                .fuel_litres = 20.0};
    }
    return der;
}

/// What greedy-by-price costs once it buys so much more that it is as certain; nothing when it never is.
std::optional<double> greedy_gbp(const flex::PlanRequest& request) {
    flex::PlanRequest folded = request;
    flex::fold_physics(folded);
    const flex::PreparedPlan prepared = flex::prepare_plan(folded);
    for (double factor = 1.0; factor < greedy_most; factor += greedy_step) {
        flex::ScheduleProblem more = prepared.problem;
        for (std::int64_t& target : more.target_w) {
            target = target == flex::schedule_unconstrained
                         ? target
                         : std::llround(static_cast<double>(target) * factor);
        }
        const flex::Schedule schedule = flex::schedule_by_price(more);
        if (flex::certainty_of(folded, prepared, schedule, certainty_draws, 99) >= *request.probability) {
            return static_cast<double>(schedule.cost.value) / 1e6;
        }
    }
    return std::nullopt;
}

}  // namespace

flex::PlanRequest trial_request(const PlanTrials& trials, std::int64_t number) {
    const std::uint64_t seed = trials.seed * 1'000'003 + static_cast<std::uint64_t>(number);
    const Random random(seed);
    flex::PlanRequest request;
    request.seed = static_cast<std::int64_t>(seed % 1'000'000'007);
    request.now = UtcTime{hours{490'000}};
    request.need.feeder_id = "F-" + std::to_string(number);
    request.need.start = *request.now + hours{2};
    request.shortfall_gbp_per_kwh = 20.0;
    request.probability = trials.probability;
    double fleet_kw = 0.0;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(trials.ders); ++i) {
        request.ders.push_back(der_of(random, i));
        fleet_kw += request.ders.back().max_kw;
    }
    for (std::uint64_t t = 0; t < 3; ++t) {
        request.need.required_kw.push_back(
            std::round(fleet_kw * (0.10 + 0.14 * random.uniform(1'000'000, t))));
    }
    return request;
}

bool is_prevented(const flex::PlanRequest& request, const flex::SchedulePlan& plan, std::uint64_t draw) {
    const Random random(987'654'321 + static_cast<std::uint64_t>(request.seed));
    std::map<std::string_view, const flex::PlanDer*> ders;
    for (const flex::PlanDer& der : request.ders) {
        ders.emplace(der.der_id, &der);
    }
    std::vector<double> relief_kw(request.need.required_kw.size(), 0.0);
    for (const flex::PlanAction& action : plan.actions) {
        const flex::PlanDer& der = *ders.at(action.der_id);
        const std::uint64_t key = Random::key(der.der_id);
        const bool is_there = !der.ev || random.uniform(key, draw, 1) < der.ev->plugged_in_probability;
        const bool starts = !der.generator || random.uniform(key, draw, 2) < der.generator->start_probability;
        if (!is_there || !starts || random.uniform(key, draw, 3) >= der.reliability) {
            continue;
        }
        for (std::size_t t = 0; t < relief_kw.size(); ++t) {
            relief_kw[t] += der.sensitivity * action.kw[t];
        }
    }
    for (std::size_t t = 0; t < relief_kw.size(); ++t) {
        if (relief_kw[t] < request.need.required_kw[t] - 0.01) {
            return false;
        }
    }
    return true;
}

Result<TrialOutcome> try_plans(const PlanTrials& trials) {
    TrialOutcome out;
    for (std::int64_t number = 0; number < trials.plans; ++number) {
        const flex::PlanRequest request = trial_request(trials, number);
        const Result<flex::SchedulePlan> plan = flex::make_schedule_plan(request);
        if (!plan) {
            return plan.error();
        }
        const std::optional<double> greedy = greedy_gbp(request);
        if (plan->status == "partial" || !greedy) {
            ++out.unplanned;
            continue;
        }
        for (std::int64_t draw = 0; draw < trials.deliveries; ++draw) {
            out.prevented += is_prevented(request, *plan, static_cast<std::uint64_t>(draw)) ? 1 : 0;
            ++out.events;
        }
        out.cost_gbp += plan->purchase_gbp;
        out.greedy_gbp += *greedy;
    }
    return out;
}

}  // namespace headroom::sim
