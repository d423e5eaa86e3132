#pragma once

#include "core/clock.hpp"
#include "net/http_server.hpp"
#include "net/router.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <memory>
#include <string>

namespace headroom::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

/// What the sweep and the drain need to know of a connection.
class Connection {
  public:
    virtual ~Connection() = default;
    /// Acts on a deadline that has passed.
    virtual void expire(SteadyTime now) = 0;
    /// Ends when it is idle, soon when it is not.
    virtual void drain() = 0;
    /// Ends at once.
    virtual void abort() = 0;
};

/// What the connections of one server share. Lives as long as the last of them.
struct ServerCore {
    ServerCore(asio::io_context& io, ServerLimits bounds) : context(io), limits(bounds), drained(io) {
        drained.expires_at(SteadyTime::max());
    }

    asio::io_context& context;
    ServerLimits limits;
    Router router;
    BeforeHook before;
    AfterHook after;
    ObserveHook observe;
    OriginHook allow_origin;
    std::list<Connection*> connections;
    bool draining = false;
    asio::steady_timer drained;  ///< cancelled when the last connection has gone

    /// The Date header's value, made anew once a second.
    const std::string& date();

  private:
    std::string date_;
    std::chrono::sys_seconds date_of_{};
};

/// Serves one accepted connection until it ends.
Awaitable<void> serve_connection(std::shared_ptr<ServerCore> core, Socket socket);

struct HeadOptions {
    std::optional<std::uint64_t> length;  ///< Content-Length
    bool chunked = false;                 ///< of unknown length, in chunks
    bool close = false;                   ///< the connection ends with this answer
    bool http_1_0 = false;                ///< the peer needs to be told that the connection stays
};

/// Appends the head of an answer: status line, the server's own fields, `response.headers`.
void append_head(std::string& out, const Response& response, const std::string& date,
                 const HeadOptions& options);

}  // namespace headroom::net
