#include "beckn/doctor.hpp"

#include "beckn/codec.hpp"
#include "beckn/doctor_mistakes.hpp"
#include "beckn/signature_header.hpp"
#include "beckn/signature_identity.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::beckn {
namespace {

std::string seconds_text(milliseconds length) {
    const std::int64_t ms = length.count();
    return std::to_string(ms / 1000) + (ms % 1000 == 0 ? "" : "." + std::to_string(ms % 1000 / 100)) + " s";
}

/// What the sender can do about a broken rule.
std::string remedy_of(const SignatureVerdict& verdict, const SignatureParts* parts, UtcTime at) {
    switch (verdict.broken) {
        case TrustRule::header_missing:
            return "Send the header Authorization: Signature keyId=\"…\",…";
        case TrustRule::header_malformed:
            return "Write keyId, algorithm, created, expires, headers and signature, each once, in quotes; "
                   "times in whole seconds, not milliseconds.";
        case TrustRule::key_id_malformed:
            return "Write subscriber|key|ed25519.";
        case TrustRule::algorithm:
            return "Write algorithm=\"ed25519\" and the same word at the end of the key id.";
        case TrustRule::signed_headers:
            return "Write headers=\"(created) (expires) digest\"; request-signature is the fourth in 2.0 "
                   "only.";
        case TrustRule::created_in_future:
            return parts == nullptr
                       ? std::string()
                       : "The sender's clock is " + seconds_text(UtcTime{seconds{parts->created}} - at) +
                             " ahead of the clock that judges: set clocks by NTP.";
        case TrustRule::expired:
            return parts == nullptr ? std::string()
                                    : "It expired " + seconds_text(at - UtcTime{seconds{parts->expires}}) +
                                          " before. Sign again when resending, or judge it by its own time "
                                          "(--at message).";
        case TrustRule::request_unknown:
            return "Give the request's Authorization header (--request).";
        case TrustRule::key_unknown:
            return "Give the key (--key or --keys), or have its owner subscribe at the registry.";
        case TrustRule::expires_after_key:
        case TrustRule::key_not_valid:
            return "The owner has to renew its key at the registry.";
        case TrustRule::signature_length:
            return "The signature is Base64 of 64 bytes; a private key or a hash is something else.";
        default:
            return "";
    }
}

class Examination {
  public:
    explicit Examination(const DoctorCase& message) : message_(message) {}

    DoctorReport run() {
        report_.digest = digest_text(message_.rules.label, message_.body);
        examine_signature();
        examine_message();
        return std::move(report_);
    }

  private:
    void add(DoctorLevel level, std::string where, std::string what, std::string remedy = {}) {
        report_.findings.push_back({level, std::move(where), std::move(what), std::move(remedy)});
    }

    [[nodiscard]] KeyCandidates find(const KeyId& id) const {
        if (message_.takes_any_key_id && !message_.keys.empty()) {
            return {.current = &message_.keys.front()};
        }
        for (const PublishedKey& key : message_.keys) {
            if (key.subscriber == id.subscriber && key.key == id.key) {
                return {.current = &key};
            }
        }
        return {};
    }

    void examine_signature() {
        const bool is_ack = !message_.ack_signature.empty();
        const std::string& header = is_ack ? message_.ack_signature : message_.authorization;
        const KeyFinder keys = [this](const KeyId& id) { return find(id); };
        report_.verdict = is_ack ? verify_ack(message_.rules, header, message_.body,
                                              message_.request_authorization, keys, message_.at)
                                 : verify(message_.rules,
                                          {.authorization = header,
                                           .body = message_.body,
                                           .gateway_authorization = message_.gateway_authorization,
                                           .digest = message_.digest,
                                           .request_authorization = message_.request_authorization},
                                          keys, message_.at);
        const Result<SignatureParts> parts =
            read_signature_header(header, is_ack ? SchemeWord::optional : SchemeWord::needed);
        if (parts) {
            parts_ = *parts;
            report_.key_id = std::string(parts->key_id);
            const bool has_four = parts->headers == signed_headers_four;
            report_.signing_text = signing_text(parts->created, parts->expires, report_.verdict.label,
                                                to_base64(blake2b512(message_.body)),
                                                !has_four ? std::string_view()
                                                : report_.verdict.binding == RequestBinding::whole_header
                                                    ? std::string_view(message_.request_authorization)
                                                    : raw_signature(message_.request_authorization));
        }
        if (report_.verdict.is_good()) {
            tell_good();
        } else {
            tell_broken();
        }
    }

    void tell_good() {
        const SignatureVerdict& verdict = report_.verdict;
        add(DoctorLevel::good, "signature",
            "It verifies: signed by " + verdict.sender.subscriber + " with key " + verdict.sender.key + ".");
        if (verdict.gateway) {
            add(DoctorLevel::good, "gateway", "It came through " + verdict.gateway->subscriber + ".");
        }
        if (verdict.label != message_.rules.label) {
            add(DoctorLevel::warning, "digest",
                "The digest's label is " + std::string(to_string(verdict.label)) + ", others expect " +
                    std::string(to_string(message_.rules.label)) + ".",
                "Write " + std::string(to_string(message_.rules.label)) + "=.");
        }
        if (verdict.binding != RequestBinding::none && verdict.binding != message_.rules.callback_binding) {
            add(DoctorLevel::warning, "request-signature",
                "The line holds the " +
                    std::string(verdict.binding == RequestBinding::signature ? "request's signature alone"
                                                                             : "whole Authorization header") +
                    ", this profile's writers put the other there.");
        }
        if (message_.rules.lasts_max &&
            verdict.sender.expires - verdict.sender.created > *message_.rules.lasts_max) {
            add(DoctorLevel::warning, "expires",
                "It is good for " + seconds_text(verdict.sender.expires - verdict.sender.created) +
                    "; this profile signs for " + seconds_text(*message_.rules.lasts_max) + " at most.");
        }
    }

    void tell_broken() {
        const SignatureVerdict& verdict = report_.verdict;
        const SignatureParts* parts = parts_ ? &*parts_ : nullptr;
        add(DoctorLevel::fault, verdict.is_gateway ? "gateway" : "signature", verdict.why + ".",
            remedy_of(verdict, parts, message_.at));
        const bool may_be_mistake =
            verdict.broken == TrustRule::signature || verdict.broken == TrustRule::key_unknown;
        if (!may_be_mistake || parts == nullptr || verdict.is_gateway) {
            return;
        }
        if (std::optional<SigningMistake> mistake = find_mistake(message_, *parts)) {
            add(DoctorLevel::fault, "signature", std::move(mistake->what), std::move(mistake->remedy));
        } else if (verdict.broken == TrustRule::signature) {
            add(DoctorLevel::fault, "signature", "None of the usual mistakes: another key, or another body.",
                "Compare the digest and the signed text below with the sender's.");
        }
    }

    void examine_message() {
        const Decoded decoded = decode(message_.body);
        const Result<json::Value> parsed = json::parse(message_.body);
        const Result<WireVersion> version =
            parsed ? detect_version(*parsed) : Result<WireVersion>(parsed.error());
        if (!version) {
            add(message_.ack_signature.empty() ? DoctorLevel::fault : DoctorLevel::warning,
                version.error().pointer.empty() ? "body" : version.error().pointer,
                "It is no Beckn message: " + version.error().message + ".");
            return;
        }
        report_.dialect = std::string(to_string(*version));
        for (const Fault& fault : decoded.faults) {
            add(DoctorLevel::fault, fault.pointer.empty() ? "/" : fault.pointer,
                "Beckn " + report_.dialect + ": " + fault.detail + ".");
        }
        if (!decoded.envelope) {
            return;
        }
        if (decoded.faults.empty()) {
            add(DoctorLevel::good, "message",
                "It reads as " + std::string(to_string(decoded.envelope->context.action)) + " of Beckn " +
                    report_.dialect + ".");
        }
        examine_context(decoded.envelope->context);
    }

    void examine_context(const Context& context) {
        if (report_.verdict.is_good()) {
            const std::optional<std::string> wrong =
                message_.takes_any_key_id ? std::nullopt
                                          : check_identity(context, report_.verdict.sender.subscriber);
            if (wrong) {
                add(DoctorLevel::fault, "identity", *wrong + ".",
                    "Sign with a key of the participant that the context names as its sender.");
            }
        }
        if (parts_ && context.ttl) {
            const milliseconds lasts = seconds{parts_->expires - parts_->created};
            const milliseconds expected =
                message_.rules.lasts_max ? std::min(*context.ttl, *message_.rules.lasts_max) : *context.ttl;
            if (lasts != expected) {
                add(DoctorLevel::warning, "expires",
                    "The signature is good for " + seconds_text(lasts) + ", the message's ttl is " +
                        seconds_text(*context.ttl) + ".",
                    "Let expires be created plus ttl.");
            }
        }
        if (context.ttl && context.timestamp + *context.ttl < message_.at) {
            add(DoctorLevel::warning, "/context/ttl",
                "The message's time is over since " +
                    seconds_text(message_.at - context.timestamp - *context.ttl) + ".");
        }
        if (context.timestamp > message_.at + message_.rules.skew) {
            add(DoctorLevel::warning, "/context/timestamp",
                "The timestamp is " + seconds_text(context.timestamp - message_.at) + " ahead.");
        }
    }

    const DoctorCase& message_;
    DoctorReport report_;
    std::optional<SignatureParts> parts_;
};

}  // namespace

std::string_view to_string(DoctorLevel level) {
    switch (level) {
        case DoctorLevel::good:
            return "good";
        case DoctorLevel::warning:
            return "warning";
        case DoctorLevel::fault:
            return "fault";
    }
    HEADROOM_ASSERT(false);
    return "";
}

bool DoctorReport::is_good() const {
    return std::none_of(findings.begin(), findings.end(),
                        [](const DoctorFinding& finding) { return finding.level == DoctorLevel::fault; });
}

json::Object DoctorReport::to_json() const {
    json::Array list;
    for (const DoctorFinding& finding : findings) {
        json::Object object{
            {"level", to_string(finding.level)}, {"where", finding.where}, {"what", finding.what}};
        if (!finding.remedy.empty()) {
            object.set("remedy", finding.remedy);
        }
        list.push_back(std::move(object));
    }
    return json::Object{{"good", is_good()},          {"rule", to_string(verdict.broken)},
                        {"dialect", dialect},         {"key_id", key_id},
                        {"digest", digest},           {"signed_text", signing_text},
                        {"findings", std::move(list)}};
}

DoctorReport examine(const DoctorCase& message) {
    return Examination(message).run();
}

}  // namespace headroom::beckn
