// Reads any bytes as a story file. Holds: there is a story or there are faults, never both and never neither,
// and a story's world can be built.

#include "sim/story.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const sim::StoryCheck found =
        sim::check_story({reinterpret_cast<const char*>(data), size}, "fuzz", "fuzz.toml");
    HEADROOM_ASSERT(found.story.has_value() == found.faults.empty());
    for (const SettingsFault& fault : found.faults) {
        HEADROOM_ASSERT(!fault.where.empty() && !fault.message.empty());
    }
    if (found.story) {
        HEADROOM_ASSERT(sim::check(found.story->world).has_value());
        HEADROOM_ASSERT(sim::check(sim::plain_day(*found.story).world).has_value());
        HEADROOM_ASSERT(found.story->start < found.story->end);
    }
    return 0;
}
