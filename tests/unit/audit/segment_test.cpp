#include "audit/segment.hpp"

#include "audit/segment_file.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::frontier_of;
using testing::make_segment;
using testing::vector_leaves;
using testing::vector_segment_0;
using testing::vector_segment_5;

std::string hex_of(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

struct Scanned {
    SegmentScan scan;
    std::vector<std::uint64_t> offsets;
};

Result<Scanned> scan_bytes(std::string_view bytes) {
    Scanned scanned;
    Result<SegmentScan> scan =
        scan_segment(MemorySource(bytes), [&](const RecordView& record) -> Result<void> {
            scanned.offsets.push_back(record.offset);
            return {};
        });
    if (!scan) {
        return scan.error();
    }
    scanned.scan = std::move(*scan);
    return scanned;
}

TEST(Segment, Crc32cHasItsCheckValue) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(Segment, SealedExampleIsByteExact) {
    const std::string bytes = vector_segment_0();
    ASSERT_EQ(bytes.size(), 1566U);
    EXPECT_EQ(sha256_hex(bytes), "771a163932e29bcd5a2fdc19fa82f6b0a0f1c69f22ed941d70a359ec6031c68c");
    EXPECT_EQ(hex_of(bytes.substr(0, 88)),
              "485241554449543100000058000000000000000000000000e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b93"
              "4ca49599"
              "1b7852b855cb981722f9a1708807f59ddc2320a0c5000001a1f9dd6ac0000000007b3dc5ca");
    EXPECT_EQ(hex_of(bytes.substr(88, 20)), "000000e400000000000000000000000016a7fc9a");
    EXPECT_EQ(hex_of(bytes.substr(336, 20)), "000000c7000000000000000100010000f311f952");
    EXPECT_EQ(hex_of(bytes.substr(1474)),
              "ffffffff00000000000000050000000031773e1c01ac3be163398def9cea76c7f7beae41fa97f71a04faf67eb4d0d9"
              "f8aafd0"
              "9b200000000000000054091da16958b8022bcbd7020d18662c82f7303a813426a7893872fc04f44f16d");
}

TEST(Segment, OpenExamplesAreByteExact) {
    const std::string two_batches = vector_segment_5(false);
    ASSERT_EQ(two_batches.size(), 692U);
    EXPECT_EQ(sha256_hex(two_batches), "b8a330cb453c86cf119fcbcbdef5fa7deb8e212609c29846d48a38d6b61e96e0");
    EXPECT_EQ(hex_of(two_batches.substr(152, 20)), "0000010e0000000000000005000000000db6efeb");
    EXPECT_EQ(hex_of(two_batches.substr(442, 20)), "000000e6000000000000000600000000d8d87a5a");
    const std::string one_batch = vector_segment_5(true);
    EXPECT_EQ(sha256_hex(one_batch), "36d0b319c795c83de05a8991a3b13d1703ed88f6cbd97250d6f6c85daad66711");
    EXPECT_EQ(hex_of(one_batch.substr(442, 20)), "000000e60000000000000006000100003ed317aa");
}

TEST(Segment, SealedExampleReadsBack) {
    const std::string bytes = vector_segment_0();
    const Result<Scanned> scanned = scan_bytes(bytes);
    ASSERT_TRUE(scanned.has_value()) << scanned.error().message;
    EXPECT_EQ(scanned->scan.tail, Tail::sealed);
    EXPECT_EQ(scanned->scan.next_index, 5U);
    EXPECT_EQ(scanned->scan.records_end, 1474U);
    EXPECT_EQ(scanned->scan.data_end, 1566U);
    EXPECT_EQ(scanned->offsets, (std::vector<std::uint64_t>{88, 336, 555, 844, 1103}));
    ASSERT_TRUE(scanned->scan.trailer.has_value());
    EXPECT_EQ(scanned->scan.trailer->count, 5U);
    EXPECT_EQ(scanned->scan.trailer->file_hash, scanned->scan.hash.digest());
    EXPECT_EQ(to_hex(scanned->scan.trailer->end_root), vectors::roots[5]);
}

TEST(Segment, HeaderKeepsTheFrontier) {
    const Result<SegmentHeader> header = decode_header(vector_segment_5(false));
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_EQ(header->first_index, 5U);
    EXPECT_EQ(to_hex(header->before.root()), vectors::roots[5]);
    EXPECT_EQ(header->created, testing::vector_created + seconds{1});
    EXPECT_EQ(header->log_id, log_id_of(vectors::origin));
}

TEST(Segment, EveryChangedHeaderByteIsSeen) {
    const std::string bytes = vector_segment_5(false);
    for (std::size_t at = 0; at < 152; ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(decode_header(changed).has_value()) << at;
    }
    EXPECT_FALSE(decode_header(std::string_view(bytes).substr(0, 151)).has_value());
    EXPECT_FALSE(decode_header("").has_value());
}

TEST(Segment, NamesAreSixteenDigits) {
    EXPECT_EQ(segment_name(0), "0000000000000000.seg");
    EXPECT_EQ(segment_name(0xABCDEF), "0000000000abcdef.seg");
    EXPECT_EQ(*parse_segment_name("0000000000abcdef.seg"), 0xABCDEFU);
    for (const std::string_view name : {"0000000000ABCDEF.seg", "abcdef.seg", "0000000000abcdeg.seg",
                                        "next.tmp", "", "0000000000abcdef.seg.tmp"}) {
        EXPECT_FALSE(parse_segment_name(name).has_value()) << name;
    }
}

struct RecoveryCase {
    std::string name;
    std::string bytes;
    Tail tail;
    std::uint64_t next_index;
    std::uint64_t kept;
};

std::vector<RecoveryCase> recovery_cases() {
    const std::string two = vector_segment_5(false);
    const std::string one = vector_segment_5(true);
    const auto flipped = [](std::string bytes, std::size_t at) {
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        return bytes;
    };
    const auto zeroed = [](std::string bytes, std::size_t from, std::size_t to) {
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
        return bytes;
    };
    std::string misnumbered = two;
    misnumbered[152 + 4 + 7] = '\x09';
    return {
        {"intact", two, Tail::clean, 7, 692},
        {"intact, then preallocated space", two + std::string(4096, '\0'), Tail::clean, 7, 692},
        {"cut inside the last payload", two.substr(0, 682), Tail::torn, 6, 442},
        {"cut inside the last record's head", two.substr(0, 449), Tail::torn, 6, 442},
        {"cut between records", two.substr(0, 442), Tail::clean, 6, 442},
        {"last byte flipped", flipped(two, 691), Tail::torn, 6, 442},
        {"two batches, the first damaged", flipped(two, 152 + 20 + 4), Tail::corrupt, 5, 152},
        {"one batch, its first record damaged", flipped(one, 152 + 20 + 4), Tail::torn, 5, 152},
        {"one batch, its first record lost", zeroed(one, 152, 442), Tail::torn, 5, 152},
        {"last record lost", zeroed(two, 442, 692), Tail::clean, 6, 442},
        {"two batches, the first misnumbered", misnumbered, Tail::corrupt, 5, 152},
    };
}

TEST(SegmentRecovery, JudgesEveryCaseOfTheTable) {
    for (const RecoveryCase& one : recovery_cases()) {
        const Result<Scanned> scanned = scan_bytes(one.bytes);
        ASSERT_TRUE(scanned.has_value()) << one.name << ": " << scanned.error().message;
        EXPECT_EQ(to_string(scanned->scan.tail), to_string(one.tail)) << one.name;
        EXPECT_EQ(scanned->scan.next_index, one.next_index) << one.name;
        EXPECT_EQ(scanned->scan.records_end, one.kept) << one.name;
    }
}

TEST(SegmentRecovery, FindsALaterBatchFarBehindTheDamage) {
    // 40,000 entries of 100 bytes each its own batch, so the damage and the proof of it lie windows apart.
    std::vector<std::string> leaves;
    for (int i = 0; i < 40'000; ++i) {
        leaves.push_back(std::string(92, 'x') + std::to_string(10'000'000 + i));
    }
    const std::vector<std::uint16_t> positions(leaves.size(), 0);
    std::string bytes = make_segment(0, leaves, positions, {}, testing::vector_created, false);
    ASSERT_EQ(scan_bytes(bytes)->scan.next_index, 40'000U);
    const std::size_t damaged = 88 + 120 * 100 + 50;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(damaged), bytes.end() - 120, '\0');
    const Scanned scanned = *scan_bytes(bytes);
    EXPECT_EQ(scanned.scan.tail, Tail::corrupt);
    EXPECT_EQ(scanned.scan.next_index, 100U);
    EXPECT_NE(scanned.scan.reason.find("record 39999"), std::string::npos) << scanned.scan.reason;
}

TEST(SegmentRecovery, StopsAtTheErrorOfItsCaller) {
    const std::string bytes = vector_segment_0();
    const Result<SegmentScan> scan =
        scan_segment(MemorySource(bytes), [](const RecordView& record) -> Result<void> {
            return record.index < 2 ? Result<void>() : Error{Errc::conflict, "enough", ""};
        });
    ASSERT_FALSE(scan.has_value());
    EXPECT_EQ(scan.error().code, Errc::conflict);
}

/// A file that another process extends between two readings.
class GrowingSource final : public ByteSource {
  public:
    GrowingSource(std::string first, std::string then) : first_(std::move(first)), then_(std::move(then)) {}
    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) const override {
        // The first reading sees the later batch, but the one before it not yet: as when its pages were read
        // early.
        return MemorySource(reads_++ == 0 ? first_ : then_).read_at(offset, to, count);
    }

  private:
    std::string first_;
    std::string then_;
    mutable int reads_ = 0;
};

TEST(SegmentRecovery, ToleratesAWriterThatIsAhead) {
    const std::string whole = vector_segment_5(false);
    std::string early = whole;
    std::fill(early.begin() + 152, early.begin() + 442, '\0');
    ASSERT_EQ(scan_bytes(early)->scan.tail, Tail::corrupt);
    std::uint64_t records = 0;
    const Result<SegmentScan> scan =
        scan_segment(GrowingSource(early, whole), [&records](const RecordView&) -> Result<void> {
            ++records;
            return {};
        });
    ASSERT_TRUE(scan.has_value());
    EXPECT_EQ(scan->tail, Tail::clean);
    EXPECT_EQ(records, 2U);
}

TEST(SegmentRecovery, TellsAnEmptySegmentFromADamagedHeader) {
    EXPECT_FALSE(*holds_any_record(MemorySource("")));
    EXPECT_FALSE(*holds_any_record(MemorySource(std::string(100'000, '\0'))));
    std::string damaged = vector_segment_5(false);
    damaged[0] = 'X';
    EXPECT_TRUE(*holds_any_record(MemorySource(damaged)));
    EXPECT_FALSE(*holds_any_record(MemorySource(damaged.substr(0, 152))));
}

TEST(SegmentRecord, RefusesWhatIsNotWhole) {
    std::string bytes;
    const std::size_t begin = begin_record(bytes);
    bytes += "{}";
    end_record(bytes, begin, 7, 3);
    const Result<RecordView> record = decode_record(bytes);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->index, 7U);
    EXPECT_EQ(record->position, 3U);
    EXPECT_EQ(record->leaf, "{}");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_FALSE(decode_record(changed).has_value()) << at;
        EXPECT_FALSE(decode_record(std::string_view(bytes).substr(0, at)).has_value()) << at;
    }
}

}  // namespace
}  // namespace headroom::audit
