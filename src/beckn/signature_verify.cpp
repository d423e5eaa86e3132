#include "beckn/signature_verify.hpp"

#include "beckn/signature_header.hpp"
#include "core/ed25519_known.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace headroom::beckn {
namespace {

constexpr std::string_view algorithm_word = "ed25519";

/// One signature header and what it stands over.
struct Presented {
    std::string_view header;
    std::string_view digest_base64;
    std::string_view request_authorization;
    SchemeWord scheme = SchemeWord::needed;
    bool may_be_bound = false;
    bool must_be_bound = false;
};

struct Outcome {
    TrustRule broken = TrustRule::none;
    std::string why;
    VerifiedSender sender;
    const PublishedKey* key = nullptr;
    DigestLabel label = DigestLabel::blake_512;
    RequestBinding binding = RequestBinding::none;
    bool by_former_key = false;
};

Outcome broke(TrustRule rule, std::string why) {
    Outcome outcome;
    outcome.broken = rule;
    outcome.why = std::move(why);
    return outcome;
}

/// What does not need the key.
std::optional<Outcome> check_parts(const SignatureParts& parts, const Presented& presented, UtcTime now,
                                   milliseconds skew) {
    if (parts.algorithm != algorithm_word) {
        return broke(TrustRule::algorithm, "the algorithm is not ed25519");
    }
    const bool has_four = parts.headers == signed_headers_four && presented.may_be_bound;
    if (!has_four && parts.headers != signed_headers_three) {
        return broke(TrustRule::signed_headers,
                     "the signed headers are not '" +
                         std::string(presented.may_be_bound ? signed_headers_four : signed_headers_three) +
                         "'");
    }
    if (parts.expires <= parts.created) {
        return broke(TrustRule::times, "the signature expires before it was created");
    }
    const UtcTime created{seconds{parts.created}};
    const UtcTime expires{seconds{parts.expires}};
    if (created > now + skew) {
        return broke(TrustRule::created_in_future,
                     "the signature is from the future: created " + format_utc(created));
    }
    if (expires < now) {
        return broke(TrustRule::expired, "the signature expired at " + format_utc(expires));
    }
    if (has_four && presented.request_authorization.empty()) {
        return broke(TrustRule::request_unknown, "the signature is bound to a request that is not known");
    }
    if (!has_four && presented.must_be_bound) {
        return broke(TrustRule::request_not_bound, "the signature is not bound to the request it answers");
    }
    return std::nullopt;
}

std::optional<Outcome> check_key(const PublishedKey& key, const SignatureParts& parts, UtcTime now) {
    const std::string name = key.subscriber + "|" + key.key;
    if (key.status != SubscriptionStatus::subscribed) {
        return broke(TrustRule::key_not_valid,
                     "the subscription of " + name + " is " + std::string(to_string(key.status)));
    }
    if (key.valid_from && *key.valid_from > now) {
        return broke(TrustRule::key_not_valid,
                     "the key " + name + " is valid from " + format_utc(*key.valid_from));
    }
    if (key.valid_until && *key.valid_until < now) {
        return broke(TrustRule::key_not_valid,
                     "the key " + name + " was valid until " + format_utc(*key.valid_until));
    }
    if (key.valid_until && UtcTime{seconds{parts.expires}} > *key.valid_until) {
        return broke(TrustRule::expires_after_key,
                     "the signature expires after its key, " + format_utc(*key.valid_until));
    }
    return std::nullopt;
}

struct Reading {
    DigestLabel label = DigestLabel::blake_512;
    RequestBinding binding = RequestBinding::none;
};

/// The ways in which the signed text may have been written, the likeliest first.
struct Readings {
    std::array<Reading, 4> all{};
    std::size_t count = 0;
};

Readings readings_of(const SignatureRules& rules, const SignatureParts& parts) {
    std::array<RequestBinding, 2> bindings{RequestBinding::signature, RequestBinding::whole_header};
    if (rules.callback_binding == RequestBinding::whole_header) {
        std::swap(bindings[0], bindings[1]);
    }
    const bool is_bound_text = parts.headers == signed_headers_four;
    const DigestLabel other =
        rules.label == DigestLabel::blake_512 ? DigestLabel::blake2b_512 : DigestLabel::blake_512;
    Readings readings;
    for (const DigestLabel label : {rules.label, other}) {
        if (!is_bound_text) {
            readings.all[readings.count++] = {label, RequestBinding::none};
            continue;
        }
        for (const RequestBinding binding : bindings) {
            readings.all[readings.count++] = {label, binding};
        }
    }
    return readings;
}

std::string text_of(const SignatureParts& parts, const Presented& presented, const Reading& reading) {
    const std::string_view line = reading.binding == RequestBinding::none ? std::string_view()
                                  : reading.binding == RequestBinding::signature
                                      ? raw_signature(presented.request_authorization)
                                      : presented.request_authorization;
    return signing_text(parts.created, parts.expires, reading.label, presented.digest_base64, line);
}

/// The reading under which `key` has signed; nothing when there is none.
std::optional<Reading> find_reading(const Ed25519PublicKey& key, const SignatureRules& rules,
                                    const SignatureParts& parts, const Presented& presented,
                                    std::string_view signature) {
    const Readings readings = readings_of(rules, parts);
    for (std::size_t i = 0; i < readings.count; ++i) {
        const Reading& reading = readings.all[i];
        if (ed25519_verify_known(key, text_of(parts, presented, reading), signature)) {
            return reading;
        }
    }
    return std::nullopt;
}

/// What is signed by an unknown key is checked against one that nobody has the secret of, for the time it
/// takes to refuse a signature of a known one: by its multiples and by libsodium.
void check_in_vain(const SignatureRules& rules, const SignatureParts& parts, const Presented& presented,
                   std::string_view signature) {
    static const Ed25519PublicKey key = Ed25519KeyPair::generate().public_key();
    static const std::unique_ptr<const Ed25519Multiples> multiples = Ed25519Multiples::of(key);
    const Readings readings = readings_of(rules, parts);
    for (std::size_t i = 0; i < readings.count; ++i) {
        const std::string text = text_of(parts, presented, readings.all[i]);
        static_cast<void>(multiples->verify(text, signature));
        static_cast<void>(ed25519_verify(key, text, signature));
    }
}

Outcome judge(const SignatureRules& rules, const Presented& presented, const KeyFinder& keys, UtcTime now) {
    if (presented.header.empty()) {
        return broke(TrustRule::header_missing, "there is no signature header");
    }
    const Result<SignatureParts> parts = read_signature_header(presented.header, presented.scheme);
    if (!parts) {
        return broke(TrustRule::header_malformed, parts.error().message);
    }
    const Result<KeyId> id = parse_key_id(parts->key_id);
    if (!id) {
        return broke(TrustRule::key_id_malformed, id.error().message);
    }
    if (id->algorithm != algorithm_word) {
        return broke(TrustRule::algorithm, "the algorithm is not ed25519");
    }
    if (std::optional<Outcome> wrong = check_parts(*parts, presented, now, rules.skew)) {
        return std::move(*wrong);
    }
    const Result<std::string> signature = from_base64(parts->signature);
    if (!signature || signature->size() != std::tuple_size_v<Ed25519Signature>) {
        return broke(TrustRule::signature_length, "the signature is not 64 bytes in Base64");
    }
    const std::string name = id->subscriber + "|" + id->key;
    const KeyCandidates found = keys(*id);
    if (found.current == nullptr) {
        check_in_vain(rules, *parts, presented, *signature);
        return broke(TrustRule::key_unknown, "the key " + name + " is not known");
    }
    Outcome outcome;
    outcome.key = found.current;
    std::optional<Reading> reading =
        find_reading(found.current->signing, rules, *parts, presented, *signature);
    if (!reading && found.former != nullptr && UtcTime{seconds{parts->created}} <= found.replaced_at) {
        reading = find_reading(found.former->signing, rules, *parts, presented, *signature);
        outcome.by_former_key = reading.has_value();
        outcome.key = found.former;
    }
    if (!reading) {
        return broke(TrustRule::signature, "the signature of " + name + " does not verify");
    }
    if (std::optional<Outcome> wrong = check_key(*outcome.key, *parts, now)) {
        return std::move(*wrong);
    }
    outcome.label = reading->label;
    outcome.binding = reading->binding;
    outcome.sender = {outcome.key->subscriber.empty() ? id->subscriber : outcome.key->subscriber, id->key,
                      UtcTime{seconds{parts->created}}, UtcTime{seconds{parts->expires}}};
    return outcome;
}

SignatureVerdict verdict_of(Outcome outcome) {
    SignatureVerdict verdict;
    verdict.broken = outcome.broken;
    verdict.why = std::move(outcome.why);
    verdict.sender = std::move(outcome.sender);
    verdict.label = outcome.label;
    verdict.binding = outcome.binding;
    verdict.by_former_key = outcome.by_former_key;
    return verdict;
}

/// A Digest header that stands beside is no part of what is signed, but must not say something else.
bool is_digest_of(std::string_view header, std::string_view digest_base64) {
    for (const DigestLabel label : {DigestLabel::blake_512, DigestLabel::blake2b_512}) {
        const std::string_view word = to_string(label);
        if (header.size() == word.size() + 1 + digest_base64.size() && header.starts_with(word) &&
            header[word.size()] == '=' && header.ends_with(digest_base64)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view to_string(TrustRule rule) {
    static constexpr std::array<std::string_view, 20> names{"none",
                                                            "header_missing",
                                                            "header_malformed",
                                                            "key_id_malformed",
                                                            "algorithm",
                                                            "signed_headers",
                                                            "times",
                                                            "created_in_future",
                                                            "expired",
                                                            "signature_length",
                                                            "request_unknown",
                                                            "request_not_bound",
                                                            "key_unknown",
                                                            "key_not_valid",
                                                            "expires_after_key",
                                                            "digest_header",
                                                            "signature",
                                                            "gateway_type",
                                                            "identity",
                                                            "network"};
    return names.at(static_cast<std::size_t>(rule));
}

SignatureVerdict verify(const SignatureRules& rules, const SignedMessage& message, const KeyFinder& keys,
                        UtcTime now) {
    const std::string digest = to_base64(blake2b512(message.body));
    std::optional<VerifiedSender> gateway;
    if (rules.takes_gateway && !message.gateway_authorization.empty()) {
        Outcome outcome =
            judge(rules, {.header = message.gateway_authorization, .digest_base64 = digest}, keys, now);
        if (outcome.broken == TrustRule::none && outcome.key->type != ParticipantType::gateway) {
            outcome = broke(TrustRule::gateway_type, "the gateway's key belongs to no gateway");
        }
        if (outcome.broken != TrustRule::none) {
            SignatureVerdict verdict = verdict_of(std::move(outcome));
            verdict.is_gateway = true;
            return verdict;
        }
        gateway = std::move(outcome.sender);
    }
    SignatureVerdict verdict =
        verdict_of(judge(rules,
                         {.header = message.authorization,
                          .digest_base64 = digest,
                          .request_authorization = message.request_authorization,
                          .may_be_bound = rules.callback_binding != RequestBinding::none,
                          .must_be_bound = message.must_be_bound},
                         keys, now));
    if (verdict.is_good() && !message.digest.empty() && !is_digest_of(message.digest, digest)) {
        verdict = verdict_of(broke(TrustRule::digest_header, "the Digest header is not the body's"));
    }
    verdict.gateway = std::move(gateway);
    return verdict;
}

SignatureVerdict verify_ack(const SignatureRules& rules, std::string_view signature_header,
                            std::string_view body, std::string_view request_authorization,
                            const KeyFinder& keys, UtcTime now) {
    const std::string digest = to_base64(blake2b512(body));
    return verdict_of(judge(rules,
                            {.header = signature_header,
                             .digest_base64 = digest,
                             .request_authorization = request_authorization,
                             .scheme = SchemeWord::optional,
                             .may_be_bound = true},
                            keys, now));
}

bool is_bound(std::string_view authorization) {
    const Result<SignatureParts> parts = read_signature_header(authorization, SchemeWord::needed);
    return parts && parts->headers == signed_headers_four;
}

std::vector<KeyId> key_ids_of(const SignedMessage& message) {
    std::vector<KeyId> ids;
    for (const std::string_view header : {message.gateway_authorization, message.authorization}) {
        const Result<SignatureParts> parts = read_signature_header(header, SchemeWord::optional);
        if (!parts) {
            continue;
        }
        Result<KeyId> id = parse_key_id(parts->key_id);
        if (id) {
            ids.push_back(std::move(id).value());
        }
    }
    return ids;
}

std::string challenge(std::string_view realm) {
    std::string text = "Signature realm=\"";
    text += realm;
    text += "\",headers=\"";
    text += signed_headers_three;
    text += "\"";
    return text;
}

}  // namespace headroom::beckn
