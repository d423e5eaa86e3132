#include "desk/identity/secret.hpp"

#include <sodium.h>

#include <algorithm>

namespace headroom::desk::identity {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_chars = 43;
constexpr std::size_t id_bytes = 6;
constexpr std::string_view prefix = "hr_";

bool is_base64url(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
    std::string text = to_base64(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::string new_secret() {
    return to_base64url(random_bytes(secret_bytes));
}

bool is_key_id(std::string_view text) {
    return text.size() == 2 * id_bytes &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

BearerKey new_bearer_key() {
    const std::string id = random_bytes(id_bytes);
    return {.id = to_hex({reinterpret_cast<const std::uint8_t*>(id.data()), id.size()}),
            .secret = new_secret()};
}

std::optional<BearerKey> parse_bearer_key(std::string_view text) {
    if (text.size() != prefix.size() + 2 * id_bytes + 1 + secret_chars || !text.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string_view id = text.substr(prefix.size(), 2 * id_bytes);
    const std::string_view secret = text.substr(text.size() - secret_chars);
    if (!is_key_id(id) || text[prefix.size() + id.size()] != '_' ||
        !std::all_of(secret.begin(), secret.end(), is_base64url)) {
        return std::nullopt;
    }
    return BearerKey{std::string(id), std::string(secret)};
}

bool same_hash(const Sha256& a, const Sha256& b) {
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace headroom::desk::identity
