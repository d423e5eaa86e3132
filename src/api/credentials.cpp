#include "api/credentials.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace headroom::api {
namespace {

constexpr std::size_t cookie_bytes_max = 8192;
constexpr std::size_t token_chars_max = 256;
constexpr std::string_view protocol_prefix = "bearer.";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_letter_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// RFC 6750 §2.1: b64token.
bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= token_chars_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter_or_digit(c) || std::string_view("-._~+/=").find(c) != std::string_view::npos;
           });
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_host_character(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
}

std::string_view port_in(std::string_view authority) {
    const std::string_view host = host_in(authority);
    return authority.size() > host.size() ? authority.substr(host.size() + 1) : std::string_view{};
}

}  // namespace

std::optional<std::string> cookie_in(std::string_view header, std::string_view name) {
    std::optional<std::string> found;
    if (header.size() > cookie_bytes_max) {
        return std::nullopt;
    }
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        const std::string_view pair = trimmed(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != name) {
            continue;
        }
        if (found) {
            return std::nullopt;
        }
        found = std::string(trimmed(pair.substr(equals + 1)));
    }
    return found;
}

std::optional<std::string> cookie_of(const net::Headers& headers, std::string_view name) {
    return headers.count("Cookie") == 1 ? cookie_in(headers.get("Cookie"), name) : std::nullopt;
}

std::optional<std::string> bearer_in(std::string_view authorization) {
    const std::string_view text = trimmed(authorization);
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || !net::same_but_case(text.substr(0, blank), "Bearer")) {
        return std::nullopt;
    }
    const std::string_view token = trimmed(text.substr(blank));
    return is_token(token) ? std::optional(std::string(token)) : std::nullopt;
}

std::optional<std::string> bearer_in_protocols(const net::Headers& headers) {
    std::optional<std::string> found;
    for (const auto& [name, value] : headers.fields()) {
        if (!net::same_but_case(name, "Sec-WebSocket-Protocol")) {
            continue;
        }
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            const std::string_view protocol = trimmed(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (!protocol.starts_with(protocol_prefix)) {
                continue;
            }
            const std::string_view token = protocol.substr(protocol_prefix.size());
            if (found || !is_token(token)) {
                return std::nullopt;
            }
            found = std::string(token);
        }
    }
    return found;
}

std::optional<std::string> bearer_of(const net::Headers& headers) {
    if (headers.has("Authorization")) {
        return headers.count("Authorization") == 1 ? bearer_in(headers.get("Authorization")) : std::nullopt;
    }
    return bearer_in_protocols(headers);
}

std::string_view host_in(std::string_view authority) {
    std::size_t length = 0;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos ||
            authority.substr(1, close - 1).find_first_not_of("0123456789abcdefABCDEF:.") !=
                std::string_view::npos) {
            return {};
        }
        length = close + 1;
    } else {
        length = std::min(authority.find(':'), authority.size());
        if (!std::all_of(authority.begin(), authority.begin() + static_cast<std::ptrdiff_t>(length),
                         is_host_character)) {
            return {};
        }
    }
    const std::string_view port = authority.substr(length);
    const bool fits = port.empty() || (port.front() == ':' && is_port(port.substr(1)));
    return fits ? authority.substr(0, length) : std::string_view{};
}

bool is_ip_address(std::string_view text) {
    boost::system::error_code fault;
    boost::asio::ip::make_address(std::string(text), fault);
    return !fault;
}

bool is_loopback_address(std::string_view ip) {
    boost::system::error_code fault;
    const auto address = boost::asio::ip::make_address(std::string(ip), fault);
    if (fault) {
        return false;
    }
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
    }
    return address.is_loopback();
}

bool is_loopback_host(std::string_view host) {
    if (net::same_but_case(host, "localhost")) {
        return true;
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    return is_loopback_address(host);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
    std::string_view own_port;
    for (const auto& [scheme, port] :
         {std::pair<std::string_view, std::string_view>{"http://", "80"}, {"https://", "443"}}) {
        if (net::same_but_case(origin.substr(0, scheme.size()), scheme)) {
            origin.remove_prefix(scheme.size());
            own_port = port;
            break;
        }
    }
    if (own_port.empty() || host_in(origin).empty() || host_in(host).empty()) {
        return false;
    }
    const auto port_or_own = [&](std::string_view authority) {
        const std::string_view port = port_in(authority);
        return port.empty() ? own_port : port;
    };
    return net::same_but_case(host_in(origin), host_in(host)) && port_or_own(origin) == port_or_own(host);
}

}  // namespace headroom::api
