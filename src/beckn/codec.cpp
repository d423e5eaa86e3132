#include "beckn/codec.hpp"

#include "beckn/codec_lts.hpp"
#include "beckn/codec_rc1.hpp"
#include "beckn/codec_v09.hpp"
#include "beckn/codec_v11.hpp"

namespace headroom::beckn {

std::string Decoded::describe_faults() const {
    constexpr std::size_t shown_max = 3;
    std::string text;
    for (std::size_t i = 0; i < faults.size() && i < shown_max; ++i) {
        text += i == 0 ? "" : "; ";
        text += faults[i].pointer.empty() ? "/" : faults[i].pointer;
        text += ": ";
        text += faults[i].detail;
    }
    if (faults.size() > shown_max) {
        text += "; and " + std::to_string(faults.size() - shown_max) + " more";
    }
    return text;
}

Result<WireVersion> detect_version(const json::Value& message) {
    const json::Value* context = message.get("context");
    if (context == nullptr || !context->is_object()) {
        return Error{Errc::invalid, "the message has no context", "/context"};
    }
    for (const char* key : {"bapId", "bppId", "transactionId", "messageId", "senderId"}) {
        if (context->get(key) != nullptr) {
            return WireVersion::v2_lts;
        }
    }
    if (context->get("core_version") != nullptr) {
        return WireVersion::v09;
    }
    const std::string version = context->text("/version");
    if (version.starts_with("1.")) {
        return WireVersion::v11;
    }
    if (version.starts_with("2.")) {
        return WireVersion::v2_rc1;
    }
    return Error{Errc::unsupported, "version '" + version.substr(0, 32) + "' is not known",
                 "/context/version"};
}

Result<std::string> encode(const Envelope& envelope) {
    switch (envelope.version) {
        case WireVersion::v11:
            if (!v11::has_words_for(envelope)) {
                break;
            }
            return json::write(v11::write(envelope));
        case WireVersion::v2_lts: {
            const Result<json::Value> message = lts::write(envelope);
            return message ? Result<std::string>(json::write(*message)) : message.error();
        }
        case WireVersion::v09:
            if (!v09::has_words_for(envelope)) {
                break;
            }
            return json::write(v09::write(envelope));
        case WireVersion::v2_rc1:
            if (!rc1::has_words_for(envelope)) {
                break;
            }
            return json::write(rc1::write(envelope));
    }
    return Error{Errc::unsupported,
                 std::string(to_string(envelope.context.action)) + " is not spoken in Beckn " +
                     std::string(to_string(envelope.version)),
                 ""};
}

Decoded decode(std::string_view raw, const CodecLimits& limits) {
    Decoded decoded;
    const Result<json::Value> parsed = json::parse(raw, {.bytes = limits.bytes, .depth = limits.depth});
    if (!parsed) {
        decoded.faults.push_back({parsed.error().pointer, parsed.error().message});
        return decoded;
    }
    const Result<WireVersion> version = detect_version(*parsed);
    if (!version) {
        decoded.faults.push_back({version.error().pointer, version.error().message});
        return decoded;
    }
    switch (*version) {
        case WireVersion::v09:
            decoded.envelope = v09::read(*parsed, limits, decoded.faults);
            return decoded;
        case WireVersion::v11:
            decoded.envelope = v11::read(*parsed, limits, decoded.faults);
            return decoded;
        case WireVersion::v2_rc1:
            decoded.envelope = rc1::read(*parsed, limits, decoded.faults);
            return decoded;
        case WireVersion::v2_lts:
            decoded.envelope = lts::read(*parsed, limits, decoded.faults);
            return decoded;
    }
    HEADROOM_ASSERT(false);
    return decoded;
}

}  // namespace headroom::beckn
