#include "beckn/doctor_mistakes.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace headroom::beckn {
namespace {

struct BodyForm {
    std::string bytes;
    std::string what;
};

/// JSON with a blank behind each comma and colon, as Python writes it.
std::string spaced(std::string_view compact) {
    std::string out;
    bool is_inside = false;
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        out += c;
        if (is_inside && c == '\\' && i + 1 < compact.size()) {
            out += compact[++i];
            continue;
        }
        is_inside = c == '"' ? !is_inside : is_inside;
        if (!is_inside && (c == ',' || c == ':')) {
            out += ' ';
        }
    }
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// Go's writer escapes what could be markup.
std::string html_escaped(std::string text) {
    text = replaced(std::move(text), "<", "\\u003c");
    text = replaced(std::move(text), ">", "\\u003e");
    return replaced(std::move(text), "&", "\\u0026");
}

/// Bodies that may have been signed instead of the one that was sent.
std::vector<BodyForm> body_forms(const std::string& body) {
    std::vector<BodyForm> forms{
        {body + "\n", "over the body with a final newline, which was not sent"},
        {body + "\r\n", "over the body with a final line break, which was not sent"},
        {replaced(body, "\r\n", "\n"), "over the body with other line ends (LF) than those sent (CRLF)"},
        {replaced(replaced(body, "\r\n", "\n"), "\n", "\r\n"),
         "over the body with other line ends (CRLF) than those sent (LF)"},
        {"", "over an empty body"}};
    std::string trimmed = body;
    while (trimmed.ends_with('\n') || trimmed.ends_with('\r') || trimmed.ends_with(' ')) {
        trimmed.pop_back();
    }
    forms.push_back({trimmed, "over the body without the final newline that was sent"});
    if (body.starts_with("\xef\xbb\xbf")) {
        forms.push_back({body.substr(3), "over the body without the byte order mark that was sent"});
    }
    const Result<json::Value> parsed = json::parse(body);
    if (parsed) {
        const std::string why = "over re-serialised JSON";
        const std::string compact = json::write(*parsed);
        std::string pretty = json::write_pretty(*parsed);
        forms.push_back({compact, why + " (compact), not over the bytes that were sent"});
        forms.push_back({html_escaped(compact), why + " (with < > & escaped), not over the bytes sent"});
        forms.push_back(
            {spaced(compact), why + " (a blank behind each comma and colon), not over the bytes sent"});
        forms.push_back({pretty, why + " (indented), not over the bytes that were sent"});
        pretty.pop_back();
        forms.push_back({std::move(pretty), why + " (indented), not over the bytes that were sent"});
    }
    return forms;
}

std::string url_alphabet(std::string text) {
    text = replaced(std::move(text), "+", "-");
    return replaced(std::move(text), "/", "_");
}

class Trial {
  public:
    Trial(const DoctorCase& message, const SignatureParts& parts, std::string signature)
        : message_(message), parts_(parts), signature_(std::move(signature)) {}

    [[nodiscard]] std::optional<SigningMistake> run() const {
        const std::string digest = to_base64(blake2b512(message_.body));
        for (const PublishedKey& key : message_.keys) {
            for (const auto& attempt : {&Trial::other_lines, &Trial::other_digest}) {
                if (std::optional<SigningMistake> found = (this->*attempt)(key.signing, digest)) {
                    return found;
                }
            }
            for (const BodyForm& form : body_forms(message_.body)) {
                if (form.bytes != message_.body &&
                    is_signed(key.signing, to_base64(blake2b512(form.bytes)))) {
                    return SigningMistake{"It was signed " + form.what + ".",
                                          "Serialise once, then sign and send those very bytes."};
                }
            }
            if (is_signed(key.signing, digest)) {
                return SigningMistake{"It was signed by the key " + key.subscriber + "|" + key.key +
                                          ", which is not the one that the header names.",
                                      "Name the key that signs, or sign with the key that is named."};
            }
        }
        return std::nullopt;
    }

  private:
    [[nodiscard]] bool is_over(const Ed25519PublicKey& key, std::string_view text) const {
        return ed25519_verify(key, text, signature_);
    }

    /// Any of the ways in which a good signer would have written the lines.
    [[nodiscard]] bool is_signed(const Ed25519PublicKey& key, std::string_view digest) const {
        const std::string_view request = message_.request_authorization;
        for (const DigestLabel label : {DigestLabel::blake_512, DigestLabel::blake2b_512}) {
            for (const std::string_view line : {std::string_view(), raw_signature(request), request}) {
                if (is_over(key, signing_text(parts_.created, parts_.expires, label, digest, line))) {
                    return true;
                }
            }
        }
        return false;
    }

    [[nodiscard]] std::optional<SigningMistake> other_lines(const Ed25519PublicKey& key,
                                                            const std::string& digest) const {
        const bool has_four = parts_.headers == signed_headers_four;
        const std::string_view request = message_.request_authorization;
        for (const DigestLabel label : {DigestLabel::blake_512, DigestLabel::blake2b_512}) {
            const std::string three = signing_text(parts_.created, parts_.expires, label, digest, {});
            for (const std::string_view line : {std::string_view(), raw_signature(request), request}) {
                const std::string text = signing_text(parts_.created, parts_.expires, label, digest, line);
                if (is_over(key, text + "\n")) {
                    return SigningMistake{"The signed text ends with a newline.",
                                          "Join the lines with newlines and put none behind the last."};
                }
                if (is_over(key, replaced(text, "\n", "\r\n"))) {
                    return SigningMistake{"The signed lines are joined by CR LF.", "Join them by LF."};
                }
                if (!line.empty() && !has_four && is_over(key, text)) {
                    return SigningMistake{"Four lines were signed, but the header names three.",
                                          "Write headers=\"" + std::string(signed_headers_four) + "\"."};
                }
            }
            if (has_four && is_over(key, three)) {
                return SigningMistake{"Three lines were signed, but the header names four.",
                                      "Sign the line request-signature as well, or leave it out of headers."};
            }
            if (has_four && request.empty()) {
                continue;
            }
            if (is_over(key, signing_text(parts_.expires, parts_.created, label, digest, {}))) {
                return SigningMistake{"created and expires were exchanged in the signed text.",
                                      "Sign the times as the header has them."};
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<SigningMistake> other_digest(const Ed25519PublicKey& key,
                                                             const std::string& digest) const {
        const Blake2b512 hash = blake2b512(message_.body);
        const std::string sha = to_base64(sha256(message_.body));
        const std::string head =
            "(created): " + std::to_string(parts_.created) + "\n(expires): " + std::to_string(parts_.expires);
        const std::vector<std::pair<std::string, std::string>> spellings{
            {digest, "The digest was signed without a label."},
            {"BLAKE2B-512=" + digest, "The digest's label is BLAKE2B-512."},
            {"blake2b-512=" + digest, "The digest's label is written small."},
            {"BLAKE-512=" + to_hex(hash), "The digest was signed in hexadecimal, not in Base64."},
            {"BLAKE-512=" + url_alphabet(digest), "The digest was signed in the URL alphabet of Base64."},
            {"SHA-256=" + sha, "The digest is SHA-256, not BLAKE2b-512."},
            {"BLAKE-512=" + sha, "The digest is SHA-256 under the label of BLAKE2b-512."}};
        for (const auto& [spelling, what] : spellings) {
            if (is_over(key, head + "\ndigest: " + spelling)) {
                return SigningMistake{what,
                                      "Sign \"digest: BLAKE-512=\" and the standard Base64 of the hash."};
            }
        }
        if (is_over(key, message_.body)) {
            return SigningMistake{"The body itself was signed, not the lines with its digest.",
                                  "Sign the lines (created), (expires) and digest."};
        }
        return std::nullopt;
    }

    const DoctorCase& message_;
    const SignatureParts& parts_;
    std::string signature_;
};

}  // namespace

std::optional<SigningMistake> find_mistake(const DoctorCase& message, const SignatureParts& parts) {
    Result<std::string> signature = from_base64(parts.signature);
    if (!signature || signature->size() != std::tuple_size_v<Ed25519Signature>) {
        return std::nullopt;
    }
    return Trial(message, parts, std::move(*signature)).run();
}

}  // namespace headroom::beckn
