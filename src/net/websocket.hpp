#pragma once

#include "core/async.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace headroom::net {

/// Bounds of one WebSocket connection; the same for both of its ends.
struct WebSocketLimits {
    std::size_t message_bytes = 256UL * 1024;  ///< a longer message closes the connection with 1009
    std::size_t inbox_messages = 256;          ///< read but not yet taken; full: the peer is slowed by TCP
    std::size_t outbox_bytes = 1024UL * 1024;  ///< sent but not yet written; full: the peer is cut off
    std::size_t outbox_messages = 1024;        ///< the same, counted
    milliseconds idle_timeout = seconds{60};   ///< silence after which the peer is gone; pinged at half of it
    milliseconds handshake_timeout = seconds{5};  ///< for the opening and the closing handshake
};

/// One open WebSocket, from either end. One thread: that of its executor. The connection is closed when the
/// last owner lets go of it.
class WebSocket {
  public:
    virtual ~WebSocket() = default;

    /// The next whole message, text or binary. One reader at a time.
    /// Errors: `unavailable` once the connection is closed, by whichever side; the message says why.
    virtual Awaitable<Result<std::string>> read() = 0;

    /// Sends one text message; goes on when it is with the operating system. Messages keep their order.
    /// Errors: `unavailable` when closed, or when the peer reads so slowly that the outbox is full (it is
    /// then cut off).
    virtual Awaitable<Result<void>> send(std::string text) = 0;

    /// `send` without waiting; false where `send` would fail.
    virtual bool post(std::string text) = 0;

    /// Writes what is in the outbox, then says goodbye with `code` (RFC 6455 §7.4). Harmless when closed.
    virtual void close(std::uint16_t code = 1000, std::string reason = {}) = 0;

    [[nodiscard]] virtual bool is_open() const = 0;
    /// The subprotocol both sides agreed on; empty when none.
    [[nodiscard]] virtual const std::string& protocol() const = 0;
    /// The peer's IP address.
    [[nodiscard]] virtual const std::string& remote_address() const = 0;
};

}  // namespace headroom::net
