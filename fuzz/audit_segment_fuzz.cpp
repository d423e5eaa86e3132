// Reads any bytes as a segment file. Holds: records come in order, lie inside the file and decode again where
// they were said to be; what a scan calls clean can be cut there and read again; a header and a trailer write
// the bytes that they were read from.

#include "audit/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const Result<SegmentHeader> header = decode_header(bytes)) {
        HEADROOM_ASSERT(bytes.starts_with(encode(*header)));
    }
    if (const Result<Trailer> trailer = decode_trailer(bytes)) {
        HEADROOM_ASSERT(bytes.starts_with(encode(*trailer)));
    }
    std::uint64_t next_offset = 0;
    std::uint64_t records = 0;
    const auto take = [&](const RecordView& record) -> Result<void> {
        HEADROOM_ASSERT(record.offset >= next_offset &&
                        record.offset + record_overhead + record.leaf.size() <= size);
        const Result<RecordView> again = decode_record(bytes.substr(record.offset));
        HEADROOM_ASSERT(again && again->index == record.index && again->leaf == record.leaf);
        next_offset = record.offset + record_overhead + record.leaf.size();
        ++records;
        return {};
    };
    const Result<SegmentScan> scan = scan_segment(MemorySource(bytes), take);
    if (!scan) {
        HEADROOM_ASSERT(scan.error().code == Errc::invalid && records == 0);
        static_cast<void>(*holds_any_record(MemorySource(bytes)));
        return 0;
    }
    HEADROOM_ASSERT(scan->next_index == scan->header.first_index + records);
    HEADROOM_ASSERT(scan->records_end <= size && scan->data_end >= scan->records_end &&
                    scan->data_end <= size);
    const Result<SegmentScan> cut = scan_segment(MemorySource(bytes.substr(0, scan->records_end)),
                                                 [](const RecordView&) -> Result<void> { return {}; });
    HEADROOM_ASSERT(cut && cut->tail == Tail::clean && cut->next_index == scan->next_index);
    HEADROOM_ASSERT(cut->hash.digest() == sha256(bytes.substr(0, scan->records_end)));
    return 0;
}
