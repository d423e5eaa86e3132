#pragma once

#include "core/json.hpp"
#include "core/time.hpp"

#include <string>

namespace headroom::agents {

/// What an agent says of itself on the status page.
struct AgentStatus {
    std::string name;
    std::string status;  ///< active | idle | error | initializing
    UtcTime last_updated{};
    json::Object metrics;
};

}  // namespace headroom::agents
