#include "net/url.hpp"

#include "core/small_letters.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace headroom::net {
namespace {

constexpr std::size_t url_bytes_max = 8 * 1024;
constexpr std::size_t query_pairs_max = 256;

bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_unreserved(char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_control(int byte) {
    return byte < 0x20 || byte == 0x7f;
}
int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char low = ascii_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out.push_back(' ');
            continue;
        }
        if (text[i] != '%') {
            if (is_control(static_cast<unsigned char>(text[i]))) {
                return Error{Errc::invalid, "byte " + std::to_string(i) + " is a control character", {}};
            }
            out.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return Error{Errc::invalid, "percent code at byte " + std::to_string(i) + " is broken", {}};
        }
        const int byte = high * 16 + low;
        if (is_control(byte)) {
            return Error{Errc::invalid,
                         "percent code at byte " + std::to_string(i) + " stands for a control character",
                         {}};
        }
        out.push_back(static_cast<char>(byte));
        i += 2;
    }
    return out;
}

Error bad_url(std::string_view what) {
    return Error{Errc::invalid, "URL " + std::string(what), {}};
}

Result<std::uint16_t> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (fault != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
        return bad_url("has a port that is not a number from 1 to 65535");
    }
    return static_cast<std::uint16_t>(port);
}

bool is_ipv6_text(std::string_view host) {
    return host.size() >= 2 && host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
}

bool is_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

}  // namespace

std::string Url::target() const {
    return query.empty() ? path : path + "?" + query;
}

std::string Url::authority() const {
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::text() const {
    std::string where = authority();
    if (port == default_port(scheme)) {
        where.resize(where.rfind(':'));
    }
    return scheme + "://" + where + target();
}

std::uint16_t default_port(std::string_view scheme) {
    static constexpr std::array<std::pair<std::string_view, std::uint16_t>, 7> ports{{{"http", 80},
                                                                                      {"ws", 80},
                                                                                      {"https", 443},
                                                                                      {"wss", 443},
                                                                                      {"mqtt", 1883},
                                                                                      {"mqtts", 8883},
                                                                                      {"kafka", 9092}}};
    for (const auto& [name, port] : ports) {
        if (name == scheme) {
            return port;
        }
    }
    return 0;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > url_bytes_max) {
        return bad_url("is longer than 8192 bytes");
    }
    for (const char c : text) {
        if (c <= 0x20 || c > 0x7e || c == '\\' || c == '"' || c == '<' || c == '>') {
            return bad_url("holds a blank or a character that needs a percent code");
        }
    }
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) {
        return bad_url("does not begin with scheme://");
    }
    Url url;
    url.scheme = small_letters(text.substr(0, colon));
    if (!is_alpha(url.scheme[0]) || !std::all_of(url.scheme.begin(), url.scheme.end(), [](char c) {
            return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
        })) {
        return bad_url("has a scheme that is no word");
    }

    std::string_view rest = text.substr(colon + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view authority = rest.substr(0, authority_end);
    rest.remove_prefix(authority_end);
    if (authority.find('@') != std::string_view::npos) {
        return bad_url("holds credentials before '@'; give them as settings of their own");
    }

    std::string_view host = authority;
    std::string_view port;
    bool port_written = false;
    if (!authority.empty() && authority[0] == '[') {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6_text(authority.substr(1, close - 1))) {
            return bad_url("has a broken IPv6 address");
        }
        host = authority.substr(1, close - 1);
        const std::string_view after = authority.substr(close + 1);
        if (!after.empty() && after[0] != ':') {
            return bad_url("has characters after the IPv6 address");
        }
        port_written = !after.empty();
        port = port_written ? after.substr(1) : after;
    } else {
        const std::size_t port_at = authority.find(':');
        port_written = port_at != std::string_view::npos;
        host = authority.substr(0, port_at);
        port = port_written ? authority.substr(port_at + 1) : std::string_view{};
        if (!is_name(host)) {
            return bad_url("has no usable host name");
        }
    }
    url.host = small_letters(host);
    url.port = default_port(url.scheme);
    if (port_written) {
        const auto number = parse_port(port);
        if (!number) {
            return number.error();
        }
        url.port = *number;
    }
    if (url.port == 0) {
        return bad_url("needs a port: scheme " + url.scheme + " has none of its own");
    }

    const std::size_t question = rest.find('?');
    url.path = std::string(rest.substr(0, question));
    if (question != std::string_view::npos) {
        url.query = std::string(rest.substr(question + 1));
    }
    if (url.path.empty()) {
        url.path = "/";
    }
    for (const std::string_view part : {std::string_view(url.path), std::string_view(url.query)}) {
        if (const auto decoded = decode(part, false); !decoded) {
            return bad_url("has a fault in its path or query: " + decoded.error().message);
        }
    }
    return url;
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(digits[byte >> 4U]);
        out.push_back(digits[byte & 15U]);
    }
    return out;
}

Result<std::string> percent_decode(std::string_view text) {
    return decode(text, false);
}

Result<QueryList> parse_query(std::string_view text) {
    QueryList query;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) {
            continue;
        }
        if (query.size() == query_pairs_max) {
            return Error{Errc::invalid, "query has more than 256 parameters", {}};
        }
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals), true);
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) {
            return Error{Errc::invalid,
                         "query parameter " + std::string(pair.substr(0, equals)) +
                             " is not decodable: " + (name ? value : name).error().message,
                         {}};
        }
        query.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::string format_query(const QueryList& query) {
    std::string out;
    for (const auto& [name, value] : query) {
        out += (out.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

Result<std::vector<std::string>> split_path(std::string_view path) {
    if (path.empty() || path[0] != '/') {
        return Error{Errc::invalid, "path does not begin with '/'", {}};
    }
    std::vector<std::string> segments;
    path.remove_prefix(1);
    if (path.empty()) {
        return segments;
    }
    while (true) {
        const std::size_t end = std::min(path.find('/'), path.size());
        auto segment = decode(path.substr(0, end), false);
        if (!segment) {
            return Error{Errc::invalid, "path is not decodable: " + segment.error().message, {}};
        }
        if (*segment == "." || *segment == "..") {
            return Error{Errc::invalid, "path has a dot segment", {}};
        }
        segments.push_back(std::move(*segment));
        if (end == path.size()) {
            return segments;
        }
        path.remove_prefix(end + 1);
    }
}

}  // namespace headroom::net
