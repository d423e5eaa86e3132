#include "beckn/signature_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace headroom::beckn {
namespace {

constexpr std::string_view scheme_word = "Signature";
/// Seconds since 1970 that still fit our instants: the end of the year 9999.
constexpr std::int64_t seconds_max = 253'402'300'799;

enum Part : std::uint8_t { key_id, algorithm, created, expires, headers, signature, part_count };
constexpr std::array<std::string_view, part_count> part_names{"keyId",   "algorithm", "created",
                                                              "expires", "headers",   "signature"};

Error malformed(std::string_view why) {
    return Error{Errc::invalid, "the signature header " + std::string(why), ""};
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<std::int64_t> whole_seconds(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    // The digits are signed as they stand, so only one way of writing them may be read.
    const bool is_plain = !text.empty() && (text.front() != '0' || text.size() == 1);
    if (code != std::errc{} || end != text.data() + text.size() || value < 0 || value > seconds_max ||
        !is_plain) {
        return std::nullopt;
    }
    return value;
}

/// One name="value" pair off the front; false when there is none.
bool take_pair(std::string_view& rest, std::string_view& name, std::string_view& value) {
    skip_blanks(rest);
    std::size_t length = 0;
    while (length < rest.size() && is_letter(rest[length])) {
        ++length;
    }
    name = rest.substr(0, length);
    rest.remove_prefix(length);
    skip_blanks(rest);
    if (name.empty() || rest.empty() || rest.front() != '=') {
        return false;
    }
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (!rest.empty() && rest.front() == '"') {
        const std::size_t close = rest.find('"', 1);
        if (close == std::string_view::npos) {
            return false;
        }
        value = rest.substr(1, close - 1);
        rest.remove_prefix(close + 1);
    } else {
        // created and expires stand bare in some writers' headers
        const std::size_t end = std::min(rest.find_first_of(", \t\""), rest.size());
        value = rest.substr(0, end);
        rest.remove_prefix(end);
        if (value.empty()) {
            return false;
        }
    }
    skip_blanks(rest);
    if (rest.empty()) {
        return true;
    }
    if (rest.front() != ',') {
        return false;
    }
    rest.remove_prefix(1);
    return !rest.empty();
}

/// Takes the scheme off the front; false when it is not there.
bool take_scheme(std::string_view& rest) {
    if (!rest.starts_with(scheme_word) || rest.size() == scheme_word.size() ||
        !is_blank(rest[scheme_word.size()])) {
        return false;
    }
    rest.remove_prefix(scheme_word.size());
    return true;
}

}  // namespace

Result<SignatureParts> read_signature_header(std::string_view header, SchemeWord scheme) {
    if (header.size() > signature_header_max) {
        return malformed("is longer than 4096 bytes");
    }
    std::string_view rest = header;
    skip_blanks(rest);
    SignatureParts parts;
    parts.has_scheme = take_scheme(rest);
    if (!parts.has_scheme && scheme == SchemeWord::needed) {
        return malformed("does not begin with the scheme Signature");
    }
    while (!rest.empty() && is_blank(rest.back())) {
        rest.remove_suffix(1);
    }
    std::array<std::optional<std::string_view>, part_count> values;
    while (!rest.empty()) {
        std::string_view name;
        std::string_view value;
        if (!take_pair(rest, name, value)) {
            return malformed("is no list of name=\"value\"");
        }
        const auto* const known = std::find(part_names.begin(), part_names.end(), name);
        if (known == part_names.end()) {
            continue;  // parts of later dialects
        }
        std::optional<std::string_view>& slot = values[static_cast<std::size_t>(known - part_names.begin())];
        if (slot) {
            return malformed("names " + std::string(name) + " twice");
        }
        slot = value;
    }
    for (std::size_t i = 0; i < part_count; ++i) {
        if (!values[i]) {
            return malformed("has no " + std::string(part_names[i]));
        }
    }
    const std::optional<std::int64_t> from = whole_seconds(*values[created]);
    const std::optional<std::int64_t> until = whole_seconds(*values[expires]);
    if (!from || !until) {
        return malformed("has a created or expires that is no number of seconds");
    }
    parts.key_id = *values[key_id];
    parts.algorithm = *values[algorithm];
    parts.created = *from;
    parts.expires = *until;
    parts.headers = *values[headers];
    parts.signature = *values[signature];
    return parts;
}

Result<SignatureHeader> parse_authorization(std::string_view header) {
    const Result<SignatureParts> parts = read_signature_header(header, SchemeWord::needed);
    if (!parts) {
        return parts.error();
    }
    return SignatureHeader{.key_id = std::string(parts->key_id),
                           .algorithm = std::string(parts->algorithm),
                           .created = parts->created,
                           .expires = parts->expires,
                           .headers = std::string(parts->headers),
                           .signature = std::string(parts->signature)};
}

std::string_view raw_signature(std::string_view header_or_signature) {
    const Result<SignatureParts> parts = read_signature_header(header_or_signature, SchemeWord::optional);
    return parts ? parts->signature : header_or_signature;
}

}  // namespace headroom::beckn
