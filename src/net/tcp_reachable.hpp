#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace headroom::net {

/// Whether anybody listens at `host:port`. A client library's own connect blocks for as long as the kernel
/// likes; this ends in time, or as soon as `is_stopped` says so, which is asked whenever `wake_fd` becomes
/// readable (its count is taken) and ten times a second.
/// Errors: `unavailable`, with the reason: an unknown name, a refused connection, no answer in time.
[[nodiscard]] Result<void> tcp_reachable(const std::string& host, std::uint16_t port, milliseconds timeout,
                                         int wake_fd, const std::function<bool()>& is_stopped);

}  // namespace headroom::net
