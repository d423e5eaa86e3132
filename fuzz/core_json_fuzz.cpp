// Reads any bytes as JSON. Holds: the fast reader and the slow locator agree on what is JSON; what was read
// can be written and read again without change; what passes for canonical is what the canonical writer gives.

#include "core/json.hpp"
#include "core/json_fault.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const json::ParseLimits limits{.bytes = 64UL * 1024, .depth = 32};
    const Result<json::Value> value = json::parse(text, limits);
    if (!value) {
        HEADROOM_ASSERT(value.error().code == Errc::invalid && !value.error().message.empty());
        const bool is_duplicate = value.error().message.ends_with("stands twice");
        HEADROOM_ASSERT(is_duplicate || text.size() > limits.bytes || json::find_fault(text, limits.depth));
        return 0;
    }
    HEADROOM_ASSERT(!json::find_fault(text, limits.depth));

    const std::string written = json::write(*value);
    const Result<json::Value> again = json::parse(written);
    HEADROOM_ASSERT(again && *again == *value && json::write(*again) == written);
    const Result<json::Value> pretty = json::parse(json::write_pretty(*value));
    HEADROOM_ASSERT(pretty && *pretty == *value);

    const Result<std::string> canonical = json::write_canonical(*value);
    if (canonical) {
        HEADROOM_ASSERT(json::parse_canonical(*canonical).has_value());
    }
    const Result<json::Value> strict = json::parse_canonical(text);
    HEADROOM_ASSERT(!strict || (canonical && *canonical == text));
    return 0;
}
