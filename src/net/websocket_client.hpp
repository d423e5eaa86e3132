#pragma once

#include "net/http.hpp"
#include "net/websocket.hpp"

#include <memory>
#include <string>
#include <vector>

namespace headroom::net {

struct WebSocketClientOptions {
    std::vector<std::string> protocols;  ///< offered subprotocols, best first: "ocpp1.6"
    Headers headers;                     ///< besides those of the handshake: Authorization, Origin
    milliseconds connect_timeout = seconds{5};
    WebSocketLimits limits;
};

/// Opens `ws://host[:port]/path`. The socket runs on the executor of the calling coroutine.
///
/// Errors: `invalid` for a URL that is none, `unsupported` for wss (TLS ends at the proxy in front of the
/// peer), `unavailable` when nobody listens, `timeout`, `denied` when the peer answers the handshake with
/// something else than 101; the message holds its status.
Awaitable<Result<std::shared_ptr<WebSocket>>> connect_websocket(std::string url,
                                                                WebSocketClientOptions options = {});

}  // namespace headroom::net
