#include "beckn/doctor.hpp"
#include "beckn/registry_book.hpp"
#include "beckn/registry_message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What a registry says is read back as it was written; a subscription that is read can be written and asked
// for; the doctor explains whatever it is given, and finds none of it well signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<std::vector<beckn::PublishedKey>> found = beckn::read_subscriptions(text);
    if (found) {
        for (const beckn::PublishedKey& key : *found) {
            HEADROOM_ASSERT(*beckn::read_subscription(beckn::to_json(key)) == key);
        }
    }
    const beckn::KeyId id{"a.example", "k1", "ed25519"};
    const Result<beckn::PublishedKey> record = beckn::read_dedi_record(text, id);
    HEADROOM_ASSERT(!record || record->key == "k1");
    const Result<beckn::SubscribeRequest> request = beckn::read_subscribe_request(text);
    if (request) {
        const Result<beckn::SubscribeRequest> again =
            beckn::read_subscribe_request(beckn::write_subscribe_request(*request));
        HEADROOM_ASSERT(again && again->nonce == request->nonce &&
                        again->key.signing == request->key.signing);
    }
    const std::size_t line = text.find('\n');
    if (line != std::string_view::npos && size < 4096) {
        beckn::DoctorCase message{.body = std::string(text.substr(line + 1)),
                                  .authorization = std::string(text.substr(0, line))};
        message.rules = beckn::rules_of(beckn::SignatureProfile::nfh004);
        message.keys = {{.subscriber = "a.example", .key = "k1", .signing = {1, 2, 3}}};
        message.at = UtcTime{seconds{1'700'000'000}};
        HEADROOM_ASSERT(!beckn::examine(message).is_good());
    }
    return 0;
}
