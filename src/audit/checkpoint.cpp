#include "audit/checkpoint.hpp"

#include "audit/refuse.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace headroom::audit {

namespace {

constexpr std::string_view proof_first_line = "c2sp.org/tlog-proof@v1";
constexpr std::size_t proof_hashes_max = 63;

/// Takes one line off the front, without its newline; nothing when no newline is left.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Result<Hash> parse_hash(std::string_view base64) {
    const Result<std::string> bytes = decode_exact_base64(base64);
    if (!bytes) {
        return bytes.error();
    }
    return to_hash(*bytes);
}

}  // namespace

Result<std::uint64_t> parse_canonical_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || fault != std::errc{} || end != text.data() + text.size() || number > max_tree_size ||
        (text.size() > 1 && text.front() == '0')) {
        return refuse("\"" + std::string(text.substr(0, 32)) + "\" is not a canonical number up to 2^63-1");
    }
    return number;
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) +
           "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    const auto origin = take_line(text);
    const auto size = take_line(text);
    const auto root = take_line(text);
    if (!origin || !size || !root || !text.empty()) {
        return refuse("a checkpoint has the three lines origin, size and root");
    }
    if (!is_key_name(*origin)) {
        return refuse("the checkpoint's origin is no key name");
    }
    const Result<std::uint64_t> number = parse_canonical_number(*size);
    if (!number) {
        return refuse("the checkpoint's size: " + number.error().message);
    }
    const Result<Hash> hash = parse_hash(*root);
    if (!hash) {
        return refuse("the checkpoint's root: " + hash.error().message);
    }
    return Checkpoint{.origin = std::string(*origin), .size = *number, .root = *hash};
}

SignedCheckpoint sign_checkpoint(Checkpoint checkpoint, const Ed25519KeyPair& key) {
    std::string note = sign_note(format_checkpoint(checkpoint), checkpoint.origin, key);
    return {.checkpoint = std::move(checkpoint), .note = std::move(note)};
}

Result<SignedCheckpoint> verify_checkpoint(std::string_view note, std::span<const VerifierKey> known) {
    const Result<Note> verified = verify_note(note, known);
    if (!verified) {
        return verified.error();
    }
    Result<Checkpoint> checkpoint = parse_checkpoint(verified->text);
    if (!checkpoint) {
        return checkpoint.error();
    }
    return SignedCheckpoint{.checkpoint = std::move(*checkpoint), .note = std::string(note)};
}

std::string format_entry_proof(const EntryProof& proof) {
    std::string text(proof_first_line);
    text += "\nindex " + std::to_string(proof.index) + "\n";
    for (const Hash& hash : proof.hashes) {
        text += to_base64(hash) + "\n";
    }
    return text + "\n" + proof.checkpoint_note;
}

Result<EntryProof> parse_entry_proof(std::string_view text) {
    if (take_line(text) != proof_first_line) {
        return refuse("a proof begins with the line " + std::string(proof_first_line));
    }
    constexpr std::string_view index_word = "index ";
    const auto index_line = take_line(text);
    if (!index_line || !index_line->starts_with(index_word)) {
        return refuse("a proof's second line is index and a number");
    }
    const Result<std::uint64_t> index = parse_canonical_number(index_line->substr(index_word.size()));
    if (!index) {
        return refuse("the proof's index: " + index.error().message);
    }
    EntryProof proof{.index = *index, .hashes = {}, .checkpoint_note = {}};
    while (true) {
        const auto line = take_line(text);
        if (!line) {
            return refuse("a proof has a blank line before its checkpoint");
        }
        if (line->empty()) {
            break;
        }
        const Result<Hash> hash = parse_hash(*line);
        if (!hash) {
            return refuse("hash " + std::to_string(proof.hashes.size()) +
                          " of the proof: " + hash.error().message);
        }
        if (proof.hashes.size() == proof_hashes_max) {
            return refuse("a proof has more than 63 hashes");
        }
        proof.hashes.push_back(*hash);
    }
    proof.checkpoint_note = std::string(text);
    return proof;
}

Result<Checkpoint> verify_entry_proof(std::string_view text, std::string_view leaf,
                                      std::span<const VerifierKey> known) {
    const Result<EntryProof> proof = parse_entry_proof(text);
    if (!proof) {
        return proof.error();
    }
    Result<SignedCheckpoint> signed_checkpoint = verify_checkpoint(proof->checkpoint_note, known);
    if (!signed_checkpoint) {
        return signed_checkpoint.error();
    }
    Checkpoint& checkpoint = signed_checkpoint->checkpoint;
    if (auto verified =
            verify_inclusion(proof->index, checkpoint.size, leaf_hash(leaf), proof->hashes, checkpoint.root);
        !verified) {
        return verified.error();
    }
    return std::move(checkpoint);
}

}  // namespace headroom::audit
