#include "store/sqlite.hpp"

#include "contract/store/temp_dir.hpp"
#include "store/records.hpp"
#include "store/series.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace headroom::store::sqlite {
namespace {

using ::testing::HasSubstr;

constexpr std::int32_t our_id = 42;
constexpr std::array<Migration, 1> first{{{1, "CREATE TABLE t(a TEXT) STRICT; INSERT INTO t VALUES('old')"}}};
constexpr std::array<Migration, 3> third{
    {first[0], {2, "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 7"}, {3, "UPDATE t SET a = 'new'"}}};
constexpr std::array<Migration, 3> broken{{third[0], third[1], {3, "UPDATE missing SET a = 1"}}};

std::unique_ptr<Database> open_database(const std::filesystem::path& file, const FileKind& kind) {
    Result<std::unique_ptr<Database>> opened = Database::open(file, kind);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}
Error database_fault(const std::filesystem::path& file, const FileKind& kind) {
    const Result<std::unique_ptr<Database>> opened = Database::open(file, kind);
    EXPECT_FALSE(opened.has_value());
    return opened ? Error{} : opened.error();
}
std::string text(Database& database, const char* sql) {
    Query row = database.query(sql);
    const Result<bool> found = row.step();
    return found && *found ? std::string(row.text(0)) : "none";
}

TEST(Migrations, RunForwardOnceInAllAndKeepACopy) {
    const TempDir dir;
    open_database(dir / "a.db", {our_id, first});
    {
        const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, third});
        EXPECT_EQ(text(*database, "SELECT a FROM t"), "new");
        EXPECT_EQ(*database->integer("SELECT b FROM t"), 7);
        EXPECT_EQ(*database->integer("PRAGMA user_version"), 3);
    }
    const std::unique_ptr<Database> copy = open_database(dir / "a.db.bak-1", {our_id, first});
    EXPECT_EQ(text(*copy, "SELECT a FROM t"), "old");
    EXPECT_EQ(*copy->integer("PRAGMA user_version"), 1);
    EXPECT_FALSE(std::filesystem::exists(dir / "a.db.bak-1.tmp"));
}

TEST(Migrations, ANewFileNeedsNoCopy) {
    const TempDir dir;
    open_database(dir / "a.db", {our_id, third});
    EXPECT_FALSE(std::filesystem::exists(dir / "a.db.bak-0"));
    open_database(dir / "a.db", {our_id, third});
    EXPECT_FALSE(std::filesystem::exists(dir / "a.db.bak-3"));
}

TEST(Migrations, AFailedStepLeavesTheFileAsItWas) {
    const TempDir dir;
    open_database(dir / "a.db", {our_id, first});
    EXPECT_THAT(database_fault(dir / "a.db", {our_id, broken}).message, HasSubstr("no such table"));
    const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
    EXPECT_EQ(*database->integer("PRAGMA user_version"), 1);
    EXPECT_EQ(*database->integer("SELECT count(*) FROM pragma_table_info('t')"), 1);
}

TEST(Migrations, ANewerFileIsRefusedWithTheRemedy) {
    const TempDir dir;
    open_database(dir / "a.db", {our_id, third});
    const Error fault = database_fault(dir / "a.db", {our_id, first});
    EXPECT_EQ(fault.code, Errc::unsupported);
    EXPECT_THAT(fault.message,
                HasSubstr("has version 3, this build knows versions up to 1. Remedy: run the newer"));
    EXPECT_THAT(fault.message, HasSubstr("a.db.bak-1"));
}

TEST(Database, AnotherProgramsFileIsRefused) {
    const TempDir dir;
    open_database(dir / "a.db", {7, first});
    EXPECT_EQ(database_fault(dir / "a.db", {our_id, first}).code, Errc::unsupported);
    EXPECT_FALSE(open_sqlite_records(dir / "a.db").has_value());
    EXPECT_TRUE(open_sqlite_series(dir / "s.db").has_value());
    EXPECT_EQ(open_sqlite_records(dir / "s.db").error().code, Errc::unsupported);
}

TEST(Database, AFileThatIsNoDatabaseIsCorrupt) {
    const TempDir dir;
    std::ofstream(dir / "a.db") << std::string(8192, 'x');
    EXPECT_EQ(open_sqlite_records(dir / "a.db").error().code, Errc::corrupt);
    EXPECT_EQ(open_sqlite_series(dir / "a.db").error().code, Errc::corrupt);
}

TEST(Database, ADamagedPageIsCorrupt) {
    const TempDir dir;
    const auto put_many = [&] {
        const std::unique_ptr<Records> records = std::move(open_sqlite_records(dir / "a.db")).value();
        Batch batch;
        for (int i = 0; i < 500; ++i) {
            batch.puts.push_back({"event", std::to_string(i), "", "", std::string(200, 'j'), 0});
        }
        ASSERT_TRUE(records->write(batch));
    };
    put_many();
    const auto size = std::filesystem::file_size(dir / "a.db");
    {
        std::fstream file(dir / "a.db", std::ios::in | std::ios::out | std::ios::binary);
        const std::string damage(static_cast<std::size_t>(size) - 8192, '\xA5');
        file.seekp(8192);
        file.write(damage.data(), static_cast<std::streamsize>(damage.size()));
    }
    const Result<std::unique_ptr<Records>> records = open_sqlite_records(dir / "a.db");
    ASSERT_TRUE(records.has_value()) << records.error().message;
    EXPECT_EQ((*records)->list("event").error().code, Errc::corrupt);
}

TEST(Database, AFolderThatIsNotThereIsUnavailable) {
    const TempDir dir;
    const Error fault = open_sqlite_records(dir / "no/such/a.db").error();
    EXPECT_EQ(fault.code, Errc::unavailable);
    EXPECT_THAT(fault.message, HasSubstr("no/such/a.db"));
    EXPECT_THAT(fault.message, HasSubstr("No such file or directory"));
}

TEST(Database, AFullDiskIsUnavailableAndTheTransactionIsGone) {
    const TempDir dir;
    const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
    const std::string bound =
        "PRAGMA max_page_count=" + std::to_string(*database->integer("PRAGMA page_count") + 3);
    ASSERT_TRUE(database->run(bound.c_str()));
    const Result<void> filled = database->transaction([&]() -> Result<void> {
        for (int i = 0; i < 100; ++i) {
            Query put = database->query("INSERT INTO t VALUES(?1)");
            if (Result<void> done = put.bind(std::string(1000, 'x')).run(); !done) {
                return done;
            }
        }
        return {};
    });
    ASSERT_FALSE(filled.has_value());
    EXPECT_EQ(filled.error().code, Errc::unavailable);
    EXPECT_THAT(filled.error().message, HasSubstr("a.db: disk full"));
    EXPECT_EQ(*database->integer("SELECT count(*) FROM t"), 1);
    EXPECT_TRUE(database->run("DELETE FROM t"));
}

TEST(Database, ATransactionThatFailsIsRolledBack) {
    const TempDir dir;
    const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
    const Result<void> done = database->transaction([&]() -> Result<void> {
        EXPECT_TRUE(database->query("DELETE FROM t").run());
        return Error{Errc::conflict, "enough"};
    });
    EXPECT_EQ(done.error().message, "enough");
    EXPECT_EQ(*database->integer("SELECT count(*) FROM t"), 1);
}

TEST(Query, GivesBackTextsAndBlobsByteForByte) {
    const TempDir dir;
    const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
    const std::string bytes("a\0b'\xFF", 5);
    Query asked = database->query("SELECT ?1, ?2, ?3, ?4");
    asked.bind(std::string_view(bytes)).bind_blob(bytes).bind(std::string_view{}).bind(std::int64_t{-9});
    ASSERT_TRUE(*asked.step());
    EXPECT_EQ(asked.text(0), bytes);
    EXPECT_EQ(asked.blob(1), bytes);
    EXPECT_EQ(asked.text(2), "");
    EXPECT_EQ(asked.integer(3), -9);
    EXPECT_FALSE(*asked.step());
}

TEST(Query, AFaultIsKeptUntilItIsAskedFor) {
    const TempDir dir;
    const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
    EXPECT_FALSE(database->query("SELECT nothing FROM t").bind(std::int64_t{1}).step().has_value());
    Query too_many = database->query("SELECT ?1");
    too_many.bind(std::int64_t{1}).bind(std::int64_t{2});
    EXPECT_FALSE(too_many.step().has_value());
}

TEST(Checkpointer, KeepsTheLogShortAndLosesNothing) {
    const TempDir dir;
    constexpr int rows = 3000;  // at least a page of the log each
    {
        const std::unique_ptr<Database> database = open_database(dir / "a.db", {our_id, first});
        ASSERT_TRUE(database->checkpoint_aside({.due = 10, .urgent = 20, .most = 40}).has_value());
        for (int i = 0; i < rows; ++i) {
            ASSERT_TRUE(database->run("INSERT INTO t VALUES('one more')").has_value());
        }
        // SQLite writes a log over from its start once all of it is in the database, and never makes it
        // shorter.
        EXPECT_LT(std::filesystem::file_size(dir / "a.db-wal"), rows * 4096U / 2);
        EXPECT_EQ(*database->integer("SELECT count(*) FROM t"), rows + 1);
    }
    const std::unique_ptr<Database> again = open_database(dir / "a.db", {our_id, first});
    EXPECT_EQ(*again->integer("SELECT count(*) FROM t"), rows + 1);
}

TEST(CodeFor, TellsWhatTheCallerCanDo) {
    EXPECT_EQ(code_for(13), Errc::unavailable);         // SQLITE_FULL
    EXPECT_EQ(code_for(5), Errc::unavailable);          // SQLITE_BUSY
    EXPECT_EQ(code_for(11), Errc::corrupt);             // SQLITE_CORRUPT
    EXPECT_EQ(code_for(26), Errc::corrupt);             // SQLITE_NOTADB
    EXPECT_EQ(code_for(11 | (2 << 8)), Errc::corrupt);  // an extended code
    EXPECT_EQ(code_for(3), Errc::denied);               // SQLITE_PERM
    EXPECT_EQ(code_for(8), Errc::unavailable);          // SQLITE_READONLY
}

}  // namespace
}  // namespace headroom::store::sqlite
