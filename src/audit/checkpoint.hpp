#pragma once

#include "audit/note.hpp"
#include "audit/tree.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace headroom::audit {

/// What the log commits itself to: these many entries, under this root. Source: C2SP tlog-checkpoint.
struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash root{};

    bool operator==(const Checkpoint&) const = default;
};

/// A checkpoint and the note that carries it.
struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::string note;
};

/// `<origin>\n<size>\n<base64 root>\n`
[[nodiscard]] std::string format_checkpoint(const Checkpoint& checkpoint);
/// Exactly the three lines; extension lines are refused.
/// Errors: `invalid` for a size that is not canonical decimal or is above 2^63-1, or a root that is not 32
/// bytes of canonical base64.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

/// Signs with the origin as key name. Precondition: `is_key_name(checkpoint.origin)`.
[[nodiscard]] SignedCheckpoint sign_checkpoint(Checkpoint checkpoint, const Ed25519KeyPair& key);
/// Checks the note and reads the checkpoint in it. Errors: as `verify_note` and `parse_checkpoint`.
[[nodiscard]] Result<SignedCheckpoint> verify_checkpoint(std::string_view note,
                                                         std::span<const VerifierKey> known);

/// One entry proven to a third party, as text. Source: C2SP tlog-proof.
struct EntryProof {
    std::uint64_t index = 0;
    Proof hashes;
    std::string checkpoint_note;
};

[[nodiscard]] std::string format_entry_proof(const EntryProof& proof);
/// Errors: `invalid` for another first line, a non-canonical index, a hash that is not 32 bytes, more than 63
/// hashes, or no blank line before the checkpoint.
[[nodiscard]] Result<EntryProof> parse_entry_proof(std::string_view text);
/// Checks that `leaf` (the entry's bytes) is what the proof's checkpoint commits to.
/// Errors: `denied` for the signature, `invalid` for anything else.
[[nodiscard]] Result<Checkpoint> verify_entry_proof(std::string_view text, std::string_view leaf,
                                                    std::span<const VerifierKey> known);

/// Decimal without sign, leading zero or exponent, at most 2^63-1. Errors: `invalid`.
[[nodiscard]] Result<std::uint64_t> parse_canonical_number(std::string_view text);

}  // namespace headroom::audit
