#include "beckn/signature.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace headroom::beckn {

namespace {

constexpr std::size_t header_max = 4096;
constexpr std::string_view scheme = "Signature";
constexpr std::string_view signed_headers = "(created) (expires) digest";
constexpr std::string_view algorithm_word = "ed25519";
// Seconds since 1970 that still fit our instants: the end of the year 9999.
constexpr std::int64_t seconds_max = 253'402'300'799;

Error malformed(std::string_view why) {
    return Error{Errc::invalid, "the Authorization header " + std::string(why), ""};
}

Error denied(std::string why) {
    return Error{Errc::denied, std::move(why), ""};
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<std::int64_t> whole_seconds(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value < 0 || value > seconds_max) {
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

std::string signing_string_of(std::int64_t created, std::int64_t expires, const std::string& digest,
                              std::string_view label) {
    std::string text =
        "(created): " + std::to_string(created) + "\n(expires): " + std::to_string(expires) + "\ndigest: ";
    text += label;
    text += '=';
    text += digest;
    return text;
}

std::string digest_of(std::string_view body) {
    return to_base64(blake2b512(body));
}

std::int64_t unix_seconds(UtcTime time) {
    return std::chrono::floor<seconds>(time.time_since_epoch()).count();
}

}  // namespace

Result<SignatureHeader> parse_authorization(std::string_view header) {
    if (header.size() > header_max) {
        return malformed("is longer than 4096 bytes");
    }
    std::string_view rest = header;
    skip_blanks(rest);
    if (!rest.starts_with(scheme) || rest.size() == scheme.size() ||
        (rest[scheme.size()] != ' ' && rest[scheme.size()] != '\t')) {
        return malformed("does not begin with the scheme Signature");
    }
    rest.remove_prefix(scheme.size());
    while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\t')) {
        rest.remove_suffix(1);
    }
    static constexpr std::array<std::string_view, 6> names{"keyId",   "algorithm", "created",
                                                           "expires", "headers",   "signature"};
    std::array<std::optional<std::string_view>, names.size()> values;
    while (!rest.empty()) {
        std::string_view name;
        std::string_view value;
        if (!take_pair(rest, name, value)) {
            return malformed("is no list of name=\"value\"");
        }
        const auto* const known = std::find(names.begin(), names.end(), name);
        if (known == names.end()) {
            continue;  // parts of later dialects
        }
        std::optional<std::string_view>& slot = values[static_cast<std::size_t>(known - names.begin())];
        if (slot) {
            return malformed("names " + std::string(name) + " twice");
        }
        slot = value;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!values[i]) {
            return malformed("has no " + std::string(names[i]));
        }
    }
    const std::optional<std::int64_t> created = whole_seconds(*values[2]);
    const std::optional<std::int64_t> expires = whole_seconds(*values[3]);
    if (!created || !expires) {
        return malformed("has a created or expires that is no number of seconds");
    }
    return SignatureHeader{.key_id = std::string(*values[0]),
                           .algorithm = std::string(*values[1]),
                           .created = *created,
                           .expires = *expires,
                           .headers = std::string(*values[4]),
                           .signature = std::string(*values[5])};
}

std::string signing_string(std::int64_t created, std::int64_t expires, std::string_view body) {
    return signing_string_of(created, expires, digest_of(body), "BLAKE-512");
}

std::string make_authorization(const Signer& signer, UtcTime now, milliseconds ttl, std::string_view body) {
    const std::int64_t created = unix_seconds(now);
    const std::int64_t lasts = std::max<std::int64_t>(1, std::chrono::ceil<seconds>(ttl).count());
    const std::int64_t expires = created + lasts;
    const Ed25519Signature signature = signer.key.sign(signing_string(created, expires, body));
    std::string header = "Signature keyId=\"" + signer.subscriber + "|" + signer.key_id + "|";
    header += algorithm_word;
    header += "\",algorithm=\"";
    header += algorithm_word;
    header += "\",created=\"" + std::to_string(created) + "\",expires=\"" + std::to_string(expires) +
              "\",headers=\"";
    header += signed_headers;
    header += "\",signature=\"" + to_base64(signature) + "\"";
    return header;
}

Result<VerifiedSender> verify_authorization(std::string_view header, std::string_view body,
                                            const KeyLookup& lookup, UtcTime now, milliseconds skew) {
    if (header.empty()) {
        return denied("there is no Authorization header");
    }
    const Result<SignatureHeader> parsed = parse_authorization(header);
    if (!parsed) {
        return denied(parsed.error().message);
    }
    const Result<KeyId> id = parse_key_id(parsed->key_id);
    if (!id) {
        return denied(id.error().message);
    }
    if (parsed->algorithm != algorithm_word || id->algorithm != algorithm_word) {
        return denied("the algorithm is not ed25519");
    }
    if (parsed->headers != signed_headers) {
        return denied("the signed headers are not '" + std::string(signed_headers) + "'");
    }
    const UtcTime created{seconds{parsed->created}};
    const UtcTime expires{seconds{parsed->expires}};
    if (parsed->expires <= parsed->created) {
        return denied("the signature expires before it was created");
    }
    if (created > now + skew) {
        return denied("the signature is from the future: created " + format_utc(created));
    }
    if (expires < now) {
        return denied("the signature expired at " + format_utc(expires));
    }
    const Result<std::string> signature = from_base64(parsed->signature);
    if (!signature || signature->size() != std::tuple_size_v<Ed25519Signature>) {
        return denied("the signature is not 64 bytes in Base64");
    }
    const std::optional<Ed25519PublicKey> key = lookup(id->subscriber, id->key);
    if (!key) {
        return denied("the key " + id->subscriber + "|" + id->key + " is not known");
    }
    const std::string digest = digest_of(body);
    for (const std::string_view label : {"BLAKE-512", "BLAKE2b-512"}) {
        const std::string text = signing_string_of(parsed->created, parsed->expires, digest, label);
        if (ed25519_verify(*key, text, *signature)) {
            return VerifiedSender{id->subscriber, id->key, created, expires};
        }
    }
    return denied("the signature of " + id->subscriber + "|" + id->key + " does not verify");
}

std::string challenge(std::string_view realm) {
    std::string text = "Signature realm=\"";
    text += realm;
    text += "\",headers=\"";
    text += signed_headers;
    text += "\"";
    return text;
}

}  // namespace headroom::beckn
