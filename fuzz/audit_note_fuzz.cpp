// Reads any bytes as a signed note, a checkpoint, a verifier key and an entry's proof. Holds: what is read
// writes the same text again, and nothing is ever found to be signed by a key that did not sign it.

#include "audit/checkpoint.hpp"
#include "audit/note.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // Nobody has the seed of this key, so no input can carry its signature.
    static const VerifierKey stranger =
        make_verifier_key("nobody.example/key", Ed25519KeyPair::generate().public_key());

    if (const Result<Note> note = parse_note(text)) {
        HEADROOM_ASSERT(note->text.ends_with('\n') && text.starts_with(note->text) &&
                        !note->signatures.empty());
        HEADROOM_ASSERT(!verify_note(text, std::span(&stranger, 1)));
        if (const Result<Checkpoint> checkpoint = parse_checkpoint(note->text)) {
            HEADROOM_ASSERT(format_checkpoint(*checkpoint) == note->text);
        }
    }
    if (const Result<Checkpoint> checkpoint = parse_checkpoint(text)) {
        HEADROOM_ASSERT(format_checkpoint(*checkpoint) == text);
    }
    if (const Result<VerifierKey> key = parse_vkey(text)) {
        const std::string_view line = text.ends_with('\n') ? text.substr(0, size - 1) : text;
        HEADROOM_ASSERT(format_vkey(*key) == line);
    }
    if (const Result<EntryProof> proof = parse_entry_proof(text)) {
        HEADROOM_ASSERT(format_entry_proof(*proof) == text);
        HEADROOM_ASSERT(!verify_entry_proof(text, "leaf", std::span(&stranger, 1)));
    }
    return 0;
}
