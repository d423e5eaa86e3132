// Any bytes as a grid file: read in one piece or refused with a reason, and the same rows however the text is
// cut into chunks.
#include "core/csv.hpp"
#include "grid/network.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using headroom::CsvRow;
using Rows = std::vector<std::vector<std::string>>;

template <class Reader>
void drain(Reader& reader, Rows& rows) {
    while (const std::optional<CsvRow> row = reader.next()) {
        rows.emplace_back(row->fields.begin(), row->fields.end());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);

    Rows whole;
    headroom::CsvReader reader(text);
    drain(reader, whole);
    Rows in_chunks;
    headroom::CsvChunkReader chunk_reader;
    const std::size_t step = size == 0 ? 1 : 1 + data[0] % 7;
    for (std::size_t at = 0; at < size; at += step) {
        chunk_reader.feed(std::string_view(text).substr(at, step));
        drain(chunk_reader, in_chunks);
    }
    chunk_reader.finish();
    drain(chunk_reader, in_chunks);
    HEADROOM_ASSERT(whole == in_chunks);
    HEADROOM_ASSERT(reader.fault() == chunk_reader.fault());

    const headroom::Result<headroom::grid::Network> network = headroom::grid::read_grid_csv(text, "fuzz");
    HEADROOM_ASSERT(network.has_value() || !network.error().message.empty());
    if (network) {
        for (const headroom::grid::Feeder& feeder : network->feeders()) {
            HEADROOM_ASSERT(headroom::is_valid_id(feeder.id.value));
            HEADROOM_ASSERT(feeder.parent.empty() || network->is_below(feeder.id.value, feeder.parent));
        }
    }
    return 0;
}
