#pragma once

// Shared by what is bought at a feeder and what is bought of computing power.

#include "core/json.hpp"
#include "desk/parts.hpp"

#include <string>

namespace headroom::desk {

/// Nothing is bought at that level.
[[nodiscard]] bool is_shadow(const Parts& parts);
/// The messages of a purchase, as they went; of one provider, or of all when it is empty.
[[nodiscard]] json::Array timeline(const Parts& parts, const EventId& event, const std::string& provider);

}  // namespace headroom::desk
