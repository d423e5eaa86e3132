#pragma once

#include "core/async.hpp"

namespace headroom {

/// So long by the steady clock, on the coroutine's own executor.
inline Awaitable<void> pause(milliseconds length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await timer.async_wait(token);
}

}  // namespace headroom
