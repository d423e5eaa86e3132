#pragma once

#include "core/result.hpp"
#include "core/settings_services.hpp"
#include "flex/rules.hpp"

#include <memory>

namespace headroom::app {

/// The operator's rules as the settings name them; nothing when they name none. Errors: of the file, and of
/// rules that cannot be or contradict each other.
[[nodiscard]] Result<std::shared_ptr<const flex::RuleBook>> operator_rules(const RulesSettings& settings);

}  // namespace headroom::app
