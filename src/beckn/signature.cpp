#include "beckn/signature.hpp"

#include <utility>

namespace headroom::beckn {

std::string signing_string(std::int64_t created, std::int64_t expires, std::string_view body) {
    return signing_text(created, expires, DigestLabel::blake_512, to_base64(blake2b512(body)), {});
}

std::string make_authorization(const Signer& signer, UtcTime now, milliseconds ttl, std::string_view body) {
    static const SignatureRules rules = rules_of(SignatureProfile::beckn006);
    return sign(rules, signer, now, ttl, body);
}

Result<VerifiedSender> verify_authorization(std::string_view header, std::string_view body,
                                            const KeyLookup& lookup, UtcTime now, milliseconds skew) {
    SignatureRules rules = rules_of(SignatureProfile::beckn006);
    rules.skew = skew;
    PublishedKey found;
    const KeyFinder keys = [&](const KeyId& id) -> KeyCandidates {
        const std::optional<Ed25519PublicKey> key = lookup(id.subscriber, id.key);
        if (!key) {
            return {};
        }
        found.subscriber = id.subscriber;
        found.key = id.key;
        found.signing = *key;
        return {.current = &found};
    };
    SignatureVerdict verdict = verify(rules, {.authorization = header, .body = body}, keys, now);
    if (!verdict.is_good()) {
        return Error{Errc::denied, std::move(verdict.why), ""};
    }
    return std::move(verdict.sender);
}

}  // namespace headroom::beckn
