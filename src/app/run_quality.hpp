#pragma once

#include "app/run_status.hpp"
#include "core/json.hpp"

#include <string>
#include <vector>

namespace headroom::app {

/// What is wrong now in an answer of `/api/v1/data-quality`, a sentence each; none when nothing is.
[[nodiscard]] std::vector<std::string> quality_faults(const json::Value& quality);

/// `headroom quality`: sources, coverage and findings of a running server, found as by `headroom status`.
/// Exit: 0 nothing is wrong now, 1 something is, 2 no answer.
int run_quality(const StatusCommand& command);

}  // namespace headroom::app
