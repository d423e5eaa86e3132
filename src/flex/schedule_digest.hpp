#pragma once

#include "flex/schedule_plan.hpp"

#include <string>

namespace headroom::flex {

/// SHA-256 (hex) over a request and everything that was decided for it, not over times. Members that later
/// versions added count only where they say something, so that a request of before keeps its hash.
[[nodiscard]] std::string schedule_digest(const PlanRequest& request, SchedulePlan plan);

}  // namespace headroom::flex
