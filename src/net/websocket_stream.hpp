#pragma once

#include "net/http_server_core.hpp"
#include "net/websocket.hpp"
#include "net/websocket_client.hpp"

#include <memory>
#include <string>

namespace headroom::net {

/// What the owner of the connection can do beyond the public promise.
class ClosableWebSocket : public WebSocket {
  public:
    /// Cuts the connection without a goodbye.
    virtual void abort() = 0;
    /// Goes on when nothing of the connection is left.
    virtual Awaitable<void> finished() = 0;
};

/// Opens the server's side on a connection whose upgrade request has been read; `extra` goes into the 101.
Awaitable<Result<std::shared_ptr<ClosableWebSocket>>> accept_websocket(Socket socket, const Request& request,
                                                                       RouteOptions options, Headers extra);

/// Opens the client's side on a connected socket.
Awaitable<Result<std::shared_ptr<ClosableWebSocket>>> handshake_websocket(Socket socket, Url url,
                                                                          WebSocketClientOptions options);

}  // namespace headroom::net
