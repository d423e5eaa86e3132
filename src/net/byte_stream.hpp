#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace headroom::net {

/// Where a stream of bytes leads to.
struct StreamPeer {
    std::string host;
    std::uint16_t port = 0;
    std::string ca_file;    ///< PEM; set: TLS 1.2 or later, and the peer's certificate and name are checked
    std::string cert_file;  ///< shown to the peer, with its key
    std::string key_file;
};

/// A connection that never blocks, plain or TLS. One thread.
class ByteStream {
  public:
    /// Connects, with the handshake of TLS; ends in time or as `tcp_connect` does.
    /// Errors: `unavailable`, with the reason; `invalid` for files that cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<ByteStream>> connect(const StreamPeer& peer,
                                                                     milliseconds timeout, int wake_fd,
                                                                     const std::function<bool()>& is_stopped);
    virtual ~ByteStream() = default;

    /// What is there now, 0 when there is nothing. Errors: `unavailable` when the peer has gone.
    virtual Result<std::size_t> read(std::span<char> into) = 0;
    /// How much of it was taken, 0 when nothing can be now. Errors: as `read`.
    virtual Result<std::size_t> write(std::string_view bytes) = 0;
    /// To wait for.
    [[nodiscard]] virtual int descriptor() const = 0;
    /// There is something to read that the descriptor does not tell of.
    [[nodiscard]] virtual bool holds_bytes() const = 0;
    /// Reading goes on only when the descriptor can be written.
    [[nodiscard]] virtual bool wants_to_write() const = 0;
};

}  // namespace headroom::net
