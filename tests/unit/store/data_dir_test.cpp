#include "store/data_dir.hpp"

#include "contract/store/temp_dir.hpp"
#include "store/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

namespace headroom::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::unique_ptr<DataDir> open_data_dir(const fs::path& path) {
    Result<std::unique_ptr<DataDir>> opened = DataDir::open(path);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}
Error open_fault(const fs::path& path) {
    const Result<std::unique_ptr<DataDir>> opened = DataDir::open(path);
    EXPECT_FALSE(opened.has_value());
    return opened ? Error{} : opened.error();
}
std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}
unsigned mode(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
}

TEST(DataDir, MakesTheLayout) {
    const TempDir dir;
    const std::unique_ptr<DataDir> data = open_data_dir(dir / "deep/data");
    for (const char* name : {"audit", "blobs", "models", "snapshots", "keys", "cache"}) {
        EXPECT_TRUE(fs::is_directory(dir / "deep/data" / name)) << name;
    }
    EXPECT_EQ(content(data->root() / "FORMAT"), "1\n");
    EXPECT_EQ(content(data->root() / "LOCK"), std::to_string(::getpid()) + "\n");
    EXPECT_EQ(mode(data->keys()), 0700U);
    EXPECT_FALSE(fs::exists(data->endpoint()));
    EXPECT_TRUE(open_sqlite_records(data->records_db()).has_value());
}

TEST(DataDir, OpensAgainAndLeavesUnknownFilesAlone) {
    const TempDir dir;
    open_data_dir(dir.path());
    std::ofstream(dir / "notes.txt") << "mine";
    std::ofstream(dir / "audit/segment") << "kept";
    const std::unique_ptr<DataDir> again = open_data_dir(dir.path());
    EXPECT_EQ(content(dir / "notes.txt"), "mine");
    EXPECT_EQ(content(dir / "audit/segment"), "kept");
}

TEST(DataDir, ProtectsKeysThatWereOpenToOthers) {
    const TempDir dir;
    fs::create_directory(dir / "keys");
    fs::permissions(dir / "keys", fs::perms(0755));
    const std::unique_ptr<DataDir> data = open_data_dir(dir.path());
    EXPECT_EQ(mode(dir / "keys"), 0700U);
}

TEST(DataDir, IsHeldByOneProcessAtATime) {
    const TempDir dir;
    std::unique_ptr<DataDir> holder = open_data_dir(dir.path());
    const Error fault = open_fault(dir.path());
    EXPECT_EQ(fault.code, Errc::unavailable);
    EXPECT_THAT(fault.message, HasSubstr("is in use by process " + std::to_string(::getpid())));
    EXPECT_THAT(fault.message, HasSubstr("Remedy: stop that process"));
    holder.reset();
    EXPECT_NE(open_data_dir(dir.path()), nullptr);
}

TEST(DataDir, ASecondOpenTakesNothingFromTheHolder) {
    const TempDir dir;
    const std::unique_ptr<DataDir> holder = open_data_dir(dir.path());
    ASSERT_TRUE(holder->write_endpoint(json::Object{{"port", 4711}}));
    open_fault(dir.path());
    EXPECT_TRUE(fs::exists(holder->endpoint()));
    EXPECT_EQ(content(dir / "LOCK"), std::to_string(::getpid()) + "\n");
}

TEST(DataDir, ALockLeftByADeadProcessIsTakenOver) {
    const TempDir dir;
    open_data_dir(dir.path());
    std::ofstream(dir / "LOCK") << "999999\n";
    EXPECT_NE(open_data_dir(dir.path()), nullptr);
}

TEST(DataDir, ANewerFormatIsRefusedWithTheRemedy) {
    const TempDir dir;
    open_data_dir(dir.path());
    std::ofstream(dir / "FORMAT") << "2\n";
    const Error fault = open_fault(dir.path());
    EXPECT_EQ(fault.code, Errc::unsupported);
    EXPECT_THAT(fault.message,
                HasSubstr("has format 2, this build knows formats up to 1. Remedy: run the newer"));
    EXPECT_EQ(content(dir / "FORMAT"), "2\n");
}

TEST(DataDir, AFormatThatIsNoNumberIsCorrupt) {
    const TempDir dir;
    open_data_dir(dir.path());
    for (const char* text : {"", "one\n", "1 2\n", "-1\n", "0\n", "99999999999999999999\n"}) {
        std::ofstream(dir / "FORMAT") << text;
        EXPECT_EQ(open_fault(dir.path()).code, Errc::corrupt) << text;
    }
}

TEST(DataDir, DataWithoutAFormatIsCorrupt) {
    const TempDir dir;
    open_data_dir(dir.path());
    fs::remove(dir / "FORMAT");
    EXPECT_EQ(open_fault(dir.path()).code, Errc::corrupt);
    EXPECT_FALSE(fs::exists(dir / "FORMAT"));
}

TEST(DataDir, AnUnfinishedFirstOpenIsGoneOnWith) {
    const TempDir dir;
    std::ofstream(dir / "LOCK") << "";
    std::ofstream(dir / "FORMAT.tmp") << "";
    EXPECT_NE(open_data_dir(dir.path()), nullptr);
    EXPECT_EQ(content(dir / "FORMAT"), "1\n");
}

TEST(DataDir, TheEndpointIsReplacedInOneStepAndGoesAtTheEnd) {
    const TempDir dir;
    std::unique_ptr<DataDir> data = open_data_dir(dir.path());
    ASSERT_TRUE(data->write_endpoint(json::Object{{"port", 1}}));
    ASSERT_TRUE(data->write_endpoint(json::Object{{"port", 4711}}));
    const Result<json::Value> parsed = json::parse(content(data->endpoint()));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->integer("/port"), 4711);
    EXPECT_FALSE(fs::exists(dir / "endpoint.json.tmp"));
    data.reset();
    EXPECT_FALSE(fs::exists(dir / "endpoint.json"));
}

TEST(DataDir, AnEndpointLeftByACrashIsTakenAway) {
    const TempDir dir;
    open_data_dir(dir.path());
    std::ofstream(dir / "endpoint.json") << "{\"port\":1}";
    const std::unique_ptr<DataDir> data = open_data_dir(dir.path());
    EXPECT_FALSE(fs::exists(data->endpoint()));
}

TEST(DataDir, SaysWhatIsInTheWay) {
    const TempDir dir;
    std::ofstream(dir / "file") << "x";
    EXPECT_EQ(open_fault(dir / "file").code, Errc::invalid);
    EXPECT_THAT(open_fault(dir / "file").message, HasSubstr("is not a folder"));
    EXPECT_THAT(open_fault(dir / "file/data").message, HasSubstr("cannot make the folder"));
    EXPECT_EQ(open_fault("").code, Errc::invalid);
    fs::create_directory(dir / "data");
    std::ofstream(dir / "data/blobs") << "x";
    EXPECT_THAT(open_fault(dir / "data").message, HasSubstr("blobs is not a folder"));
}

TEST(DataDir, DoesNotFollowALinkInPlaceOfItsLock) {
    const TempDir dir;
    std::ofstream(dir / "victim") << "precious";
    fs::create_directory(dir / "data");
    fs::create_symlink(dir / "victim", dir / "data/LOCK");
    open_fault(dir / "data");
    EXPECT_EQ(content(dir / "victim"), "precious");
}

/// Drops the superuser's rights, which no permission holds back, for as long as it lives.
class AsNobody {
  public:
    AsNobody() { EXPECT_TRUE(!was_root_ || ::seteuid(nobody) == 0); }
    ~AsNobody() { EXPECT_TRUE(!was_root_ || ::seteuid(0) == 0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

  private:
    static constexpr uid_t nobody = 65534;
    bool was_root_ = ::geteuid() == 0;
};

TEST(DataDir, AFolderThatMayNotBeWrittenIsDenied) {
    const TempDir dir;
    fs::permissions(dir.path(), fs::perms(0555));
    {
        const AsNobody nobody;
        const Error fault = open_fault(dir.path());
        EXPECT_EQ(fault.code, Errc::denied);
        EXPECT_THAT(fault.message, HasSubstr("LOCK: Permission denied. Remedy: give this user the right"));
    }
    fs::permissions(dir.path(), fs::perms(0700));
}

TEST(DataDir, KnowsHowMuchRoomThereIs) {
    const TempDir dir;
    const std::unique_ptr<DataDir> data = open_data_dir(dir.path());
    const Result<std::uint64_t> free = data->free_bytes();
    ASSERT_TRUE(free.has_value());
    EXPECT_GT(*free, 0U);
    EXPECT_EQ(*free % 512, 0U);
}

TEST(FileFault, TellsWhatTheCallerCanDo) {
    EXPECT_EQ(file_fault("write", "/x/y", ENOSPC).code, Errc::unavailable);
    EXPECT_EQ(
        file_fault("write", "/x/y", ENOSPC).message,
        "cannot write /x/y: No space left on device (disk full). Remedy: make room, or name another data "
        "folder with --data-dir");
    EXPECT_EQ(file_fault("write", "/x/y", EDQUOT).code, Errc::unavailable);
    EXPECT_EQ(file_fault("write", "/x/y", EROFS).code, Errc::denied);
    EXPECT_THAT(file_fault("write", "/x/y", EROFS).message, HasSubstr("Read-only file system. Remedy: give"));
    EXPECT_EQ(file_fault("write", "/x/y", EACCES).code, Errc::denied);
    EXPECT_EQ(file_fault("read", "/x/y", ENOENT).code, Errc::not_found);
    EXPECT_EQ(file_fault("read", "/x/y", EIO).code, Errc::unavailable);
}

}  // namespace
}  // namespace headroom::store
