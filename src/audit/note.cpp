#include "audit/note.hpp"

#include "audit/refuse.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace headroom::audit {

namespace {

constexpr std::string_view signature_prefix = "\xE2\x80\x94 ";  // U+2014 and a blank
constexpr std::string_view signature_start = "\n\xE2\x80\x94 ";
constexpr char ed25519_kind = '\x01';
constexpr std::size_t name_bytes_max = 255;

bool is_note_text(std::string_view text) {
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        if (first < 0x20 && first != '\n') {
            return false;
        }
        const std::size_t length = utf8_character_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

/// Unicode white space that is not ASCII, which a key name must not hold either.
bool holds_foreign_blank(std::string_view name) {
    constexpr std::array<std::string_view, 9> blanks{"\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
                                                     "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
                                                     "\xE2\x81\x9F", "\xE3\x80\x80", "\xE2\x80\x80"};
    if (std::ranges::any_of(
            blanks, [name](std::string_view blank) { return name.find(blank) != std::string_view::npos; })) {
        return true;
    }
    // U+2000 to U+200A
    for (std::size_t at = name.find("\xE2\x80"); at != std::string_view::npos;
         at = name.find("\xE2\x80", at + 1)) {
        if (at + 2 < name.size() && static_cast<unsigned char>(name[at + 2]) <= 0x8A) {
            return true;
        }
    }
    return false;
}

Result<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(signature_prefix)) {
        return refuse("a signature line of the note does not begin with an em dash and a blank");
    }
    line.remove_prefix(signature_prefix.size());
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || !is_key_name(line.substr(0, blank))) {
        return refuse("a signature line of the note has no key name");
    }
    const Result<std::string> bytes = decode_exact_base64(line.substr(blank + 1));
    if (!bytes || bytes->size() < 5) {
        return refuse("a signature line of the note holds no signature in base64");
    }
    NoteSignature signature{
        .name = std::string(line.substr(0, blank)), .id = {}, .signature = bytes->substr(4)};
    std::ranges::transform(bytes->substr(0, 4), signature.id.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    return signature;
}

}  // namespace

// A signed text has one form only: what decodes must also encode to the same characters.
Result<std::string> decode_exact_base64(std::string_view text) {
    Result<std::string> bytes = from_base64(text);
    if (bytes && to_base64(*bytes) != text) {
        return refuse("a text of " + std::to_string(text.size()) + " characters is not canonical base64");
    }
    return bytes;
}

bool is_key_name(std::string_view name) {
    return !name.empty() && name.size() <= name_bytes_max && is_note_text(name) &&
           name.find_first_of(" \n+") == std::string_view::npos && !holds_foreign_blank(name);
}

VerifierKey make_verifier_key(std::string_view name, const Ed25519PublicKey& key) {
    HEADROOM_ASSERT(is_key_name(name));
    const Sha256 hash = sha256({name, std::string_view("\n\x01", 2), as_chars(key)});
    VerifierKey made{.name = std::string(name), .id = {}, .key = key};
    std::copy_n(hash.begin(), made.id.size(), made.id.begin());
    return made;
}

Result<VerifierKey> parse_vkey(std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    // Base64 may hold '+', so the fields are found from the front; a name holds none.
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) {
        return refuse("a verifier key is not of the form name+id+base64");
    }
    const std::string_view name = text.substr(0, first);
    const std::string_view id = text.substr(first + 1, second - first - 1);
    const Result<std::string> bytes = decode_exact_base64(text.substr(second + 1));
    if (!is_key_name(name) || id.size() != 8 || !bytes || bytes->empty()) {
        return refuse("a verifier key is not of the form name+id+base64");
    }
    if (bytes->front() != ed25519_kind) {
        return Error{Errc::unsupported,
                     "the verifier key " + std::string(name) + " is of kind " +
                         std::to_string(static_cast<unsigned char>(bytes->front())) +
                         ", only Ed25519 (1) is known",
                     ""};
    }
    if (bytes->size() != 33) {
        return refuse("the verifier key " + std::string(name) + " has " + std::to_string(bytes->size()) +
                      " bytes instead of 33");
    }
    Ed25519PublicKey key{};
    std::ranges::transform(bytes->substr(1), key.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    VerifierKey made = make_verifier_key(name, key);
    if (to_hex(made.id) != id) {
        return refuse("the verifier key " + std::string(name) + " has the id " + std::string(id) +
                      " instead of " + to_hex(made.id));
    }
    return made;
}

std::string format_vkey(const VerifierKey& key) {
    std::string bytes(1, ed25519_kind);
    bytes += as_chars(key.key);
    return key.name + "+" + to_hex(key.id) + "+" + to_base64(bytes);
}

Result<Note> parse_note(std::string_view bytes) {
    if (bytes.size() > note_bytes_max) {
        return refuse("the note has " + std::to_string(bytes.size()) + " bytes, 1 MiB is allowed");
    }
    if (!is_note_text(bytes)) {
        return refuse("the note is not UTF-8 or holds control characters");
    }
    if (!bytes.ends_with('\n')) {
        return refuse("the note does not end in a newline");
    }
    // The signatures stand behind the last blank line, so a text may quote a whole note.
    const std::size_t split = bytes.rfind("\n\n");
    if (split == std::string_view::npos ||
        bytes.substr(split + 1, signature_start.size()) != signature_start) {
        return refuse("the note has no blank line before its signatures");
    }
    Note note{.text = std::string(bytes.substr(0, split + 1)), .signatures = {}};
    std::string_view rest = bytes.substr(split + 2);
    while (!rest.empty()) {
        if (note.signatures.size() == note_signatures_max) {
            return refuse("the note has more than 100 signatures");
        }
        const std::size_t end = rest.find('\n');
        Result<NoteSignature> signature = parse_signature(rest.substr(0, end));
        if (!signature) {
            return signature.error();
        }
        note.signatures.push_back(std::move(*signature));
        rest.remove_prefix(end + 1);
    }
    return note;
}

std::string sign_note(std::string_view text, std::string_view name, const Ed25519KeyPair& key) {
    HEADROOM_ASSERT(text.ends_with('\n') && is_key_name(name));
    const VerifierKey verifier = make_verifier_key(name, key.public_key());
    std::string bytes(as_chars(verifier.id));
    bytes += as_chars(key.sign(text));
    std::string note(text);
    note.append("\n").append(signature_prefix).append(name).append(" ").append(to_base64(bytes)).append("\n");
    return note;
}

Result<Note> verify_note(std::string_view bytes, std::span<const VerifierKey> known) {
    Result<Note> note = parse_note(bytes);
    if (!note) {
        return note;
    }
    bool is_signed = false;
    for (const NoteSignature& signature : note->signatures) {
        const auto key = std::ranges::find_if(known, [&signature](const VerifierKey& candidate) {
            return candidate.name == signature.name && candidate.id == signature.id;
        });
        if (key == known.end()) {
            continue;
        }
        if (!ed25519_verify(key->key, note->text, signature.signature)) {
            return Error{Errc::denied,
                         "the note's signature by " + key->name + "+" + to_hex(key->id) + " is wrong", ""};
        }
        is_signed = true;
    }
    if (!is_signed) {
        return Error{Errc::denied, "the note is not signed by any known key", ""};
    }
    return note;
}

}  // namespace headroom::audit
