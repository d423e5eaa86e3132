#include "desk/mitigation.hpp"

#include "core/json_object.hpp"
#include "core/units.hpp"
#include "desk/amounts.hpp"
#include "desk/purchases.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

std::int64_t least_loading_ppm(std::string_view level) {
    return level == "CRITICAL" ? 1'200'000 : level == "HIGH" ? 1'050'000 : level == "MEDIUM" ? 950'000 : 0;
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
        share.expected += Watts{multiply_divide_half_even(peak, line.offer.reliability_ppm, whole_ppm)};
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

}  // namespace

std::string in_kw(Watts power) {
    return std::to_string((power.value + 500) / 1'000) + " kW";
}

std::string in_pounds(MicroPounds amount) {
    return "£" + gbp_text_of_pence(divide_half_even(amount.value, 10'000));
}

Watts relief_needed(const RiskAtAsset& risk) {
    if (risk.capacity.value <= 0) {
        return Watts{0};
    }
    const std::int64_t peak =
        risk.peak ? risk.peak->value
                  : multiply_divide_half_even(risk.capacity.value, least_loading_ppm(risk.level), whole_ppm);
    const std::int64_t target = multiply_divide_half_even(risk.capacity.value, relieved_ppm, whole_ppm);
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

}  // namespace headroom::desk
