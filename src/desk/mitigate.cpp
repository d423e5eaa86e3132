// POST /agent/mitigate: the market is asked at each asset, and what it offers planned under the operator's
// rules.
#include "agents/copilot.hpp"
#include "agents/direct_purchase.hpp"
#include "core/gather.hpp"
#include "core/json_object.hpp"
#include "desk/amounts.hpp"
#include "desk/mitigation.hpp"
#include "flex/event_plan.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t risk_half_hours = 2;
/// Assets at which the market is asked; of the others only what is usual is recommended.
constexpr std::size_t asked_max = 40;

int rank_of(std::string_view level) {
    return level == "CRITICAL" ? 0 : level == "HIGH" ? 1 : level == "MEDIUM" ? 2 : 3;
}

Awaitable<Result<agents::SearchResult>> offers_at(agents::Market& market, risk::Overload wanted) {
    co_return co_await market.search(std::move(wanted));
}

/// The need as the market is asked for it.
risk::Overload overload_at(const RiskAtAsset& risk, UtcTime now, const std::string& round) {
    risk::Overload out;
    const UtcTime from = floor_period(risk.at.value_or(now));
    const std::int64_t need = relief_needed(risk).value;
    out.event = agents::direct_purchase_id("mitigate/" + risk.asset + "/" + round, from);
    out.feeder = risk.asset;
    out.limit.asset = risk.asset;
    out.limit.value = static_cast<double>(risk.capacity.value) / 1e3;
    out.limit.source = "scenario";
    out.cause = risk::Cause::person;
    out.detected_at = now;
    out.start = from;
    out.end = from + period_length * static_cast<std::int64_t>(risk_half_hours);
    out.peak_over = Watts{need};
    out.need = {from, std::vector<std::int64_t>(risk_half_hours, need)};
    out.source = "scenario";
    return out;
}

/// Power of DERs that the plans of earlier assets use, by DER and half-hour: nothing is counted twice.
class Taken {
  public:
    void add(const flex::FlexPlan& plan) {
        for (const flex::PlanLine& line : plan.lines) {
            for (std::size_t slot = 0; slot < line.power_w.values.size(); ++slot) {
                power_w_[{line.offer.der, line.power_w.time_of(slot)}] += line.power_w.values[slot];
            }
        }
    }
    void reserve(flex::PlanInput& input) const {
        const risk::PeriodPower& need = input.overload.need;
        for (std::size_t i = 0; i < input.offers.size(); ++i) {
            for (std::size_t slot = 0; slot < need.w.size(); ++slot) {
                const UtcTime at = need.start + period_length * static_cast<std::int64_t>(slot);
                const auto found = power_w_.find({input.offers[i].der, at});
                input.reserved_w[i][slot] += found == power_w_.end() ? 0 : found->second;
            }
        }
    }

  private:
    std::map<std::pair<std::string, UtcTime>, std::int64_t> power_w_;
};

/// Under the operator's rules, as events are planned; what the plans of earlier assets would cost and whom
/// they would ask counts too. The load is the scenario's, not that of the asset's meter.
flex::EventPlanInput judged_for(const Parts& parts, const flex::PlanInput& input,
                                const std::deque<flex::FlexPlan>& planned) {
    std::vector<const flex::FlexPlan*> beside;
    for (const flex::FlexPlan& plan : planned) {
        beside.push_back(&plan);
    }
    flex::EventPlanInput judged = parts.orchestration.judged(input, beside);
    judged.facts.limit.reset();
    return judged;
}

/// Every rule that was invoked, and the offers that are not asked.
void add_notes(const RiskAtAsset& risk, const flex::PlanNotes& notes, json::Array& rules,
               json::Array& refused) {
    for (const flex::RuleUse& use : notes.rules) {
        rules.emplace_back(json::object({{"asset_id", risk.asset},
                                         {"rule", use.rule},
                                         {"der_id", use.der_id},
                                         {"is_refused", use.is_refused},
                                         {"detail", use.detail}}));
    }
    for (const flex::EventRefusal& refusal : notes.refused) {
        refused.emplace_back(json::object({{"asset_id", risk.asset},
                                           {"provider", refusal.provider},
                                           {"der_id", refusal.der_id},
                                           {"reason", refusal.reason}}));
    }
}

/// What the model was asked, and why its plan counts or does not.
json::Object considered_json(const RiskAtAsset& risk, const agents::Considered& considered) {
    json::Array violations(considered.violations.begin(), considered.violations.end());
    return json::object({{"asset_id", risk.asset},
                         {"planner", considered.planner},
                         {"reason", copilot::to_string(considered.reason)},
                         {"summary", considered.summary},
                         {"violations", std::move(violations)},
                         {"model", considered.model},
                         {"latency_ms", considered.latency_ms}});
}

std::string summary_of(const std::string& scenario, std::size_t risks, std::size_t to_relieve,
                       const Mitigation& sum, std::size_t actions) {
    std::string text = scenario.empty() ? std::string("The scenario") : scenario;
    if (to_relieve == 0) {
        return text + ": none of " + std::to_string(risks) +
               " risks needs relief; every asset stays below 95 % of its capacity.";
    }
    text += ": " + std::to_string(to_relieve) + " of " + std::to_string(risks) +
            " assets must be relieved by " + in_kw(sum.required) + " in all. " + std::to_string(actions) +
            " actions; " + in_kw(sum.expected) + " of relief is offered for " + in_pounds(sum.cost) + ".";
    if (sum.expected < sum.required) {
        text += " " + in_kw(sum.required - sum.expected) + " are covered by no offer.";
    }
    return text;
}

}  // namespace

Awaitable<json::Object> mitigate(const Parts& parts, std::vector<RiskAtAsset> risks, std::string scenario) {
    std::stable_sort(risks.begin(), risks.end(), [](const RiskAtAsset& a, const RiskAtAsset& b) {
        return rank_of(a.level) < rank_of(b.level);
    });
    const std::size_t risks_given = risks.size();
    std::erase_if(risks, [](const RiskAtAsset& risk) { return relief_needed(risk).value <= 0; });
    const UtcTime now = parts.clock.now();
    const std::string round = format_utc(parts.wall.now());
    std::vector<flex::PlanInput> inputs;
    std::vector<Awaitable<Result<agents::SearchResult>>> searches;
    for (std::size_t i = 0; i < risks.size(); ++i) {
        flex::PlanInput input;
        input.overload = overload_at(risks[i], now, round);
        input.rules = parts.orchestration.options().rules;
        input.now = std::min(now, input.overload.start);
        if (i < asked_max) {
            searches.push_back(offers_at(parts.market, input.overload));
        }
        inputs.push_back(std::move(input));
    }
    std::vector<Result<agents::SearchResult>> found = co_await gather(std::move(searches));
    bool may_propose = parts.copilot != nullptr && parts.copilot->is_enabled();
    std::string planner = "optimiser";
    json::Object proposal = json::object({{"planner", planner}, {"reason", "llm_disabled"}});
    Mitigation sum;
    Taken taken;
    std::deque<flex::FlexPlan> planned;
    json::Array rules;
    json::Array refused;
    std::size_t unasked = 0;
    for (std::size_t i = 0; i < risks.size(); ++i) {
        unasked += i < found.size() ? 0U : 1U;
        if (i < found.size() && found[i]) {
            inputs[i].offers = std::move(found[i]->offers);
        }
        inputs[i].reserved_w = co_await agents::reserved_of(parts.journal, inputs[i].offers,
                                                            inputs[i].overload.need, parts.clock.now());
        taken.reserve(inputs[i]);
        const flex::EventPlanInput judged = judged_for(parts, inputs[i], planned);
        Result<flex::EventPlan> made = flex::make_event_plan(judged);
        Result<flex::FlexPlan> plan = made ? Result<flex::FlexPlan>(std::move(made->plan)) : made.error();
        if (made) {
            add_notes(risks[i], made->notes, rules, refused);
        }
        if (plan && may_propose && !plan->lines.empty()) {
            may_propose = false;  // one turn of the model for an answer, about the worst asset
            agents::Considered considered = co_await parts.copilot->consider(judged, *plan, {});
            planner = considered.planner;
            proposal = considered_json(risks[i], considered);
            plan = std::move(considered.plan);
        }
        if (plan) {
            taken.add(*plan);
            planned.push_back(*plan);
        }
        Mitigation one = mitigate_one(risks[i], inputs[i], plan);
        sum.required += one.required;
        sum.expected += one.expected;
        sum.cost += one.cost;
        std::move(one.actions.begin(), one.actions.end(), std::back_inserter(sum.actions));
        std::move(one.alternatives.begin(), one.alternatives.end(), std::back_inserter(sum.alternatives));
    }
    json::Object out = json::object(
        {{"summary_text", summary_of(scenario, risks_given, risks.size(), sum, sum.actions.size())},
         {"planner", planner},
         {"required_kw", kw_of(sum.required)},
         {"expected_relief_kw", kw_of(sum.expected)},
         {"cost_gbp", gbp_of(sum.cost.value)},
         {"assets_not_asked_for", static_cast<std::int64_t>(unasked)}});
    out.set("copilot", std::move(proposal));
    out.set("mitigation_actions", std::move(sum.actions));
    out.set("alternatives", std::move(sum.alternatives));
    out.set("rule_set", parts.rules == nullptr ? "" : parts.rules->name());
    out.set("rules", std::move(rules));
    out.set("refused", std::move(refused));
    co_return out;
}

}  // namespace headroom::desk
