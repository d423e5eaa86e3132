#pragma once

#include "app/cli_parts.hpp"

namespace headroom::app {

/// `headroom plan` and `headroom diff`.
void add_plan(CLI::App& app, Action& action);
/// `headroom explain plan`, below the group `explain`.
void add_explain_plan(CLI::App& explain, Action& action);

}  // namespace headroom::app
