#include "audit/bench.hpp"
#include "audit/blob_store.hpp"
#include "audit/key_file.hpp"
#include "unit/audit/support.hpp"

#include <sys/stat.h>

#include <thread>

namespace headroom::audit {
namespace {

using testing::read_bytes;
using testing::TempDir;
using testing::write_bytes;

const std::string abc_hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(BlobStore, KeepsBytesUnderTheirHash) {
    const TempDir dir;
    BlobStore blobs = *BlobStore::open(dir.path() / "blobs");
    EXPECT_EQ(*blobs.put("abc"), abc_hash);
    EXPECT_EQ(*blobs.put("abc"), abc_hash);
    EXPECT_EQ(*blobs.get(abc_hash), "abc");
    EXPECT_EQ(read_bytes(dir.path() / "blobs" / "ba" / abc_hash), "abc");
    EXPECT_EQ(*blobs.get(*blobs.put("")), "");
}

TEST(BlobStore, TellsWhatIsMissingFromWhatIsDamaged) {
    const TempDir dir;
    BlobStore blobs = *BlobStore::open(dir.path());
    EXPECT_EQ(blobs.get(abc_hash).error().code, Errc::not_found);
    EXPECT_EQ(blobs.get("../../etc/passwd").error().code, Errc::invalid);
    EXPECT_EQ(blobs.get(std::string(64, 'A')).error().code, Errc::invalid);
    ASSERT_TRUE(blobs.put("abc").has_value());
    write_bytes(dir.path() / "ba" / abc_hash, "abd");
    EXPECT_EQ(blobs.get(abc_hash).error().code, Errc::corrupt);
    ASSERT_TRUE(blobs.put("abc").has_value());  // mends it
    EXPECT_EQ(*blobs.get(abc_hash), "abc");
}

TEST(BlobStore, TakesTheSameBytesFromTwoThreads) {
    const TempDir dir;
    BlobStore blobs = *BlobStore::open(dir.path());
    const auto put_many = [&blobs] {
        for (int i = 0; i < 50; ++i) {
            EXPECT_TRUE(blobs.put("blob " + std::to_string(i)).has_value());
        }
    };
    std::thread other(put_many);
    put_many();
    other.join();
    std::size_t files = 0;
    for (const auto& file : testing::fs::recursive_directory_iterator(dir.path())) {
        files += file.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, 50U);  // no temporary file is left
}

class FullDisk final : public FileOps {
  public:
    int write_at(int, std::string_view, std::uint64_t, std::size_t& written) override {
        written = 0;
        return ENOSPC;
    }
};

TEST(BlobStore, LeavesNothingOnAFullDisk) {
    const TempDir dir;
    FullDisk files;
    BlobStore blobs = *BlobStore::open(dir.path(), files);
    EXPECT_EQ(blobs.put("abc").error().code, Errc::unavailable);
    EXPECT_TRUE(testing::fs::is_empty(dir.path() / "ba"));
}

TEST(KeyFile, IsMadeOnceAndReadAgain) {
    const TempDir dir;
    const testing::fs::path path = dir.path() / "keys" / "audit.key";
    const Ed25519KeyPair made = *load_or_create_key(path);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(load_or_create_key(path)->public_key(), made.public_key());
    EXPECT_EQ(std::distance(testing::fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(KeyFile, MustBeItsOwnersAlone) {
    const TempDir dir;
    const testing::fs::path path = dir.path() / "audit.key";
    ASSERT_TRUE(load_or_create_key(path).has_value());
    for (const mode_t mode : {0640U, 0604U, 0660U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        const Result<Ed25519KeyPair> key = load_or_create_key(path);
        ASSERT_FALSE(key.has_value());
        EXPECT_EQ(key.error().code, Errc::denied);
        EXPECT_NE(key.error().message.find("chmod 600 " + path.string()), std::string::npos);
    }
}

TEST(KeyFile, MustHoldAKey) {
    const TempDir dir;
    const testing::fs::path path = dir.path() / "audit.key";
    for (const std::string& text : {std::string(), std::string("short\n"), std::string(64, 'g') + "\n",
                                    std::string(64, 'a'), std::string(66, 'a') + "\n"}) {
        write_bytes(path, text);
        ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
        EXPECT_EQ(load_or_create_key(path).error().code, Errc::invalid) << text;
    }
    write_bytes(path, std::string(vectors::seed_hex) + "\n");
    EXPECT_EQ(load_or_create_key(path)->public_key(), testing::vector_key().public_key());
}

TEST(BenchAudit, MeasuresAndCleansUp) {
    const TempDir dir;
    const Result<json::Object> answer = bench_audit(dir.path(), 0.08);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    const json::Value value(*answer);
    EXPECT_EQ(value.text("/results/0/name"), "audit.fdatasync_ms_p50");
    EXPECT_EQ(value.text("/results/1/name"), "audit.fdatasync_ms_p99");
    EXPECT_EQ(value.text("/results/2/name"), "audit.entries_per_s");
    EXPECT_GT(value.number("/results/2/value"), 0.0);
    EXPECT_LE(value.number("/results/0/value"), value.number("/results/1/value"));
    EXPECT_TRUE(testing::fs::is_empty(dir.path()));
}

}  // namespace
}  // namespace headroom::audit
