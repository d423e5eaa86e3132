// Reads any bytes as a file of batches ahead of the store. Holds: what is taken off is shorter than what was
// there, and a batch that was read is written in a form that reads to the same again.

#include "store/ahead_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    for (std::size_t before = rest.size();; before = rest.size()) {
        const std::optional<FramedBatch> framed_batch = take_framed(rest);
        if (!framed_batch) {
            return 0;
        }
        HEADROOM_ASSERT(rest.size() < before);
        std::string framed;
        append_framed(framed, framed_batch->batch, framed_batch->number);
        std::string_view again = framed;
        const std::optional<FramedBatch> reread = take_framed(again);
        HEADROOM_ASSERT(reread && again.empty());
        std::string reframed;
        append_framed(reframed, reread->batch, reread->number);
        HEADROOM_ASSERT(reframed == framed);
    }
}
