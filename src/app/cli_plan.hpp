#pragma once

#include "app/cli_parts.hpp"

namespace headroom::app {

/// `headroom plan`, `headroom diff` and `headroom rules`.
void add_plan(CLI::App& app, Action& action);
/// `list`, `show`, `approve` and `reject`, below `plan`.
void add_plan_desk(CLI::App& plan, Action& action);
/// `headroom explain plan`, below the group `explain`.
void add_explain_plan(CLI::App& explain, Action& action);

}  // namespace headroom::app
