#pragma once

#include "net/http.hpp"

#include <string>
#include <utility>

namespace headroom::net {

/// An answer whose body is JSON already, to be sent byte for byte.
[[nodiscard]] inline Response json_text(int status, std::string body) {
    return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

}  // namespace headroom::net
