#include "beckn/decimal.hpp"
#include "beckn/signature.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// No header, however it is made, verifies without the key; a number that is read is written back as it
// counts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<beckn::SignatureHeader> header = beckn::parse_authorization(text);
    if (header) {
        HEADROOM_ASSERT(header->created >= 0 && header->expires >= 0);
        const Result<beckn::KeyId> id = beckn::parse_key_id(header->key_id);
        HEADROOM_ASSERT(!id || !id->subscriber.empty());
    }
    const beckn::KeyLookup lookup = [](std::string_view,
                                       std::string_view) -> std::optional<Ed25519PublicKey> {
        return Ed25519PublicKey{1, 2, 3};
    };
    const auto sender =
        beckn::verify_authorization(text, "{}", lookup, UtcTime{seconds{1'700'000'000}}, seconds{5});
    HEADROOM_ASSERT(!sender.has_value());
    for (const int decimals : {0, 3, 9}) {
        const Result<std::int64_t> number = beckn::parse_decimal(text, decimals);
        if (number) {
            HEADROOM_ASSERT(*beckn::parse_decimal(beckn::format_decimal(*number, decimals), decimals) ==
                            *number);
        }
    }
    const Result<milliseconds> length = beckn::parse_duration(text);
    if (length) {
        HEADROOM_ASSERT(*beckn::parse_duration(beckn::format_duration(*length)) == *length);
    }
    return 0;
}
