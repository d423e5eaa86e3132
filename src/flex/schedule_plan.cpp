#include "flex/schedule_plan.hpp"

#include "core/units.hpp"
#include "flex/plan_breadth.hpp"
#include "flex/schedule_choose.hpp"
#include "flex/schedule_digest.hpp"
#include "flex/schedule_physics.hpp"
#include "flex/schedule_words.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace headroom::flex {
namespace {

constexpr std::size_t cells_for_others = 40'000;  // of a problem for which more of them are looked for

/// The same offers with other prices: what they cost in `weigh`'s eyes on top.
template <class Weigh>
PreparedPlan reweighed(const PlanRequest& request, const PreparedPlan& prepared, Weigh weigh) {
    PreparedPlan out = prepared;
    std::int64_t most = 0;
    for (std::size_t unit = 0; unit < out.problem.units.size(); ++unit) {
        const std::int64_t more = weigh(request.ders[out.der_of_unit[unit]]);
        out.problem.units[unit].price += more;
        most =
            std::max(most, more * whole_ppm / std::max<std::int64_t>(1, out.problem.units[unit].relief_ppm));
    }
    // What was worth covering stays worth covering.
    out.problem.shortfall_price = std::min<std::int64_t>(out.problem.shortfall_price + most, 900'000'000);
    return out;
}

class PlanWriter {
  public:
    PlanWriter(const PlanRequest& request, const PreparedPlan& prepared, const Chosen& chosen,
               const RuleBook* rules)
        : request_(request), prepared_(prepared), chosen_(chosen), ladder_(ladder_of(rules)) {
        if (request.limit) {
            doing_nothing_ =
                judge_doing_nothing(*request.limit, static_cast<double>(request.need.step_minutes));
        }
        // Reckoned against the need itself, without the margin.
        schedule_ = chosen.solution.schedule;
        if (takes_nothing(ladder_, doing_nothing_)) {
            std::fill(schedule_.power_w.begin(), schedule_.power_w.end(), 0);
        }
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
        plan.carbon_kg = carbon_kg(actions(request_, prepared_, schedule_));
        plan.refused = prepared_.refused;
        std::sort(plan.refused.begin(), plan.refused.end(),
                  [](const PlanRefusal& a, const PlanRefusal& b) { return a.der_id < b.der_id; });
        plan.work_units = found.work_units;
        const double hours = std::chrono::duration<double, std::ratio<3600>>(prepared_.problem.step).count();
        for (const double price : found.price) {
            plan.price_gbp_per_kwh.push_back(price / 1e3 / hours);
        }
        plan.actions = actions(request_, prepared_, schedule_);
        for (PlanAction& action : plan.actions) {
            action.means = std::string(means_for(ladder_, action.der_id, action.kind, is_armed()));
        }
        plan_recharge(request_, prepared_, schedule_, plan.actions);
        plan.primacy = prepared_.primacy;
        plan.doing_nothing = doing_nothing_;
        plan.ladder = ladder(plan);
        plan.alternatives = alternatives();
        plan.binding = binding_limits(request_, prepared_, schedule_, found.price);
        plan.would_help = what_would_help(request_, prepared_, schedule_);
        plan.reserve = reserve_list(request_, prepared_, schedule_);
        return plan;
    }

  private:
    [[nodiscard]] bool is_armed() const { return request_.product == "armed"; }

    [[nodiscard]] std::vector<LadderStep> ladder(const SchedulePlan& plan) const {
        LadderFacts facts{.time = time_to_limit(request_),
                          .nothing = doing_nothing_,
                          .switching = request_.switching,
                          .is_armed = is_armed()};
        std::map<std::string_view, BoughtBy> bought;
        const auto of = [&](const std::string& der, const std::string& kind) -> BoughtBy& {
            const std::string_view means = means_for(ladder_, der, kind, is_armed());
            BoughtBy& by = bought[means];
            by.means = std::string(means);
            return by;
        };
        for (const PlanDer& der : request_.ders) {
            ++of(der.der_id, der.kind).offered;
        }
        for (const PlanAction& action : plan.actions) {
            BoughtBy& by = of(action.der_id, action.kind);
            by.peak_kw += *std::max_element(action.kw.begin(), action.kw.end());
            by.gbp += action.cost_gbp;
            ++by.ders;
        }
        for (auto& [means, by] : bought) {
            facts.bought.push_back(by);
        }
        for (const double kw : request_.need.required_kw) {
            facts.need_kw = std::max(facts.need_kw, kw);
        }
        for (const double kw : plan.shortfall_kw) {
            facts.left_kw = std::max(facts.left_kw, kw);
        }
        return climb(ladder_, facts);
    }

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
    /// Nothing when one of them does not say.
    [[nodiscard]] static std::optional<double> carbon_kg(const std::vector<PlanAction>& actions) {
        double sum = 0.0;
        for (const PlanAction& action : actions) {
            if (!action.carbon_kg) {
                return std::nullopt;
            }
            sum += *action.carbon_kg;
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
        const std::vector<PlanAction> asked = actions(request_, prepared_, schedule);
        out.carbon_kg = carbon_kg(asked);
        for (const PlanAction& action : asked) {
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
            dirtiest = std::max(dirtiest, der.carbon_g_per_kwh.value_or(0.0));
        }
        // Weights under which the other aim decides and the price only between equals.
        const PreparedPlan sure = reweighed(request_, prepared_, [dearest](const PlanDer& der) {
            return std::llround((1.0 - der.reliability) * (20.0 * dearest + 0.1) * 1e6);
        });
        const PreparedPlan clean = reweighed(request_, prepared_, [dearest, dirtiest](const PlanDer& der) {
            return std::llround(der.carbon_g_per_kwh.value_or(dirtiest) / dirtiest * (20.0 * dearest + 0.1) *
                                1e6);
        });
        const double surer = std::clamp(request_.probability.value_or(0.5) + 0.05, 0.99, 0.995);
        std::vector<PlanChoice> out{choice("do_nothing", nothing)};
        if (doing_nothing_) {
            out.front().probability_over = doing_nothing_->probability;
            out.front().loss_of_life_gbp = doing_nothing_->loss_of_life_gbp;
            out.front().detail = doing_nothing_->detail;
        }
        if (const std::optional<PlanChoice> moved = switching(nothing)) {
            out.push_back(*moved);
        }
        std::vector<Schedule> bought{schedule_};
        const auto add = [&](const std::string& name, Schedule schedule) {
            bought.push_back(schedule);
            out.push_back(choice(name, std::move(schedule)));
        };
        out.push_back(choice("cheapest", schedule_));
        add("most_certain", other_way(request_, sure, surer));
        add("lowest_carbon", other_way(request_, clean, request_.probability));
        for (std::size_t turn = 0; turn < purchases_least && distinct(bought) < purchases_least; ++turn) {
            const std::optional<std::size_t> unit = largest_unit(bought, turn);
            if (!unit) {
                break;
            }
            PreparedPlan without = prepared_;
            without.problem.units[*unit].slots = 0;
            const std::string& id = request_.ders[prepared_.der_of_unit[*unit]].der_id;
            add("without_" + id, other_way(request_, without, request_.probability));
        }
        out.push_back(choice("greedy_by_price", chosen_.solution.first));
        return out;
    }

    /// What the best switching option would come to by itself.
    std::optional<PlanChoice> switching(const Schedule& nothing) {
        const PlanSwitching* best = nullptr;
        for (const PlanSwitching& option : request_.switching) {
            const std::optional<double> time = time_to_limit(request_).minutes;
            const bool is_in_time = !time || option.minutes <= *time;
            if (option.refused.empty() && is_in_time &&
                (best == nullptr || option.relief_kw > best->relief_kw)) {
                best = &option;
            }
        }
        if (best == nullptr) {
            return std::nullopt;
        }
        PlanChoice out = choice("switch", nothing);
        const double hours = static_cast<double>(request_.need.step_minutes) / 60.0;
        out.shortfall_kwh = 0.0;
        for (const double kw : request_.need.required_kw) {
            out.shortfall_kwh += std::max(0.0, kw - best->relief_kw) * hours;
        }
        out.cost_gbp = out.shortfall_kwh * request_.shortfall_gbp_per_kwh;
        out.certainty = out.shortfall_kwh <= 0.0 ? 1.0 : 0.0;
        out.detail = best->id + (best->detail.empty() ? "" : ": " + best->detail) +
                     "; done by a person, not counted on by the plan";
        return out;
    }

    static std::size_t distinct(const std::vector<Schedule>& schedules) {
        std::vector<const std::vector<std::int32_t>*> seen;
        for (const Schedule& schedule : schedules) {
            const bool is_empty = std::all_of(schedule.power_w.begin(), schedule.power_w.end(),
                                              [](std::int32_t power) { return power == 0; });
            const bool is_known = std::any_of(seen.begin(), seen.end(),
                                              [&](const auto* other) { return *other == schedule.power_w; });
            if (!is_empty && !is_known) {
                seen.push_back(&schedule.power_w);
            }
        }
        return seen.size();
    }

    /// The unit that gives the most relief in the plan, the next one with each turn; nothing when there are
    /// not so many, or too many to look for another plan.
    [[nodiscard]] std::optional<std::size_t> largest_unit(const std::vector<Schedule>& bought,
                                                          std::size_t turn) const {
        const ScheduleProblem& problem = prepared_.problem;
        if (problem.units.size() * problem.slots() > cells_for_others) {
            return std::nullopt;
        }
        std::vector<std::pair<std::int64_t, std::size_t>> uses;
        for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
            std::int64_t sum = 0;
            for (std::size_t t = 0; t < problem.slots(); ++t) {
                sum += bought.front().power_w[unit * problem.slots() + t];
            }
            if (sum > 0) {
                uses.emplace_back(-sum * problem.units[unit].relief_ppm / whole_ppm, unit);
            }
        }
        std::sort(uses.begin(), uses.end());
        return turn < uses.size() ? std::optional(uses[turn].second) : std::nullopt;
    }

    const PlanRequest& request_;
    const PreparedPlan& prepared_;
    const Chosen& chosen_;
    std::vector<LadderRung> ladder_;
    std::optional<DoingNothing> doing_nothing_;
    Schedule schedule_;
};

}  // namespace

Result<SchedulePlan> make_schedule_plan(const PlanRequest& request, const Stopwatch& stopwatch,
                                        const RuleBook* rules, const RuleFacts& facts) {
    if (!request.now) {
        return Error{Errc::invalid, "a plan needs to know from when notice counts", "/now"};
    }
    const auto elapsed = [&stopwatch, begin = stopwatch ? stopwatch() : 0.0] {
        return stopwatch ? stopwatch() - begin : 0.0;
    };
    double first_ms = 0.0;
    PlanRequest allowed = request;
    RuleFacts known = facts;
    if (known.zones.empty()) {
        known.zones = request.need.zones;
    }
    std::vector<RuleUse> uses;
    std::optional<BudgetLeft> budget;
    if (rules != nullptr) {
        for (PlanDer& der : allowed.ders) {
            der.carbon_g_per_kwh = der.carbon_g_per_kwh ? der.carbon_g_per_kwh : carbon_of(*rules, der.kind);
        }
        uses = apply_rules(*rules, allowed, known);
        budget = budget_left(*rules, request.need, known);
        const std::optional<WantedProbability> wanted = probability_wanted(*rules, request.need, known);
        if (!request.probability && wanted && wanted->is_said) {
            allowed.probability = wanted->share;
            uses.push_back({wanted->rule, "", false, "it says with which probability the need is covered"});
        }
    }
    fold_physics(allowed);
    PreparedPlan prepared = prepare_plan(allowed, rules);
    for (const RuleUse& use : uses) {
        if (use.is_refused) {
            prepared.refused.push_back({use.der_id, "rule " + use.rule + ": " + use.detail});
        }
    }
    rank_units(allowed, rules, known, prepared);
    const Result<Chosen> chosen =
        choose_plan(allowed, prepared, budget ? std::optional(budget->micro_gbp) : std::nullopt,
                    [&](const Schedule&) { first_ms = elapsed(); });
    if (!chosen) {
        return chosen.error();
    }
    const double elapsed_ms = elapsed();
    SchedulePlan plan = PlanWriter(allowed, prepared, *chosen, rules).write();
    plan.rules = std::move(uses);
    plan.rule_set = rules == nullptr ? "" : rules->name();
    if (budget) {
        plan.budget = budget->detail;
        plan.rules.push_back({budget->rule, "", false, budget->detail});
    }
    if (rules != nullptr) {
        if (std::optional<RuleUse> person =
                needs_person(*rules, request.need, known, std::llround(plan.purchase_gbp * 1e6))) {
            plan.needs_person = true;
            plan.rules.push_back(std::move(*person));
        }
    }
    plan.sha256 = schedule_digest(request, plan);
    plan.plan_id = "P-" + plan.sha256.substr(0, 16);
    plan.first_feasible_ms = first_ms;
    plan.elapsed_ms = elapsed_ms;
    return plan;
}

}  // namespace headroom::flex
