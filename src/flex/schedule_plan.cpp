#include "flex/schedule_plan.hpp"

#include "core/digest.hpp"
#include "flex/schedule_words.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headroom::flex {
namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr int margin_rounds = 6;
constexpr std::int64_t draws_most = 4'000;
constexpr std::size_t cells_searched =
    40'000;  // up to so many the alternatives are searched, not only greedy

/// Draws that a plan of this size can afford.
std::int64_t draws_for(const ScheduleProblem& problem) {
    const auto cells = static_cast<std::int64_t>(problem.units.size() * problem.slots());
    return std::clamp<std::int64_t>(40'000'000 / std::max<std::int64_t>(1, cells), 400, draws_most);
}

/// The target of each slot raised by `margin` standard deviations of what `schedule` would deliver.
std::vector<std::int64_t> with_margin(const PlanRequest& request, const PreparedPlan& prepared,
                                      const Schedule& schedule, double margin) {
    const ScheduleProblem& problem = prepared.problem;
    const std::size_t slots = problem.slots();
    std::vector<double> variance(slots, 0.0);
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        const PlanDer& der = request.ders[prepared.der_of_unit[unit]];
        for (std::size_t t = 0; t < slots; ++t) {
            const double relief = der.sensitivity * schedule.power_w[unit * slots + t];
            variance[t] += relief * relief * der.reliability * (1.0 - der.reliability);
        }
    }
    std::vector<std::int64_t> target = problem.target_w;
    for (std::size_t t = 0; t < slots; ++t) {
        if (target[t] > 0) {
            target[t] += std::llround(margin * std::sqrt(variance[t]));
        }
    }
    return target;
}

struct Chosen {
    ScheduleSolution solution;
    ScheduleProblem problem;  // with the target that was solved for
    double certainty = 0.0;
};

/// Solves for a probability. The need is raised by so many standard deviations of the plan's own delivery
/// that drawn deliveries cover it as often as asked: the number is searched, since slots fail together and
/// DERs are lumps, so that no quantile is exact (docs/formats/plans.md).
Result<Chosen> solve_for(const PlanRequest& request, const PreparedPlan& prepared, double probability,
                         std::int64_t effort, const FirstPlan& on_first) {
    const std::int64_t draws = draws_for(prepared.problem);
    const auto seed = static_cast<std::uint64_t>(request.seed) + 1;
    ScheduleProblem problem = prepared.problem;
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = budget.bound_work / effort + 500;
    budget.improve_work /= effort;
    double low = -1.0;
    double high = 4.0;
    double margin = 1.3;
    std::optional<Chosen> best;
    std::optional<Chosen> nearest;
    std::int64_t work = 0;
    Result<ScheduleSolution> start = solve_schedule(problem, budget, on_first);
    if (!start) {
        return start.error();
    }
    Schedule shape = start->schedule;
    work += start->work_units;
    for (int round = 0; round < margin_rounds; ++round) {
        problem.target_w = with_margin(request, prepared, shape, margin);
        Result<ScheduleSolution> found = solve_schedule(problem, budget);
        if (!found) {
            return found.error();
        }
        work += found->work_units;
        shape = found->schedule;
        const double certainty = certainty_of(request, prepared, found->schedule, draws, seed);
        const bool is_enough = certainty >= probability - 0.004;
        if (!nearest || certainty > nearest->certainty) {
            nearest = Chosen{*found, problem, certainty};
        }
        if (is_enough && (!best || found->schedule.cost < best->solution.schedule.cost)) {
            best = Chosen{*found, problem, certainty};
        }
        (is_enough ? high : low) = margin;
        margin = 0.5 * (low + high);
    }
    Chosen out = best ? std::move(*best) : std::move(*nearest);
    out.solution.work_units = work;
    return out;
}

Result<Chosen> solve_once(const PlanRequest& request, const PreparedPlan& prepared,
                          const FirstPlan& on_first) {
    if (request.probability) {
        return solve_for(request, prepared, *request.probability, 4, on_first);
    }
    Result<ScheduleSolution> found =
        solve_schedule(prepared.problem, schedule_budget(prepared.problem), on_first);
    if (!found) {
        return found.error();
    }
    return Chosen{std::move(*found), prepared.problem, 0.0};
}

/// The same offers with other prices: what they cost in `weigh`'s eyes on top.
template <class Weigh>
PreparedPlan reweighed(const PlanRequest& request, const PreparedPlan& prepared, Weigh weigh) {
    PreparedPlan out = prepared;
    std::int64_t most = 0;
    for (std::size_t unit = 0; unit < out.problem.units.size(); ++unit) {
        const std::int64_t more = weigh(request.ders[out.der_of_unit[unit]]);
        out.problem.units[unit].price += more;
        most = std::max(most, more * ppm / std::max<std::int64_t>(1, out.problem.units[unit].relief_ppm));
    }
    // What was worth covering stays worth covering.
    out.problem.shortfall_price = std::min<std::int64_t>(out.problem.shortfall_price + most, 900'000'000);
    return out;
}

Schedule other_way(const PlanRequest& request, const PreparedPlan& weighed,
                   std::optional<double> probability) {
    const ScheduleProblem& problem = weighed.problem;
    if (problem.units.size() * problem.slots() > cells_searched) {
        return schedule_by_price(problem);
    }
    if (probability) {
        if (Result<Chosen> found = solve_for(request, weighed, *probability, 12, {})) {
            return std::move(found->solution.schedule);
        }
    }
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = budget.bound_work / 4 + 500;
    budget.improve_work /= 6;
    Result<ScheduleSolution> found = solve_schedule(problem, budget);
    return found ? std::move(found->schedule) : schedule_by_price(problem);
}

class PlanWriter {
  public:
    PlanWriter(const PlanRequest& request, const PreparedPlan& prepared, const Chosen& chosen)
        : request_(request), prepared_(prepared), chosen_(chosen) {
        // Reckoned against the need itself, without the margin.
        schedule_ = chosen.solution.schedule;
        evaluate(prepared.problem, schedule_);
    }

    SchedulePlan write() {
        SchedulePlan plan;
        const ScheduleSolution& found = chosen_.solution;
        plan.purchase_gbp = gbp(schedule_.cost);
        plan.cost_gbp = gbp(schedule_.objective());
        // With a margin the bound is that of the raised need; it holds for plans as certain as this one.
        plan.bound_gbp = std::min(found.bound / 1e6, plan.cost_gbp);
        plan.gap_percent = plan.cost_gbp > 0.0 ? 100.0 * (1.0 - plan.bound_gbp / plan.cost_gbp) : 0.0;
        plan.shortfall_kw = kilowatts(schedule_.shortfall_w);
        plan.status = std::string(to_string(status()));
        plan.certainty = certainty(schedule_);
        plan.carbon_kg = carbon_kg(schedule_);
        plan.refused = prepared_.refused;
        std::sort(plan.refused.begin(), plan.refused.end(),
                  [](const PlanRefusal& a, const PlanRefusal& b) { return a.der_id < b.der_id; });
        plan.work_units = found.work_units;
        const double hours = std::chrono::duration<double, std::ratio<3600>>(prepared_.problem.step).count();
        for (const double price : found.price) {
            plan.price_gbp_per_kwh.push_back(price / 1e3 / hours);
        }
        plan.actions = actions(request_, prepared_, schedule_);
        plan.alternatives = alternatives();
        plan.binding = binding_limits(request_, prepared_, schedule_, found.price);
        plan.would_help = what_would_help(request_, prepared_, schedule_);
        plan.reserve = reserve_list(request_, prepared_, schedule_);
        return plan;
    }

  private:
    [[nodiscard]] ScheduleStatus status() const {
        const bool is_short = std::any_of(schedule_.shortfall_w.begin(), schedule_.shortfall_w.end(),
                                          [](std::int64_t left) { return left > 0; });
        if (is_short) {
            return ScheduleStatus::partial;
        }
        // A margin that cannot be reached leaves a plan that covers the need, but less certainly.
        return chosen_.solution.status == ScheduleStatus::partial ? ScheduleStatus::feasible
                                                                  : chosen_.solution.status;
    }
    [[nodiscard]] double certainty(const Schedule& schedule) const {
        return certainty_of(request_, prepared_, schedule, draws_for(prepared_.problem),
                            static_cast<std::uint64_t>(request_.seed) + 2);
    }
    [[nodiscard]] double carbon_kg(const Schedule& schedule) const {
        double sum = 0.0;
        for (const PlanAction& action : actions(request_, prepared_, schedule)) {
            sum += action.carbon_kg;
        }
        return sum;
    }
    PlanChoice choice(const std::string& name, Schedule schedule) {
        evaluate(prepared_.problem, schedule);
        PlanChoice out{.name = name,
                       .cost_gbp = gbp(schedule.objective()),
                       .purchase_gbp = gbp(schedule.cost),
                       .certainty = certainty(schedule)};
        const double hours = std::chrono::duration<double, std::ratio<3600>>(prepared_.problem.step).count();
        for (const std::int64_t left : schedule.shortfall_w) {
            out.shortfall_kwh += static_cast<double>(left) / 1000.0 * hours;
        }
        for (const PlanAction& action : actions(request_, prepared_, schedule)) {
            out.carbon_kg += action.carbon_kg;
            out.der_ids.push_back(action.der_id);
        }
        return out;
    }
    std::vector<PlanChoice> alternatives() {
        Schedule nothing;
        nothing.power_w.assign(schedule_.power_w.size(), 0);
        double dearest = 0.0;
        double dirtiest = 1e-3;
        for (const PlanDer& der : request_.ders) {
            dearest = std::max(dearest, der.price_gbp_per_kwh);
            dirtiest = std::max(dirtiest, der.carbon_g_per_kwh);
        }
        // Weights under which the other aim decides and the price only between equals.
        const PreparedPlan sure = reweighed(request_, prepared_, [dearest](const PlanDer& der) {
            return std::llround((1.0 - der.reliability) * (20.0 * dearest + 0.1) * 1e6);
        });
        const PreparedPlan clean = reweighed(request_, prepared_, [dearest, dirtiest](const PlanDer& der) {
            return std::llround(der.carbon_g_per_kwh / dirtiest * (20.0 * dearest + 0.1) * 1e6);
        });
        const double surer = std::clamp(request_.probability.value_or(0.5) + 0.05, 0.99, 0.995);
        std::vector<PlanChoice> out{choice("do_nothing", nothing), choice("cheapest", schedule_),
                                    choice("most_certain", other_way(request_, sure, surer)),
                                    choice("lowest_carbon", other_way(request_, clean, request_.probability)),
                                    choice("greedy_by_price", chosen_.solution.first)};
        return out;
    }

    const PlanRequest& request_;
    const PreparedPlan& prepared_;
    const Chosen& chosen_;
    Schedule schedule_;
};

/// Over everything but the times.
std::string digest(const PlanRequest& request, SchedulePlan plan) {
    plan.plan_id.clear();
    plan.sha256.clear();
    plan.first_feasible_ms = plan.elapsed_ms = 0.0;
    return to_hex(sha256({json::write(to_json(request)), "\n", json::write(to_json(plan))}));
}

}  // namespace

Result<SchedulePlan> make_schedule_plan(const PlanRequest& request, const Stopwatch& stopwatch,
                                        const RuleBook* rules) {
    if (!request.now) {
        return Error{Errc::invalid, "a plan needs to know from when notice counts", "/now"};
    }
    const auto elapsed = [&stopwatch, begin = stopwatch ? stopwatch() : 0.0] {
        return stopwatch ? stopwatch() - begin : 0.0;
    };
    double first_ms = 0.0;
    PlanRequest allowed = request;
    const std::vector<RuleUse> uses =
        rules == nullptr ? std::vector<RuleUse>{} : apply_rules(*rules, allowed);
    PreparedPlan prepared = prepare_plan(allowed);
    for (const RuleUse& use : uses) {
        if (use.is_refused) {
            prepared.refused.push_back({use.der_id, "rule " + use.rule + ": " + use.detail});
        }
    }
    const Result<Chosen> chosen =
        solve_once(allowed, prepared, [&](const Schedule&) { first_ms = elapsed(); });
    if (!chosen) {
        return chosen.error();
    }
    const double elapsed_ms = elapsed();
    SchedulePlan plan = PlanWriter(allowed, prepared, *chosen).write();
    plan.rules = uses;
    plan.rule_set = rules == nullptr ? "" : rules->id + "@" + std::to_string(rules->version);
    plan.sha256 = digest(request, plan);
    plan.plan_id = "P-" + plan.sha256.substr(0, 16);
    plan.first_feasible_ms = first_ms;
    plan.elapsed_ms = elapsed_ms;
    return plan;
}

}  // namespace headroom::flex
