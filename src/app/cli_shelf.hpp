#pragma once

#include "app/cli_parts.hpp"

namespace headroom::app {

/// `headroom shelf`
void add_shelf(CLI::App& app, Action& action);

}  // namespace headroom::app
