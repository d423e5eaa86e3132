#pragma once

namespace headroom::app {

// What the status line of an HTTP answer says, for the commands that ask a server.

/// The server did as it was asked.
inline constexpr int http_ok = 200;
/// It does not know who asks.
inline constexpr int http_unauthorized = 401;
/// It knows, and refuses.
inline constexpr int http_forbidden = 403;

}  // namespace headroom::app
