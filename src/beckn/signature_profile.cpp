#include "beckn/signature_profile.hpp"

#include "beckn/signature_header.hpp"

#include <algorithm>
#include <chrono>

namespace headroom::beckn {
namespace {

constexpr milliseconds modern_lasts_max = minutes{5};
/// An answer is read at once; its signature need not outlive the request's.
constexpr milliseconds ack_lasts = minutes{5};

std::int64_t unix_seconds(UtcTime time) {
    return std::chrono::floor<seconds>(time.time_since_epoch()).count();
}

std::string_view request_line(RequestBinding binding, std::string_view request_authorization) {
    switch (binding) {
        case RequestBinding::none:
            return {};
        case RequestBinding::signature:
            return raw_signature(request_authorization);
        case RequestBinding::whole_header:
            return request_authorization;
    }
    HEADROOM_ASSERT(false);
    return {};
}

struct Made {
    std::int64_t created = 0;
    std::int64_t expires = 0;
    std::string_view request;
    bool has_scheme = true;
};

std::string header_of(const SignatureRules& rules, const Signer& signer, const Made& made,
                      std::string_view body) {
    const std::string text =
        signing_text(made.created, made.expires, rules.label, to_base64(blake2b512(body)), made.request);
    const Ed25519Signature signature = signer.key.sign(text);
    std::string header;
    header.reserve(320 + signer.subscriber.size() + signer.key_id.size() + rules.registry.size());
    header += made.has_scheme ? "Signature keyId=\"" : "keyId=\"";
    header += signer.subscriber;
    header += rules.registry.empty() ? "|" : "/" + rules.registry + "/";
    header += signer.key_id;
    header += "|ed25519\",algorithm=\"ed25519\",created=\"";
    header += std::to_string(made.created);
    header += "\",expires=\"";
    header += std::to_string(made.expires);
    header += "\",headers=\"";
    header += made.request.empty() ? signed_headers_three : signed_headers_four;
    header += "\",signature=\"";
    header += to_base64(signature);
    header += '"';
    return header;
}

}  // namespace

std::string_view to_string(SignatureProfile profile) {
    switch (profile) {
        case SignatureProfile::beckn006:
            return "beckn-006";
        case SignatureProfile::onix18:
            return "onix-1.8";
        case SignatureProfile::nfh004:
            return "nfh-004";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<SignatureProfile> parse_signature_profile(std::string_view text) {
    for (const SignatureProfile profile :
         {SignatureProfile::beckn006, SignatureProfile::onix18, SignatureProfile::nfh004}) {
        if (to_string(profile) == text) {
            return profile;
        }
    }
    return std::nullopt;
}

std::string_view to_string(DigestLabel label) {
    return label == DigestLabel::blake_512 ? "BLAKE-512" : "BLAKE2b-512";
}

std::string_view to_string(RequestBinding binding) {
    switch (binding) {
        case RequestBinding::none:
            return "none";
        case RequestBinding::signature:
            return "signature";
        case RequestBinding::whole_header:
            return "whole-header";
    }
    HEADROOM_ASSERT(false);
    return "";
}

SignatureRules rules_of(SignatureProfile profile) {
    SignatureRules rules{.profile = profile};
    switch (profile) {
        case SignatureProfile::beckn006:
            rules.takes_gateway = true;
            return rules;
        case SignatureProfile::onix18:
            rules.callback_binding = RequestBinding::whole_header;
            rules.ack_binding = RequestBinding::signature;
            rules.ack = AckSignature::with_scheme;
            rules.lasts_max = modern_lasts_max;
            return rules;
        case SignatureProfile::nfh004:
            rules.callback_binding = RequestBinding::signature;
            rules.ack_binding = RequestBinding::signature;
            rules.ack = AckSignature::with_scheme;
            rules.lasts_max = modern_lasts_max;
            return rules;
    }
    HEADROOM_ASSERT(false);
    return rules;
}

std::string signing_text(std::int64_t created, std::int64_t expires, DigestLabel label,
                         std::string_view digest_base64, std::string_view request_line) {
    std::string text;
    text.reserve(96 + digest_base64.size() + request_line.size());
    text += "(created): ";
    text += std::to_string(created);
    text += "\n(expires): ";
    text += std::to_string(expires);
    text += "\ndigest: ";
    text += to_string(label);
    text += '=';
    text += digest_base64;
    if (!request_line.empty()) {
        text += "\nrequest-signature: ";
        text += request_line;
    }
    return text;
}

std::string sign(const SignatureRules& rules, const Signer& signer, UtcTime now, milliseconds ttl,
                 std::string_view body, std::string_view request_authorization) {
    const milliseconds lasts = rules.lasts_max ? std::min(ttl, *rules.lasts_max) : ttl;
    Made made{.created = unix_seconds(now)};
    made.expires = made.created + std::max<std::int64_t>(1, std::chrono::ceil<seconds>(lasts).count());
    made.request = request_line(rules.callback_binding, request_authorization);
    return header_of(rules, signer, made, body);
}

std::string sign_ack(const SignatureRules& rules, const Signer& signer, UtcTime now, std::string_view body,
                     std::string_view request_authorization) {
    if (rules.ack == AckSignature::none) {
        return {};
    }
    Made made{.created = unix_seconds(now)};
    made.expires = made.created + std::chrono::ceil<seconds>(ack_lasts).count();
    made.request = request_line(rules.ack_binding, request_authorization);
    made.has_scheme = rules.ack == AckSignature::with_scheme;
    return header_of(rules, signer, made, body);
}

std::string digest_text(DigestLabel label, std::string_view body) {
    return std::string(to_string(label)) + "=" + to_base64(blake2b512(body));
}

}  // namespace headroom::beckn
