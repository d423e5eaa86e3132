#pragma once

#include "beckn/key_id.hpp"
#include "core/digest.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// By whose text a peer signs. Source: docs/formats/beckn-trust.md.
enum class SignatureProfile : std::uint8_t {
    beckn006,  ///< 1.x: three lines, answers are not signed, gateways sign beside the sender
    onix18,    ///< 2.0 as ONIX 1.8 does it: callbacks and answers are bound to the request
    nfh004,    ///< 2.0 as NFH-004 writes it
};
[[nodiscard]] std::string_view to_string(SignatureProfile profile);  ///< "beckn-006", "onix-1.8", "nfh-004"
[[nodiscard]] std::optional<SignatureProfile> parse_signature_profile(std::string_view text);

/// The word before the digest; the digest is BLAKE2b-512 under either.
enum class DigestLabel : std::uint8_t { blake_512, blake2b_512 };
[[nodiscard]] std::string_view to_string(DigestLabel label);  ///< "BLAKE-512", "BLAKE2b-512"

/// What the fourth line, request-signature, holds.
enum class RequestBinding : std::uint8_t {
    none,          ///< there is no fourth line
    signature,     ///< the request's signature alone, in Base64
    whole_header,  ///< the request's whole Authorization header
};
[[nodiscard]] std::string_view to_string(RequestBinding binding);

/// How the answer's Signature header is written.
enum class AckSignature : std::uint8_t { none, with_scheme, bare };

/// How messages to one peer are signed, and which of its own are taken. Reading is more lenient than
/// writing: both labels, both bindings and both forms of an answer's header are read in every 2.0 profile.
struct SignatureRules {
    SignatureProfile profile = SignatureProfile::beckn006;
    DigestLabel label = DigestLabel::blake_512;
    RequestBinding callback_binding = RequestBinding::none;
    RequestBinding ack_binding = RequestBinding::none;
    AckSignature ack = AckSignature::none;
    bool takes_gateway = false;               ///< X-Gateway-Authorization is looked at
    milliseconds skew = seconds{5};           ///< `created` may lie so far ahead of our clock
    std::optional<milliseconds> lasts_max{};  ///< of what we sign; nothing: as long as the ttl
    std::string registry = {};                ///< not empty: key ids are written subscriber/registry/key
};
[[nodiscard]] SignatureRules rules_of(SignatureProfile profile);

/// Who signs.
struct Signer {
    std::string subscriber;
    std::string key_id;
    Ed25519KeyPair key;
};

inline constexpr std::string_view signed_headers_three = "(created) (expires) digest";
inline constexpr std::string_view signed_headers_four = "(created) (expires) digest request-signature";

/// What is signed: the lines "(created): N", "(expires): N", "digest: LABEL=…" and, when there is a request,
/// "request-signature: …", joined by newlines and without one at the end.
[[nodiscard]] std::string signing_text(std::int64_t created, std::int64_t expires, DigestLabel label,
                                       std::string_view digest_base64, std::string_view request_line);

/// The Authorization header of a message of ours, made at `now` and good for `ttl` (whole seconds, at least
/// one, at most `rules.lasts_max`). With the Authorization header of the request that it answers, the
/// message is bound to it where the profile does so.
[[nodiscard]] std::string sign(const SignatureRules& rules, const Signer& signer, UtcTime now,
                               milliseconds ttl, std::string_view body,
                               std::string_view request_authorization = {});

/// The value of the Signature header of our synchronous answer; empty when the profile has none.
[[nodiscard]] std::string sign_ack(const SignatureRules& rules, const Signer& signer, UtcTime now,
                                   std::string_view body, std::string_view request_authorization);

/// "BLAKE-512=…" of a body: the value of a Digest header and of a context's request digest.
[[nodiscard]] std::string digest_text(DigestLabel label, std::string_view body);

}  // namespace headroom::beckn
