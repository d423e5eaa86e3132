#pragma once

#include "net/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace headroom::api {

// Reading what callers say of themselves. Everything here is a pure function over bytes from outside.

/// The value of the cookie `name` (RFC 6265 §4.2). Nothing when it is missing, when it stands more than once
/// (an intruder may have added one), or when the header is longer than 8 KiB.
[[nodiscard]] std::optional<std::string> cookie_of(const net::Headers& headers, std::string_view name);
[[nodiscard]] std::optional<std::string> cookie_in(std::string_view header, std::string_view name);

/// The token of `Authorization: Bearer …` (RFC 6750), at most 256 characters.
[[nodiscard]] std::optional<std::string> bearer_in(std::string_view authorization);
/// The token of a WebSocket subprotocol "bearer.…", for clients that cannot set headers.
[[nodiscard]] std::optional<std::string> bearer_in_protocols(const net::Headers& headers);
/// Either; the header wins.
[[nodiscard]] std::optional<std::string> bearer_of(const net::Headers& headers);

/// Host without its port: "[::1]:8000" → "[::1]". Empty for a text that is no host with an optional port.
[[nodiscard]] std::string_view host_in(std::string_view authority);
[[nodiscard]] bool is_ip_address(std::string_view text);
/// localhost, 127.0.0.0/8 or [::1], as they stand in a Host header.
[[nodiscard]] bool is_loopback_host(std::string_view host);
/// Whether an address to listen on or a peer's address is one of this computer alone.
[[nodiscard]] bool is_loopback_address(std::string_view ip);
/// Whether `origin` ("http://room.example:8000") names the host and port of a Host header. The scheme's own
/// port may be left out on either side.
[[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host);

}  // namespace headroom::api
