#include "desk/mitigation.hpp"

#include "agents/copilot.hpp"
#include "agents/direct_purchase.hpp"
#include "core/gather.hpp"
#include "core/json_object.hpp"
#include "desk/amounts.hpp"
#include "desk/purchases.hpp"
#include "flex/event_plan.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr std::size_t half_hours = 2;
/// Assets at which the market is asked; of the others only what is usual is recommended.
constexpr std::size_t asked_max = 40;

std::string in_kw(Watts power) {
    return std::to_string((power.value + 500) / 1'000) + " kW";
}

std::string in_pounds(MicroPounds amount) {
    const std::int64_t pence = divide_half_even(amount.value, 10'000);
    const std::string rest = std::to_string(pence % 100);
    return "£" + std::to_string(pence / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

std::int64_t least_loading_ppm(std::string_view level) {
    return level == "CRITICAL" ? 1'200'000 : level == "HIGH" ? 1'050'000 : level == "MEDIUM" ? 950'000 : 0;
}

int rank_of(std::string_view level) {
    return level == "CRITICAL" ? 0 : level == "HIGH" ? 1 : level == "MEDIUM" ? 2 : 3;
}

std::string loading_words(const RiskAtAsset& risk) {
    if (risk.capacity.value <= 0) {
        return "rated " + risk.level;
    }
    if (!risk.peak) {
        return "rated " + risk.level + ", at least " +
               std::to_string(least_loading_ppm(risk.level) / 10'000) + " % of " + in_kw(risk.capacity);
    }
    const std::int64_t percent =
        multiply_divide_half_even(risk.peak->value, 100, std::max<std::int64_t>(risk.capacity.value, 1));
    return "projected at " + std::to_string(percent) + " % of " + in_kw(risk.capacity);
}

/// Lines of one class together.
struct ClassShare {
    Watts power{};
    Watts expected{};
    WattHours energy{};
    MicroPounds cost{};
    milliseconds notice{};
    std::vector<std::string> providers;
};

std::map<std::string, ClassShare> by_action(const flex::FlexPlan& plan) {
    std::map<std::string, ClassShare> shares;
    for (const flex::PlanLine& line : plan.lines) {
        const std::string_view action = action_of_class(line.offer.der_class);
        if (action.empty()) {
            continue;
        }
        ClassShare& share = shares[std::string(action)];
        std::int64_t peak = 0;
        for (const std::int64_t w : line.power_w.values) {
            peak = std::max(peak, w);
        }
        share.power += Watts{peak};
        share.expected += Watts{multiply_divide_half_even(peak, line.offer.reliability_ppm, ppm)};
        share.energy += line.energy;
        share.cost += line.cost;
        share.notice = std::max(share.notice, line.offer.notice);
        if (std::find(share.providers.begin(), share.providers.end(), line.offer.provider) ==
            share.providers.end()) {
            share.providers.push_back(line.offer.provider);
        }
    }
    return shares;
}

json::Object action_for(const RiskAtAsset& risk, std::string_view type) {
    return json::object({{"asset_id", risk.asset},
                         {"action_type", type},
                         {"urgency", urgency_of(risk.level)},
                         {"target_time", risk.at ? json::Value(format_utc(*risk.at)) : json::Value()}});
}

json::Array names(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
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
    out.end = from + period_length * static_cast<std::int64_t>(half_hours);
    out.peak_over = Watts{need};
    out.need = {from, std::vector<std::int64_t>(half_hours, need)};
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

Watts relief_needed(const RiskAtAsset& risk) {
    if (risk.capacity.value <= 0) {
        return Watts{0};
    }
    const std::int64_t peak =
        risk.peak ? risk.peak->value
                  : multiply_divide_half_even(risk.capacity.value, least_loading_ppm(risk.level), ppm);
    const std::int64_t target = multiply_divide_half_even(risk.capacity.value, relieved_ppm, ppm);
    return Watts{std::max<std::int64_t>(0, peak - target)};
}

std::string_view urgency_of(std::string_view level) {
    return level == "CRITICAL" || level == "HIGH" ? "high" : level == "MEDIUM" ? "medium" : "low";
}

std::string_view usual_action(std::string_view asset_type) {
    if (asset_type == "ev_hub") {
        return "reduce_ev_load";
    }
    if (asset_type == "battery" || asset_type == "solar_farm") {
        return "dispatch_battery_discharge";
    }
    if (asset_type == "building" || asset_type == "heat_network" || asset_type == "data_centre") {
        return "shift_hvac_load";
    }
    return "deploy_mobile_generator";
}

Mitigation mitigate_one(const RiskAtAsset& risk, const flex::PlanInput& input,
                        const Result<flex::FlexPlan>& plan) {
    Mitigation out;
    out.required = relief_needed(risk);
    const std::string what = (risk.name.empty() ? risk.asset : risk.name) + " is " + loading_words(risk);
    if (plan) {
        for (auto& [type, share] : by_action(*plan)) {
            json::Object action = action_for(risk, type);
            std::string who;
            for (const std::string& provider : share.providers) {
                who += (who.empty() ? "" : ", ") + provider;
            }
            action.set("justification", what + ". " + in_kw(share.power) + " from " + who + " for " +
                                            in_pounds(share.cost) + ", " + in_kw(share.expected) +
                                            " by what they delivered before.");
            action.set("required_kw", kw_of(share.power));
            action.set("expected_relief_kw", kw_of(share.expected));
            action.set("energy_kwh", kwh_of(share.energy.value));
            action.set("cost_gbp", gbp_of(share.cost.value));
            action.set("providers", names(share.providers));
            action.set("notice_minutes",
                       static_cast<std::int64_t>(std::chrono::ceil<minutes>(share.notice).count()));
            action.set("plan_id", "mit-" + flex::plan_sha256(*plan).substr(0, 16));
            action.set("is_offered", true);
            out.actions.emplace_back(std::move(action));
            out.expected += share.expected;
            out.cost += share.cost;
        }
        for (const flex::Alternative& alternative : plan->alternatives) {
            out.alternatives.emplace_back(
                json::object({{"asset_id", risk.asset},
                              {"name", alternative.name},
                              {"cost_gbp", gbp_of(alternative.cost.value)},
                              {"shortfall_kw", kw_of(alternative.shortfall_peak)},
                              {"offers", static_cast<std::int64_t>(alternative.lines)},
                              {"note", alternative.note}}));
        }
    }
    const Watts left = plan ? plan->shortfall_peak : out.required;
    if (left.value > 0) {
        json::Object action = action_for(risk, usual_action(risk.type));
        action.set("justification",
                   what + ". " + in_kw(left) + " are covered by no offer" +
                       (input.offers.empty() ? " (nobody offers anything at this asset)" : "") +
                       "; this is what is usual at such an asset, and must be found outside of the market.");
        action.set("required_kw", kw_of(left));
        action.set("expected_relief_kw", json::Value());
        action.set("cost_gbp", json::Value());
        action.set("providers", json::Array{});
        action.set("plan_id", json::Value());
        action.set("is_offered", false);
        out.actions.emplace_back(std::move(action));
    }
    return out;
}

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
