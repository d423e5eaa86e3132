#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::audit {

/// First four bytes of SHA-256(name || 0x0A || 0x01 || public key).
using KeyId = std::array<std::uint8_t, 4>;

/// A public Ed25519 key with its name, as notes are checked against it.
struct VerifierKey {
    std::string name;
    KeyId id{};
    Ed25519PublicKey key{};

    bool operator==(const VerifierKey&) const = default;
};

/// Reads base64 and holds it to be exactly what would be written for those bytes. Errors: `invalid`.
[[nodiscard]] Result<std::string> decode_exact_base64(std::string_view text);

/// Whether `name` may name a key: not empty, up to 255 bytes of UTF-8, no blank, control character or '+'.
[[nodiscard]] bool is_key_name(std::string_view name);
/// Precondition: `is_key_name(name)`.
[[nodiscard]] VerifierKey make_verifier_key(std::string_view name, const Ed25519PublicKey& key);

/// `<name>+<key id hex>+<base64(0x01 || public key)>`, one trailing newline is let pass.
/// Errors: `invalid` for a malformed text or an id that does not belong to the key; `unsupported` for another
/// kind of key than 0x01.
[[nodiscard]] Result<VerifierKey> parse_vkey(std::string_view text);
[[nodiscard]] std::string format_vkey(const VerifierKey& key);

/// One signature line of a note.
struct NoteSignature {
    std::string name;
    KeyId id{};
    std::string signature;  ///< raw bytes behind the key id
};

/// A text with signatures. Source: C2SP signed-note.
struct Note {
    std::string text;  ///< what is signed, up to and including its last newline
    std::vector<NoteSignature> signatures;
};

inline constexpr std::size_t note_bytes_max = 1U << 20U;
inline constexpr std::size_t note_signatures_max = 100;

/// Takes a note apart; the signatures are not checked yet.
/// Errors: `invalid` for a text that is not UTF-8 or holds control characters, a missing blank line,
/// malformed signature lines, or one of the bounds.
[[nodiscard]] Result<Note> parse_note(std::string_view bytes);

/// `text` with one signature. Preconditions: `is_key_name(name)`; `text` ends in a newline.
[[nodiscard]] std::string sign_note(std::string_view text, std::string_view name, const Ed25519KeyPair& key);

/// Checks a note against the keys that are known: signatures by others are ignored, a known key's bad
/// signature rejects the whole note, and so does the absence of a known key. Errors: `denied` naming the key;
/// `invalid` as `parse_note`.
[[nodiscard]] Result<Note> verify_note(std::string_view bytes, std::span<const VerifierKey> known);

}  // namespace headroom::audit
