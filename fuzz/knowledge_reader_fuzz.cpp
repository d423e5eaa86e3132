// Documents of any kind: passages within their bounds or a fault.
#include "core/utf8.hpp"
#include "knowledge/readers.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Result<knowledge::DocumentText> read = data[0] % 4U == 0   ? knowledge::read_plain(text)
                                                 : data[0] % 4U == 1 ? knowledge::read_markdown(text)
                                                 : data[0] % 4U == 2 ? knowledge::read_html(text)
                                                                     : knowledge::read_pages(text);
    if (read) {
        for (const knowledge::Passage& passage : read->passages) {
            HEADROOM_ASSERT(!passage.text.empty() && passage.text.size() <= knowledge::passage_bytes_max);
            HEADROOM_ASSERT(is_utf8(passage.text) && is_utf8(passage.section));
        }
    }
    return 0;
}
