#include "audit/log.hpp"
#include "audit/segment_file.hpp"
#include "audit/verify.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::at;
using testing::draft;
using testing::drafts;
using testing::open_log;
using testing::options;
using testing::read_bytes;
using testing::TempDir;
using testing::TestClock;
using testing::vector_segment_5;
using testing::write_bytes;
using testing::write_vector_log;
using testing::fs::path;

const UtcTime later = at("2026-11-20T17:00:00.000Z");

path newest(const path& dir) {
    return dir / "seg" / "0000000000000005.seg";
}

std::string flipped(std::string bytes, std::size_t offset) {
    bytes[offset] = static_cast<char>(bytes[offset] ^ 1);
    return bytes;
}

/// The example log with another newest segment and, when asked for, without its checkpoint.
void write_changed_log(const path& dir, std::string_view segment, bool has_checkpoint) {
    write_vector_log(dir);
    write_bytes(newest(dir), segment);
    if (!has_checkpoint) {
        testing::fs::remove(dir / "checkpoint");
    }
}

TEST(Restore, MendsATornTailAndSaysSo) {
    const TempDir dir;
    const std::string torn = flipped(vector_segment_5(false), 691);
    write_changed_log(dir.path(), torn + std::string(4096, '\0'), false);
    const TestClock clock(later);
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_EQ(log->durable_size(), 8U);
        const Entry recovered = *log->read(6);
        EXPECT_EQ(recovered.type, "log.recovered");
        EXPECT_EQ(json::Value(recovered.body).integer("/dropped_bytes"), 250);  // 692 - 442
        EXPECT_EQ(json::Value(recovered.body).text("/dropped_sha256"), sha256_hex(torn.substr(442)));
        EXPECT_EQ(json::Value(recovered.body).integer("/next_seq"), 6);
        EXPECT_EQ(log->read(7)->type, "log.open");
    }
    std::vector<path> kept(testing::fs::directory_iterator(dir.path() / "quarantine"), {});
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(read_bytes(kept.front()), torn.substr(442));
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(log->durable_size(), 9U);  // nothing more is mended
}

TEST(Restore, TreatsEveryCaseOfTheTableAsItSays) {
    const std::string two = vector_segment_5(false);
    const std::string one = vector_segment_5(true);
    const auto zeroed = [](std::string bytes, std::ptrdiff_t from, std::ptrdiff_t to) {
        std::fill(bytes.begin() + from, bytes.begin() + to, '\0');
        return bytes;
    };
    std::string misnumbered = two;
    misnumbered[152 + 4 + 7] = '\x09';
    struct Case {
        std::string bytes;
        std::string result;
        std::uint64_t next_index;
    };
    const std::vector<Case> cases{
        {two, "ok", 7},
        {two + std::string(4096, '\0'), "ok", 7},
        {two.substr(0, 682), "torn", 6},
        {two.substr(0, 449), "torn", 6},
        {two.substr(0, 442), "ok", 6},
        {flipped(two, 691), "torn", 6},
        {flipped(two, 176), "corrupt", 5},
        {flipped(one, 176), "torn", 5},
        {zeroed(one, 152, 442), "torn", 5},
        {zeroed(two, 442, 692), "ok", 6},
        {misnumbered, "corrupt", 5},
    };
    const TestClock clock(later);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Case& one_case = cases[i];
        {
            const TempDir dir;
            write_changed_log(dir.path(), one_case.bytes, false);
            const Result<std::unique_ptr<Log>> log = Log::open(options(dir.path(), clock));
            if (one_case.result == "corrupt") {
                ASSERT_FALSE(log.has_value()) << i;
                EXPECT_EQ(log.error().code, Errc::corrupt) << i;
                EXPECT_TRUE(log.error().message.starts_with("corrupt: ")) << log.error().message;
                EXPECT_EQ(read_bytes(newest(dir.path())), one_case.bytes) << i;  // never cut
            } else {
                ASSERT_TRUE(log.has_value()) << i << ": " << log.error().message;
                EXPECT_EQ((*log)->read(one_case.next_index)->type,
                          one_case.result == "torn" ? "log.recovered" : "log.open")
                    << i;
            }
        }
        const TempDir dir;
        write_changed_log(dir.path(), one_case.bytes, true);
        const Result<std::unique_ptr<Log>> log = Log::open(options(dir.path(), clock));
        if (one_case.next_index == 7) {
            EXPECT_TRUE(log.has_value()) << i;
        } else {
            ASSERT_FALSE(log.has_value()) << i;
            EXPECT_TRUE(
                log.error().message.starts_with(one_case.result == "corrupt" ? "corrupt: " : "rolled_back: "))
                << i << ": " << log.error().message;
            EXPECT_EQ(read_bytes(newest(dir.path())), one_case.bytes) << i;
            EXPECT_FALSE(testing::fs::exists(dir.path() / "quarantine")) << i;
        }
    }
}

TEST(Restore, RefusesACheckpointOfAnotherHistory) {
    const TempDir dir;
    write_vector_log(dir.path());
    const SignedCheckpoint fork =
        sign_checkpoint({.origin = std::string(vectors::origin), .size = 6, .root = leaf_hash("fork")},
                        testing::vector_key());
    write_bytes(dir.path() / "checkpoint", fork.note);
    const TestClock clock(later);
    EXPECT_EQ(Log::open(options(dir.path(), clock)).error().code, Errc::corrupt);
}

TEST(Restore, RefusesACheckpointThatItDidNotSign) {
    const TempDir dir;
    write_vector_log(dir.path());
    const Ed25519KeyPair other = *Ed25519KeyPair::from_secret(std::string(32, 'o'));
    write_bytes(dir.path() / "checkpoint", sign_checkpoint({.origin = std::string(vectors::origin),
                                                            .size = 7,
                                                            .root = testing::hash_of_hex(vectors::roots[7])},
                                                           other)
                                               .note);
    const TestClock clock(later);
    EXPECT_EQ(Log::open(options(dir.path(), clock)).error().code, Errc::corrupt);
}

TEST(Restore, RefusesADamagedSealedSegment) {
    const TestClock clock(later);
    const std::string sealed = testing::vector_segment_0();
    for (const std::size_t offset :
         {std::size_t{30}, std::size_t{200}, std::size_t{1480}, std::size_t{1560}}) {
        const TempDir dir;
        write_vector_log(dir.path());
        write_bytes(dir.path() / "seg" / "0000000000000000.seg", flipped(sealed, offset));
        const Result<std::unique_ptr<Log>> log = Log::open(options(dir.path(), clock));
        ASSERT_FALSE(log.has_value()) << offset;
        EXPECT_EQ(log.error().code, Errc::corrupt) << offset;
    }
}

TEST(Restore, RefusesAMissingSegment) {
    const TempDir dir;
    write_vector_log(dir.path());
    testing::fs::remove(dir.path() / "seg" / "0000000000000000.seg");
    const TestClock clock(later);
    EXPECT_EQ(Log::open(options(dir.path(), clock)).error().code, Errc::corrupt);
}

TEST(Restore, MakesASegmentAnewThatNeverGotItsHeader) {
    const TestClock clock(later);
    for (const std::string& bytes :
         {std::string(), std::string(100'000, '\0'), vector_segment_5(false).substr(0, 100)}) {
        const TempDir dir;
        write_changed_log(dir.path(), bytes, false);
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_NE(log, nullptr);
        EXPECT_EQ(log->read(5)->type, "log.open");
        EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
    }
    const TempDir dir;
    write_changed_log(dir.path(), flipped(vector_segment_5(false), 3), false);
    EXPECT_EQ(Log::open(options(dir.path(), clock)).error().code, Errc::corrupt);
}

TEST(Restore, FinishesASealThatWasCutShort) {
    const TempDir dir;
    write_vector_log(dir.path());
    testing::fs::remove(newest(dir.path()));
    testing::fs::remove(dir.path() / "checkpoint");
    write_bytes(dir.path() / "seg" / "0000000000000000.seg",
                testing::vector_segment_0() + std::string(5000, '\0'));
    const TestClock clock(later);
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_NE(log, nullptr);
        EXPECT_EQ(log->read(5)->type, "log.open");
    }
    EXPECT_EQ(testing::fs::file_size(dir.path() / "seg" / "0000000000000000.seg"), 1566U);
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

TEST(Restore, LeavesForeignFilesAlone) {
    const TempDir dir;
    write_vector_log(dir.path());
    write_bytes(dir.path() / "seg" / "notes.txt", "mine");
    write_bytes(dir.path() / "seg" / "next.tmp", "remains of a prepared segment");
    const TestClock clock(later);
    const auto log = open_log(options(dir.path(), clock));
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(read_bytes(dir.path() / "seg" / "notes.txt"), "mine");
}

}  // namespace
}  // namespace headroom::audit
