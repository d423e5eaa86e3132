#include "store/ahead_file.hpp"

#include "contract/store/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace headroom::store {
namespace {

Record record(const std::string& id, const std::string& state) {
    return {.kind = "beckn_saga",
            .id = id,
            .corr = "ev-1",
            .state = state,
            .json = R"({"state":")" + state + "\"}",
            .applied_seq = 0};
}

Batch batch_of(std::vector<Record> records) {
    return {.puts = std::move(records), .removes = {}, .applied_seq = {}};
}

TEST(AheadFile, GivesTheStoreWhatAFormerProcessLeft) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    {
        const auto ahead = AheadFile::open(folder.path() / "records.ahead", *records).value();
        ASSERT_TRUE(
            ahead->append(batch_of({record("a", "selecting"), record("b", "selecting")})).has_value());
        ASSERT_TRUE(ahead->append(batch_of({record("a", "confirming")})).has_value());
    }
    EXPECT_EQ(records->get("beckn_saga", "a").error().code, Errc::not_found);

    const auto again = AheadFile::open(folder.path() / "records.ahead", *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "confirming");  // in the order they were made
    EXPECT_EQ(records->get("beckn_saga", "b")->state, "selecting");
    EXPECT_EQ(again->size(), 0U);
}

TEST(AheadFile, GivesNothingTwiceThatTheStoreHasFollowed) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    const std::filesystem::path file = folder.path() / "records.ahead";
    {
        const auto ahead = AheadFile::open(file, *records).value();
        ASSERT_EQ(ahead->append(batch_of({record("a", "selecting")})).value(), 1U);
        const std::uint64_t number = ahead->append(batch_of({record("b", "selecting")})).value();
        Batch followed = batch_of({record("b", "selecting"), AheadFile::followed(number)});
        ASSERT_TRUE(records->write(followed).has_value());
        // The store moves on by another way, and the file still holds what is older.
        ASSERT_TRUE(records->write(batch_of({record("b", "active")})).has_value());
        ASSERT_EQ(ahead->append(batch_of({record("c", "selecting")})).value(), 3U);
    }
    const auto again = AheadFile::open(file, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a").error().code, Errc::not_found);
    EXPECT_EQ(records->get("beckn_saga", "b")->state, "active");
    EXPECT_EQ(records->get("beckn_saga", "c")->state, "selecting");
    EXPECT_EQ(again->append(batch_of({record("d", "selecting")})).value(), 4U);  // numbers never come twice
}

TEST(AheadFile, BeginsAtItsStartAgainAndTakesNothingOfWhatItOverwrites) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    const std::filesystem::path file = folder.path() / "records.ahead";
    {
        // Batches of one size, so that an older one begins where the newest ends.
        const auto ahead = AheadFile::open(file, *records).value();
        for (const char* state : {"first", "other", "third"}) {
            ASSERT_TRUE(ahead->append(batch_of({record("a", state)})).has_value());
        }
        ahead->rewind();
        EXPECT_EQ(ahead->size(), 0U);
        ASSERT_EQ(ahead->append(batch_of({record("a", "newer")})).value(), 4U);
    }
    ASSERT_TRUE(AheadFile::open(file, *records).has_value());
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "newer");
}

TEST(AheadFile, TakesBatchesOfAVersionThatNumberedNone) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    const std::filesystem::path file = folder.path() / "records.ahead";
    std::string bytes;
    append_framed(bytes, batch_of({record("a", "selecting")}), 0);
    append_framed(bytes, batch_of({record("a", "confirming")}), 0);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto ahead = AheadFile::open(file, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "confirming");
    EXPECT_EQ(ahead->append(batch_of({record("b", "selecting")})).value(), 1U);
}

TEST(AheadFile, DropsABatchThatWasCutOff) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    const std::filesystem::path file = folder.path() / "records.ahead";
    std::string bytes;
    append_framed(bytes, batch_of({record("a", "selecting")}), 7);
    const std::size_t whole = bytes.size();
    append_framed(bytes, batch_of({record("a", "confirming")}), 8);
    for (std::size_t size = whole; size < bytes.size(); ++size) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes.substr(0, size);
        ASSERT_TRUE(AheadFile::open(file, *records).has_value()) << size;
        EXPECT_EQ(records->get("beckn_saga", "a")->state, "selecting") << size;
    }
}

TEST(AheadFile, ReadsBackWhatItWrote) {
    Batch batch = batch_of({record("a", ""), record("b", "x")});
    batch.puts[0].json = std::string("\0\xff", 2);
    batch.puts[1].applied_seq = 1ULL << 40U;
    batch.removes.emplace_back("beckn_saga", "c");
    std::string bytes;
    append_framed(bytes, batch, 12);
    std::string_view rest = bytes;
    const std::optional<FramedBatch> read = take_framed(rest, 11);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->number, 12U);
    EXPECT_EQ(read->batch.puts, batch.puts);
    EXPECT_EQ(read->batch.removes, batch.removes);
    EXPECT_TRUE(rest.empty());
    rest = bytes;
    EXPECT_FALSE(take_framed(rest, 12).has_value());
    EXPECT_FALSE(take_framed(rest, 10).has_value());
}

TEST(AheadFile, TakesNoDamagedBatch) {
    std::string bytes;
    append_framed(bytes, batch_of({record("a", "selecting")}), 7);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        std::string_view rest = damaged;
        EXPECT_FALSE(take_framed(rest).has_value()) << i;
    }
}

}  // namespace
}  // namespace headroom::store
