#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace headroom::app {

/// "mqtt://host:1883" → host and port. Errors: `invalid` naming `setting`.
[[nodiscard]] Result<std::pair<std::string, std::uint16_t>> broker_of(
    const std::string& url, const std::string& setting = "mqtt.url");

}  // namespace headroom::app
