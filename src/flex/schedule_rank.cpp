// In which turn a unit is asked, and what it counts as dearer than it is.
#include "flex/carbon.hpp"
#include "flex/schedule_plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace headroom::flex {
namespace {

/// Takes the units out for which `is_out` holds.
void keep_units(PreparedPlan& prepared, const std::vector<bool>& is_out) {
    std::vector<ScheduleUnit> units;
    std::vector<std::size_t> ders;
    for (std::size_t unit = 0; unit < is_out.size(); ++unit) {
        if (!is_out[unit]) {
            units.push_back(prepared.problem.units[unit]);
            ders.push_back(prepared.der_of_unit[unit]);
        }
    }
    prepared.problem.units = std::move(units);
    prepared.der_of_unit = std::move(ders);
}

}  // namespace

TimeToLimit time_to_limit(const PlanRequest& request) {
    const bool is_over = request.minutes_to_limit && *request.minutes_to_limit <= 0.0;
    const double until_end =
        std::chrono::duration<double, std::ratio<60>>(
            request.need.start - *request.now +
            minutes{request.need.step_minutes} * static_cast<std::int64_t>(request.need.required_kw.size()))
            .count();
    return {.minutes = is_over ? std::optional(until_end) : request.minutes_to_limit, .is_over = is_over};
}

void rank_units(const PlanRequest& request, const RuleBook* rules, const RuleFacts& facts,
                PreparedPlan& prepared) {
    const std::vector<LadderRung> ladder = ladder_of(rules);
    const bool is_armed = request.product == "armed";
    const TimeToLimit time = time_to_limit(request);
    std::map<std::string_view, std::string> refused_means;
    for (const std::string_view means : {"armed", "spot", "curtailable", "mobile_generation"}) {
        refused_means.emplace(means, not_to_be_bought(ladder, means, time));
    }
    std::vector<bool> is_out(prepared.problem.units.size(), false);
    std::vector<std::pair<std::size_t, std::int64_t>> key;
    std::vector<std::int64_t> weight;
    for (std::size_t unit = 0; unit < is_out.size(); ++unit) {
        const PlanDer& der = request.ders[prepared.der_of_unit[unit]];
        const std::string_view means = means_for(ladder, der.der_id, der.kind, is_armed);
        if (const std::string& why = refused_means.at(means); !why.empty()) {
            is_out[unit] = true;
            prepared.refused.push_back({der.der_id, why});
            continue;
        }
        const std::int64_t rank = rules == nullptr ? 0 : preference_of(*rules, request.need, facts, der).rank;
        key.emplace_back(place_of(ladder, means), rank);
        const double carbon_price = request.carbon_gbp_per_tonne > 0.0 ? request.carbon_gbp_per_tonne
                                    : rules == nullptr                 ? 0.0
                                                                       : rules->carbon_gbp_per_tonne;
        const double rotation = rules == nullptr ? 0.0 : rotation_of(*rules, request.need, facts, der) * 1e6;
        // A gram at a pound a tonne is a millionth of a pound.
        const double grams = der.carbon_g_per_kwh.value_or(unknown_carbon_g_per_kwh);
        weight.push_back(std::llround(std::min(9e8, grams * carbon_price + rotation)));
    }
    keep_units(prepared, is_out);
    std::vector<std::pair<std::size_t, std::int64_t>> turns = key;
    std::sort(turns.begin(), turns.end());
    turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
    prepared.turns = std::max(1, static_cast<int>(turns.size()));
    if (prepared.turns > 1) {
        for (const auto& each : key) {
            prepared.turn_of_unit.push_back(
                static_cast<int>(std::lower_bound(turns.begin(), turns.end(), each) - turns.begin()));
        }
    }
    if (std::any_of(weight.begin(), weight.end(), [](std::int64_t each) { return each > 0; })) {
        prepared.weight_of_unit = std::move(weight);
    }
}

}  // namespace headroom::flex
