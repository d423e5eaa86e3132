#pragma once

#include "api/routes.hpp"
#include "core/json.hpp"

#include <memory>
#include <string_view>

namespace headroom::api {

/// Health, metrics and the Beckn callbacks: what machines around the process ask.
void add_process(net::HttpServer& server, const std::shared_ptr<const Door>& door);

/// What `/` says to clients that do not ask for HTML.
[[nodiscard]] json::Object service_description();
/// The same as an example.
inline constexpr std::string_view service_example =
    R"({"message":"Headroom is running","service":"headroom","version":"0.1.0","description":"…","status":"running",
        "docs":"/docs","health":"/health","endpoints":{"events":"/api/v1/events"}})";

}  // namespace headroom::api
