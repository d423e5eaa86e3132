#pragma once

#include "core/json.hpp"
#include "net/http.hpp"

namespace headroom::api {

/// The routes of an OpenAPI document as one HTML page: no script, no request to anywhere, light and dark. Its
/// policy allows nothing but its own style sheet.
[[nodiscard]] net::Response docs_page(const json::Object& openapi);

}  // namespace headroom::api
