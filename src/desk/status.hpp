#pragma once

#include "core/json.hpp"
#include "desk/activity.hpp"
#include "desk/feeders.hpp"
#include "desk/parts.hpp"

namespace headroom::desk {

/// What stands in the header of every page; the members are those of `GET /api/v1/status`.
[[nodiscard]] json::Object status_json(const Parts& parts, const Mode& mode, FeederDesk& feeders);

/// `GET /health`: healthy when readings can be taken and decisions written down.
[[nodiscard]] json::Object health_json(const Parts& parts);
/// `GET /agents/status`.
[[nodiscard]] json::Object agents_json(const Parts& parts, const Activity& activity);

}  // namespace headroom::desk
