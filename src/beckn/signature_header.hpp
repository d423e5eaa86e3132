#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// More of a header is not read.
inline constexpr std::size_t signature_header_max = 4096;

/// The parts of a signature header where they stand in it; as long as the header lives.
struct SignatureParts {
    std::string_view key_id;
    std::string_view algorithm;
    std::int64_t created = 0;  ///< Unix seconds
    std::int64_t expires = 0;
    std::string_view headers;    ///< "(created) (expires) digest"
    std::string_view signature;  ///< Base64
    bool has_scheme = false;     ///< begins with the word Signature
};

/// Whether the word Signature must stand in front: in Authorization always, in an answer's Signature header
/// ONIX writes it and NFH-004 does not.
enum class SchemeWord : std::uint8_t { needed, optional };

/// Reads `Signature keyId="…",algorithm="…",…`: names in any order, once each, commas inside quotes allowed,
/// created and expires also without quotes. Names that are not known are passed over.
/// Errors: `invalid` naming the part.
[[nodiscard]] Result<SignatureParts> read_signature_header(std::string_view header, SchemeWord scheme);

/// The same parts as values of their own.
struct SignatureHeader {
    std::string key_id;  ///< "subscriber|key|ed25519"
    std::string algorithm;
    std::int64_t created = 0;  ///< Unix seconds
    std::int64_t expires = 0;
    std::string headers;    ///< "(created) (expires) digest"
    std::string signature;  ///< Base64

    bool operator==(const SignatureHeader&) const = default;
};
/// Reads an Authorization header. Errors: `invalid` naming the part.
[[nodiscard]] Result<SignatureHeader> parse_authorization(std::string_view header);

/// The signature's Base64 out of a whole header, or the text itself when it is no header: what a
/// request-signature line may hold, by either of its two readings.
[[nodiscard]] std::string_view raw_signature(std::string_view header_or_signature);

}  // namespace headroom::beckn
