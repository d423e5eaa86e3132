#include "core/digest.hpp"

#include "core/hash_stream.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace headroom {
namespace {

/// libsodium wants to be started once, before anything else of it; every entry below passes through here.
void ensure_sodium() {
    static const bool ready = sodium_init() >= 0;
    HEADROOM_ASSERT(ready);
}

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

Sha256 sha256(std::initializer_list<std::string_view> parts) {
    HashStream hash;
    for (const std::string_view part : parts) {
        hash.update(part);
    }
    return hash.digest();
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

Blake2b512 blake2b512(std::string_view data) {
    ensure_sodium();
    Blake2b512 hash{};
    crypto_generichash(hash.data(), hash.size(), as_bytes(data), data.size(), nullptr, 0);
    return hash;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

Result<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return Error{Errc::invalid, "hexadecimal text of odd length " + std::to_string(text.size()), ""};
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return Error{Errc::invalid,
                         "no hexadecimal digit at offset " + std::to_string(high < 0 ? i : i + 1), ""};
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
    ensure_sodium();
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // the terminating zero
    return text;
}

std::string to_base64(std::string_view bytes) {
    return to_base64(std::span<const std::uint8_t>(as_bytes(bytes), bytes.size()));
}

Result<std::string> from_base64(std::string_view text) {
    ensure_sodium();
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    const int status =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, &end, sodium_base64_VARIANT_ORIGINAL);
    // libsodium takes bytes above 0x7f for letters; only what writes back to the same text is canonical.
    if (status != 0 || end != text.data() + text.size() ||
        to_base64(std::string_view(bytes).substr(0, length)) != text) {
        return Error{
            Errc::invalid,
            "not standard base64 with canonical padding (" + std::to_string(text.size()) + " characters)",
            ""};
    }
    bytes.resize(length);
    return bytes;
}

std::string_view as_chars(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Ed25519KeyPair> Ed25519KeyPair::from_secret(std::string_view bytes) {
    ensure_sodium();
    if (bytes.size() != 32 && bytes.size() != 64) {
        return Error{Errc::invalid,
                     "an Ed25519 secret has 32 or 64 bytes, this one has " + std::to_string(bytes.size()),
                     ""};
    }
    Ed25519KeyPair pair;
    crypto_sign_seed_keypair(pair.public_key_.data(), pair.secret_.data(), as_bytes(bytes));
    if (bytes.size() == 64 && bytes.substr(32) != as_chars(pair.public_key_)) {
        return Error{Errc::invalid, "the public half of an Ed25519 secret does not belong to its seed", ""};
    }
    return pair;
}

Ed25519KeyPair Ed25519KeyPair::generate() {
    ensure_sodium();
    Ed25519KeyPair pair;
    crypto_sign_keypair(pair.public_key_.data(), pair.secret_.data());
    return pair;
}

Ed25519KeyPair::~Ed25519KeyPair() {
    sodium_memzero(secret_.data(), secret_.size());
}

std::string Ed25519KeyPair::seed() const {
    return std::string(as_chars(std::span(secret_).first(32)));
}

Ed25519Signature Ed25519KeyPair::sign(std::string_view message) const {
    Ed25519Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, as_bytes(message), message.size(), secret_.data());
    return signature;
}

bool ed25519_verify(const Ed25519PublicKey& key, std::string_view message, std::string_view signature) {
    ensure_sodium();
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(as_bytes(signature), as_bytes(message), message.size(), key.data()) ==
               0;
}

std::string random_bytes(std::size_t count) {
    ensure_sodium();
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace headroom
