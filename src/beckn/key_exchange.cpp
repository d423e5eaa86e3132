#include "beckn/key_exchange.hpp"

#include "core/digest.hpp"
#include "net/block_cipher.hpp"

#include <sodium.h>

#include <algorithm>

namespace headroom::beckn {
namespace {

constexpr std::size_t sealed_text_max = 64UL * 1024;
/// DER of a SubjectPublicKeyInfo with the algorithm X25519, up to the key itself. Source: RFC 8410.
constexpr std::string_view x25519_spki_prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00", 12);

using Secret = net::Aes256Key;

Result<Secret> shared_secret(const Secret& own, const X25519PublicKey& peer) {
    Secret shared{};
    if (crypto_scalarmult(shared.data(), own.data(), peer.data()) != 0) {
        return Error{Errc::invalid, "the encryption key is of low order and shares no secret", ""};
    }
    return shared;
}

}  // namespace

Result<X25519KeyPair> X25519KeyPair::from_secret(std::string_view bytes) {
    X25519KeyPair pair;
    if (bytes.size() != pair.secret_.size()) {
        return Error{Errc::invalid,
                     "an X25519 secret has 32 bytes, this one has " + std::to_string(bytes.size()), ""};
    }
    std::copy(bytes.begin(), bytes.end(), pair.secret_.begin());
    crypto_scalarmult_base(pair.public_key_.data(), pair.secret_.data());
    return pair;
}

X25519KeyPair::~X25519KeyPair() {
    sodium_memzero(secret_.data(), secret_.size());
}

Result<std::string> X25519KeyPair::encrypt(std::string_view text, const X25519PublicKey& peer) const {
    if (text.size() > sealed_text_max) {
        return Error{Errc::invalid, "a challenge has at most 65536 bytes", ""};
    }
    Result<Secret> shared = shared_secret(secret_, peer);
    if (!shared) {
        return shared.error();
    }
    const Result<std::string> sealed = net::encrypt_aes256_ecb(text, *shared);
    sodium_memzero(shared->data(), shared->size());
    return sealed ? Result<std::string>(to_base64(std::string_view(*sealed))) : sealed;
}

Result<std::string> X25519KeyPair::decrypt(std::string_view base64, const X25519PublicKey& peer) const {
    if (base64.size() > sealed_text_max * 4 / 3 + 64) {
        return Error{Errc::invalid, "a challenge has at most 65536 bytes", ""};
    }
    const Result<std::string> sealed = from_base64(base64);
    if (!sealed) {
        return Error{Errc::invalid, "the challenge is no standard Base64", ""};
    }
    Result<Secret> shared = shared_secret(secret_, peer);
    if (!shared) {
        return shared.error();
    }
    Result<std::string> text = net::decrypt_aes256_ecb(*sealed, *shared);
    sodium_memzero(shared->data(), shared->size());
    if (!text && text.error().code == Errc::invalid) {
        return Error{Errc::invalid, "the challenge is not encrypted under this pair of keys", ""};
    }
    return text;
}

Result<X25519PublicKey> parse_x25519_key(std::string_view base64) {
    Result<std::string> bytes = from_base64(base64);
    X25519PublicKey key{};
    if (bytes && bytes->size() == x25519_spki_prefix.size() + key.size() &&
        bytes->starts_with(x25519_spki_prefix)) {
        bytes->erase(0, x25519_spki_prefix.size());
    }
    if (!bytes || bytes->size() != key.size()) {
        return Error{Errc::invalid, "an encryption key is 32 bytes (or their SPKI form) in Base64", ""};
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

}  // namespace headroom::beckn
