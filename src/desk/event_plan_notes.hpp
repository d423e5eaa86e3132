#pragma once

#include "core/json.hpp"
#include "desk/plan_detail_answers.hpp"

#include <optional>
#include <string>

namespace headroom::desk {

/// What stands beside the plan in its entry's body where it was made under the operator's rules: rungs,
/// rules, reserves, and the probability that was asked for where it is not reached.
void add_notes(const json::Value& body, PlanDetailAnswer& out);

/// Of the way that was chosen; the alternatives were reckoned as ways under the same name.
[[nodiscard]] std::optional<double> carbon_kg_of(const json::Value& body, const std::string& chosen);

}  // namespace headroom::desk
