#include "beckn/key_id.hpp"

#include <algorithm>
#include <array>

namespace headroom::beckn {
namespace {

constexpr std::size_t key_id_max = 512;
constexpr std::size_t key_name_max = 128;
/// DER of a SubjectPublicKeyInfo with the algorithm Ed25519, up to the key itself. Source: RFC 8410.
constexpr std::string_view ed25519_spki_prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == ':' || c == '-';
}

/// A part becomes a segment of a registry's path; "." and ".." would mean another.
bool is_part(std::string_view text) {
    return !text.empty() && text != "." && text != "..";
}

Error bad_key_id(std::string why) {
    return Error{Errc::invalid, "the key id " + std::move(why), ""};
}

/// namespace/registry/record, or an address that ends so.
Result<KeyId> parse_record(std::string_view path, std::string_view algorithm) {
    KeyIdForm form = KeyIdForm::record;
    if (path.starts_with("https://") || path.starts_with("http://")) {
        form = KeyIdForm::url;
        const std::size_t lookup = path.find("/lookup/");
        if (lookup == std::string_view::npos) {
            return bad_key_id("is an address without /lookup/namespace/registry/record");
        }
        path.remove_prefix(lookup + std::string_view("/lookup/").size());
    }
    const std::size_t first = path.find('/');
    const std::size_t second = first == std::string_view::npos ? first : path.find('/', first + 1);
    if (second == std::string_view::npos || path.find('/', second + 1) != std::string_view::npos) {
        return bad_key_id("is not namespace/registry/record|algorithm");
    }
    KeyId id{.subscriber = std::string(path.substr(0, first)),
             .key = std::string(path.substr(second + 1)),
             .algorithm = std::string(algorithm),
             .form = form,
             .registry = std::string(path.substr(first + 1, second - first - 1))};
    if (!is_part(id.subscriber) || !is_part(id.key) || id.algorithm.empty() || !is_part(id.registry)) {
        return bad_key_id("has a part that is empty or names a folder");
    }
    return id;
}

}  // namespace

Result<KeyId> parse_key_id(std::string_view text) {
    if (text.size() > key_id_max) {
        return bad_key_id("is longer than 512 bytes");
    }
    if (!is_printable(text)) {
        return bad_key_id("has a character that is not printable ASCII");
    }
    const auto bars = std::count(text.begin(), text.end(), '|');
    if (bars != 1 && bars != 2) {
        return bad_key_id("is not subscriber|key|algorithm");
    }
    const std::size_t first = text.find('|');
    if (bars == 1) {
        return parse_record(text.substr(0, first), text.substr(first + 1));
    }
    const std::size_t second = text.find('|', first + 1);
    KeyId id{.subscriber = std::string(text.substr(0, first)),
             .key = std::string(text.substr(first + 1, second - first - 1)),
             .algorithm = std::string(text.substr(second + 1))};
    if (!is_part(id.subscriber) || !is_part(id.key) || id.algorithm.empty()) {
        return bad_key_id("has a part that is empty or names a folder");
    }
    return id;
}

Result<void> check_key_name(std::string_view text) {
    if (text.empty() || text.size() > key_name_max ||
        !std::all_of(text.begin(), text.end(), is_name_character)) {
        return Error{Errc::invalid, "a key is named by 1 to 128 letters, digits and . _ : -", ""};
    }
    return {};
}

std::string key_name_of(const Ed25519PublicKey& key) {
    return "k-" + sha256_hex(as_chars(key)).substr(0, 16);
}

Result<Ed25519PublicKey> parse_ed25519_key(std::string_view base64) {
    Result<std::string> bytes = from_base64(base64);
    Ed25519PublicKey key{};
    if (bytes && bytes->size() == ed25519_spki_prefix.size() + key.size() &&
        bytes->starts_with(ed25519_spki_prefix)) {
        bytes->erase(0, ed25519_spki_prefix.size());
    }
    if (!bytes || bytes->size() != key.size()) {
        return Error{Errc::invalid, "a signing key is 32 bytes (or their SPKI form) in Base64", ""};
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

Result<Ed25519KeyPair> parse_ed25519_secret(std::string_view base64) {
    const Result<std::string> bytes = from_base64(base64);
    if (!bytes) {
        return Error{Errc::invalid, "a signing secret is 32 or 64 bytes in Base64", ""};
    }
    return Ed25519KeyPair::from_secret(*bytes);
}

}  // namespace headroom::beckn
