#pragma once

#include "beckn/key_id.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Signatures over HTTP bodies. Source: BECKN-006; its published vector is a test.

/// The parts of an Authorization header as they stand in it.
struct SignatureHeader {
    std::string key_id;  ///< "subscriber|key|ed25519"
    std::string algorithm;
    std::int64_t created = 0;  ///< Unix seconds
    std::int64_t expires = 0;
    std::string headers;    ///< "(created) (expires) digest"
    std::string signature;  ///< Base64

    bool operator==(const SignatureHeader&) const = default;
};

/// Reads `Signature keyId="…",algorithm="…",…`: names in any order, once each, commas inside quotes allowed.
/// Errors: `invalid` naming the part.
[[nodiscard]] Result<SignatureHeader> parse_authorization(std::string_view header);

/// "(created): N\n(expires): N\ndigest: BLAKE-512=…" over the body's bytes, without a final newline.
[[nodiscard]] std::string signing_string(std::int64_t created, std::int64_t expires, std::string_view body);

/// Who signs.
struct Signer {
    std::string subscriber;
    std::string key_id;
    Ed25519KeyPair key;
};

/// The Authorization header for `body`, made at `now`, good for `ttl` (whole seconds, at least one).
[[nodiscard]] std::string make_authorization(const Signer& signer, UtcTime now, milliseconds ttl,
                                             std::string_view body);

/// Looks up the key of (subscriber, key id); nothing when it is not known.
using KeyLookup =
    std::function<std::optional<Ed25519PublicKey>(std::string_view subscriber, std::string_view key)>;

/// Who has signed, once that is certain.
struct VerifiedSender {
    std::string subscriber;
    std::string key;
    UtcTime created{};
    UtcTime expires{};
};

/// Checks an Authorization header over the raw body: known key, not created more than `skew` ahead of `now`,
/// not expired, signature good under the digest label BLAKE-512 or BLAKE2b-512.
/// Errors: `denied` saying why; the caller tells the peer no more than that it was refused.
[[nodiscard]] Result<VerifiedSender> verify_authorization(std::string_view header, std::string_view body,
                                                          const KeyLookup& lookup, UtcTime now,
                                                          milliseconds skew);

/// The value of WWW-Authenticate for a refused signature.
[[nodiscard]] std::string challenge(std::string_view realm);

}  // namespace headroom::beckn
