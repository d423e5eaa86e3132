#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// How a key id was written.
enum class KeyIdForm : std::uint8_t {
    parts,   ///< subscriber|key|algorithm: 1.x and ONIX
    record,  ///< namespace/registry/record|algorithm: NFH-004
    url,  ///< https://…/lookup/namespace/registry/record|algorithm: NFH-004, the same record by its address
};

/// Whose key signed, as a header says.
struct KeyId {
    std::string subscriber;  ///< of a record: its namespace
    std::string key;         ///< of a record: its last segment
    std::string algorithm;
    KeyIdForm form = KeyIdForm::parts;
    std::string registry = {};  ///< of a record
    bool operator==(const KeyId&) const = default;
};

/// Reads each of the three forms. Errors: `invalid` for another number of parts, an empty one, more than 512
/// bytes, or anything but printable ASCII.
[[nodiscard]] Result<KeyId> parse_key_id(std::string_view text);

/// Whether `text` may name a key: 1…128 of letters, digits and . _ : - (never a separator of a header).
/// Errors: `invalid`.
[[nodiscard]] Result<void> check_key_name(std::string_view text);

/// A name made from a public key: "k-" and 16 hexadecimal digits of its SHA-256.
[[nodiscard]] std::string key_name_of(const Ed25519PublicKey& key);

/// A public key as registries publish it: Base64 of the 32 bytes, or of their SPKI form (44 bytes).
/// Errors: `invalid`.
[[nodiscard]] Result<Ed25519PublicKey> parse_ed25519_key(std::string_view base64);

/// A secret as networks hand it out: Base64 of a seed (32 bytes) or of seed and public key (64 bytes).
/// Errors: `invalid`.
[[nodiscard]] Result<Ed25519KeyPair> parse_ed25519_secret(std::string_view base64);

}  // namespace headroom::beckn
