#include "beckn/signature_header.hpp"
#include "beckn/signature_verify.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// No signature header, of a message, a gateway or an answer, verifies under a key that did not make it, in
// any profile; and what is read of a header stands in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const beckn::SchemeWord scheme : {beckn::SchemeWord::needed, beckn::SchemeWord::optional}) {
        const Result<beckn::SignatureParts> parts = beckn::read_signature_header(text, scheme);
        if (parts) {
            HEADROOM_ASSERT(text.find(parts->key_id) != std::string_view::npos);
            HEADROOM_ASSERT(text.find(parts->signature) != std::string_view::npos);
            HEADROOM_ASSERT(scheme == beckn::SchemeWord::optional || parts->has_scheme);
        }
    }
    HEADROOM_ASSERT(text.find(beckn::raw_signature(text)) != std::string_view::npos);
    beckn::PublishedKey other;
    other.signing = {1, 2, 3};
    const beckn::KeyFinder keys = [&other](const beckn::KeyId&) {
        return beckn::KeyCandidates{.current = &other, .former = nullptr, .replaced_at = {}};
    };
    const UtcTime now{seconds{1'795'176'010}};
    for (const beckn::SignatureProfile profile :
         {beckn::SignatureProfile::beckn006, beckn::SignatureProfile::onix18,
          beckn::SignatureProfile::nfh004}) {
        const beckn::SignatureRules rules = beckn::rules_of(profile);
        beckn::SignedMessage message{.authorization = text, .body = "{}"};
        HEADROOM_ASSERT(!beckn::verify(rules, message, keys, now).is_good());
        message.gateway_authorization = text;
        message.request_authorization = text;
        message.must_be_bound = beckn::is_bound(text);
        HEADROOM_ASSERT(!beckn::verify(rules, message, keys, now).is_good());
        HEADROOM_ASSERT(!beckn::verify_ack(rules, text, "{}", text, keys, now).is_good());
        HEADROOM_ASSERT(beckn::key_ids_of(message).size() <= 2);
    }
    return 0;
}
