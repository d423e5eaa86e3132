#pragma once

#include "beckn/signature_header.hpp"
#include "beckn/signature_verify.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Signatures of 1.x over HTTP bodies, for callers that know one key by one id. Source: BECKN-006; its
/// published vector is a test. Other profiles: signature_profile.hpp and signature_verify.hpp.

/// "(created): N\n(expires): N\ndigest: BLAKE-512=…" over the body's bytes, without a final newline.
[[nodiscard]] std::string signing_string(std::int64_t created, std::int64_t expires, std::string_view body);

/// The Authorization header for `body`, made at `now`, good for `ttl` (whole seconds, at least one).
[[nodiscard]] std::string make_authorization(const Signer& signer, UtcTime now, milliseconds ttl,
                                             std::string_view body);

/// Looks up the key of (subscriber, key id); nothing when it is not known.
using KeyLookup =
    std::function<std::optional<Ed25519PublicKey>(std::string_view subscriber, std::string_view key)>;

/// Checks an Authorization header over the raw body: known key, not created more than `skew` ahead of `now`,
/// not expired, signature good under the digest label BLAKE-512 or BLAKE2b-512.
/// Errors: `denied` saying why; the caller tells the peer no more than that it was refused.
[[nodiscard]] Result<VerifiedSender> verify_authorization(std::string_view header, std::string_view body,
                                                          const KeyLookup& lookup, UtcTime now,
                                                          milliseconds skew);

}  // namespace headroom::beckn
