// URLs, queries and paths from anywhere: whatever is accepted must read back the same from its own text.
#include "net/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const auto url = net::parse_url(text)) {
        const auto again = net::parse_url(url->text());
        HEADROOM_ASSERT(again.has_value());
        HEADROOM_ASSERT(*again == *url);
    }
    if (const auto query = net::parse_query(text)) {
        const auto again = net::parse_query(net::format_query(*query));
        HEADROOM_ASSERT(again.has_value());
        HEADROOM_ASSERT(*again == *query);
    }
    if (const auto segments = net::split_path(text)) {
        for (const std::string& segment : *segments) {
            HEADROOM_ASSERT(segment != "." && segment != "..");
        }
    }
    if (const auto decoded = net::percent_decode(text)) {
        const auto again = net::percent_decode(net::percent_encode(*decoded));
        HEADROOM_ASSERT(!again.has_value() || *again == *decoded);
    }
    return 0;
}
