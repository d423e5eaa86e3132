#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::net {

/// An ASCII letter in lower case, any other byte as it is.
[[nodiscard]] constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Name and value, decoded, in the order they stood; a name may stand more than once.
using QueryList = std::vector<std::pair<std::string, std::string>>;

/// An absolute URL with an authority: what a client connects to.
struct Url {
    std::string scheme;      ///< lower case: http, https, ws, wss, mqtt, mqtts, kafka …
    std::string host;        ///< lower case; an IPv6 address stands without its brackets
    std::uint16_t port = 0;  ///< as written, or the scheme's own
    std::string path;        ///< begins with '/', still percent-encoded
    std::string query;       ///< without '?', still percent-encoded

    /// Path and query as they stand on a request line.
    [[nodiscard]] std::string target() const;
    /// "host:port", an IPv6 address in brackets.
    [[nodiscard]] std::string authority() const;
    /// The whole URL; the port is left out when it is the scheme's own.
    [[nodiscard]] std::string text() const;

    bool operator==(const Url&) const = default;
};

/// Reads `scheme://host[:port][/path][?query][#fragment]`; the fragment is dropped. At most 8 KiB.
///
/// Errors: `invalid` for anything else: credentials inside the URL (they belong into settings of their own),
/// blanks, control characters, bytes above 0x7e, a broken percent code, a port outside 1…65535, or a scheme
/// without a known port when none is written. Source: RFC 3986.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// The port a scheme uses when none is written; 0 when the scheme is not known.
[[nodiscard]] std::uint16_t default_port(std::string_view scheme);

/// Everything but unreserved characters (RFC 3986 §2.3) as %XX: for one path segment or one query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Turns %XX back into bytes. Errors: `invalid` for a broken code and for a control character, bare or coded.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

/// `a=1&b=x%20y+z`; '+' is a blank, a name without '=' has an empty value. At most 256 pairs.
/// Errors: `invalid` for a broken percent code or too many pairs.
[[nodiscard]] Result<QueryList> parse_query(std::string_view text);

/// The opposite of `parse_query`.
[[nodiscard]] std::string format_query(const QueryList& query);

/// The decoded segments of a path: "/a/b%20c" gives {"a", "b c"}, "/" gives none, "/a/" gives {"a", ""}.
/// Errors: `invalid` when the path does not begin with '/', a percent code is broken, or a segment is "." or
/// "..": nothing of ours has such a name, and a file behind one must never be reached.
[[nodiscard]] Result<std::vector<std::string>> split_path(std::string_view path);

}  // namespace headroom::net
