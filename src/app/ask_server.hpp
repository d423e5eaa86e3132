#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"

#include <string>

namespace headroom::app {

/// What a server answered.
struct ServerReply {
    int status = 0;
    json::Value body;
};

/// `GET url` as JSON, within five seconds. Errors: as the client's; `invalid` when no JSON came back.
[[nodiscard]] Result<ServerReply> ask(net::HttpClient& client, const std::string& url,
                                      const std::string& key);

}  // namespace headroom::app
