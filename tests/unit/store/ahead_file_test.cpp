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
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "records.ahead"), 0U);
}

TEST(AheadFile, DropsABatchThatWasCutOff) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder.path() / "records.db").value();
    const std::filesystem::path file = folder.path() / "records.ahead";
    std::string bytes;
    append_framed(bytes, batch_of({record("a", "selecting")}));
    const std::size_t whole = bytes.size();
    append_framed(bytes, batch_of({record("a", "confirming")}));
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
    append_framed(bytes, batch);
    std::string_view rest = bytes;
    const std::optional<Batch> read = take_framed(rest);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->puts, batch.puts);
    EXPECT_EQ(read->removes, batch.removes);
    EXPECT_TRUE(rest.empty());
}

TEST(AheadFile, TakesNoDamagedBatch) {
    std::string bytes;
    append_framed(bytes, batch_of({record("a", "selecting")}));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        std::string_view rest = damaged;
        EXPECT_FALSE(take_framed(rest).has_value()) << i;
    }
}

}  // namespace
}  // namespace headroom::store
