#include "desk/identity/password.hpp"

#include "core/digest.hpp"
#include "core/utf8.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace headroom::desk::identity {
namespace {

constexpr std::string_view form = "$argon2id$v=19$m=";
constexpr std::uint64_t memory_kib_max = 1024UL * 1024;
constexpr std::uint64_t passes_max = 16;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;

void ready_sodium() {
    static const int initialised = sodium_init();
    HEADROOM_ASSERT(initialised >= 0);
}

/// libsodium's form of base64: the standard alphabet without padding.
std::string unpadded(std::string_view bytes) {
    std::string text = to_base64(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

/// Takes a number and the text behind it off the front.
bool take(std::string_view& text, std::uint64_t& number, std::string_view behind) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{}) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with(behind)) {
        return false;
    }
    text.remove_prefix(behind.size());
    return true;
}

/// How many characters UTF-8 text has; nothing for bytes that are none.
std::optional<std::size_t> count_characters(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const std::size_t length = utf8_character_length(text);
        if (length == 0) {
            return std::nullopt;
        }
        text.remove_prefix(length);
        count += 1;
    }
    return count;
}

bool is_base64_of(std::string_view text, std::size_t bytes) {
    const Result<std::string> decoded =
        from_base64(std::string(text) + std::string((4 - text.size() % 4) % 4, '='));
    return decoded && decoded->size() == bytes;
}

}  // namespace

Result<void> check_password(std::string_view password) {
    const std::optional<std::size_t> characters = count_characters(password);
    if (characters && *characters < password_characters_min) {
        return Error{Errc::invalid,
                     "the password is too short: at least " + std::to_string(password_characters_min) +
                         " characters are asked for",
                     "/password"};
    }
    if (password.size() > password_bytes_max) {
        return Error{
            Errc::invalid,
            "the password is too long: at most " + std::to_string(password_bytes_max) + " bytes are taken",
            "/password"};
    }
    const bool has_control = std::any_of(password.begin(), password.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
    if (has_control || !characters) {
        return Error{Errc::invalid, "the password must be one line of UTF-8 text without control characters",
                     "/password"};
    }
    return {};
}

Result<std::string> hash_password(std::string_view password, PasswordCost cost) {
    ready_sodium();
    std::string text(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return Error{Errc::unavailable, "a password hash needs " +
                                            std::to_string(cost.memory_bytes / (1024UL * 1024)) +
                                            " MiB of memory, which cannot be had now"};
    }
    text.resize(std::strlen(text.c_str()));
    return text;
}

bool verify_password(std::string_view hash, std::string_view password) {
    ready_sodium();
    if (!is_password_hash(hash)) {
        return false;
    }
    const std::string text(hash);
    return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

std::string decoy_hash(PasswordCost cost) {
    return std::string(form) + std::to_string(cost.memory_bytes / 1024) +
           ",t=" + std::to_string(cost.passes) + ",p=1$" + unpadded(random_bytes(salt_bytes)) + "$" +
           unpadded(random_bytes(hash_bytes));
}

bool is_password_hash(std::string_view hash) {
    if (hash.size() >= crypto_pwhash_STRBYTES || !hash.starts_with(form)) {
        return false;
    }
    hash.remove_prefix(form.size());
    std::uint64_t memory_kib = 0;
    std::uint64_t passes = 0;
    std::uint64_t lanes = 0;
    if (!take(hash, memory_kib, ",t=") || !take(hash, passes, ",p=") || !take(hash, lanes, "$")) {
        return false;
    }
    const std::size_t middle = hash.find('$');
    return memory_kib >= crypto_pwhash_MEMLIMIT_MIN / 1024 && memory_kib <= memory_kib_max && passes >= 1 &&
           passes <= passes_max && lanes == 1 && middle != std::string_view::npos &&
           is_base64_of(hash.substr(0, middle), salt_bytes) &&
           is_base64_of(hash.substr(middle + 1), hash_bytes);
}

}  // namespace headroom::desk::identity
