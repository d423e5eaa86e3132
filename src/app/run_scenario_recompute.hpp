#pragma once

#include <CLI/CLI.hpp>

#include "app/cli_parts.hpp"

namespace headroom::app {

/// `headroom scenario recompute RUN --data-dir DIR`: a run of the log made again from its stored input, and
/// held against what was found then. Works beside a running server and writes nothing. Exit: 0 the same, 1
/// another result or no such run, 2 usage, 65 when log or input are damaged.
void add_scenario_recompute(CLI::App& scenario, Action& action);

}  // namespace headroom::app
