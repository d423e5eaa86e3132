#pragma once

#include "beckn/key_record.hpp"
#include "beckn/signature_profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn {

/// Which rule a message broke. The peer is told none of them apart.
enum class TrustRule : std::uint8_t {
    none,
    header_missing,
    header_malformed,
    key_id_malformed,
    algorithm,
    signed_headers,  ///< another list of headers, or another order
    times,           ///< expires is not after created
    created_in_future,
    expired,
    signature_length,
    request_unknown,    ///< bound to a request, and none is known
    request_not_bound,  ///< no fourth line where it is demanded
    key_unknown,
    key_not_valid,      ///< outside its time, or its subscription does not stand
    expires_after_key,  ///< the signature outlives its key
    digest_header,      ///< a Digest header that is not the body's
    signature,          ///< does not verify
    gateway_type,       ///< the gateway's key is no gateway's
    identity,           ///< the key belongs to somebody else than the context's sender
    network,            ///< the key is in none of the allowed networks
};
[[nodiscard]] std::string_view to_string(TrustRule rule);  ///< "created_in_future"

/// Who has signed, once that is certain.
struct VerifiedSender {
    std::string subscriber;
    std::string key;
    UtcTime created{};
    UtcTime expires{};
};

/// What was found out about a message.
struct SignatureVerdict {
    TrustRule broken = TrustRule::none;
    std::string why;          ///< a sentence for our own log; empty when it is good
    bool is_gateway = false;  ///< the rule was broken by X-Gateway-Authorization
    VerifiedSender sender;    ///< of a good one
    std::optional<VerifiedSender> gateway;
    DigestLabel label = DigestLabel::blake_512;     ///< under which it verified
    RequestBinding binding = RequestBinding::none;  ///< with which it verified
    bool by_former_key = false;                     ///< signed before its key was replaced

    [[nodiscard]] bool is_good() const { return broken == TrustRule::none; }
    /// Fetching the key again may change the verdict.
    [[nodiscard]] bool may_be_stale_key() const {
        return broken == TrustRule::key_unknown || broken == TrustRule::key_not_valid ||
               broken == TrustRule::expires_after_key || broken == TrustRule::signature;
    }
};

/// A request or a callback as it was received: header values (empty when absent) and the raw body.
struct SignedMessage {
    std::string_view authorization;
    std::string_view body;
    std::string_view gateway_authorization = {};
    std::string_view digest = {};
    /// The Authorization header of the request of ours that this answers; empty when none is known.
    std::string_view request_authorization = {};
    bool must_be_bound = false;  ///< a solicited callback of a peer that binds its callbacks
};

/// Checks a message against its headers: the gateway's signature first where the profile has one, then the
/// sender's. Every answer costs about the same, so that time does not tell which subscribers are known.
[[nodiscard]] SignatureVerdict verify(const SignatureRules& rules, const SignedMessage& message,
                                      const KeyFinder& keys, UtcTime now);

/// Checks the Signature header of an answer to a request of ours: with or without the scheme's word, with
/// three lines or four. A bad one is a warning about the peer's trust, the answer itself still counts.
[[nodiscard]] SignatureVerdict verify_ack(const SignatureRules& rules, std::string_view signature_header,
                                          std::string_view body, std::string_view request_authorization,
                                          const KeyFinder& keys, UtcTime now);

/// Whether an Authorization header says that it is bound to a request, so that the request has to be found.
[[nodiscard]] bool is_bound(std::string_view authorization);
/// The key ids that a message names, gateway first; those that cannot be read are left out.
[[nodiscard]] std::vector<KeyId> key_ids_of(const SignedMessage& message);

/// The value of WWW-Authenticate, or of Proxy-Authenticate for a gateway's signature.
[[nodiscard]] std::string challenge(std::string_view realm);

}  // namespace headroom::beckn
