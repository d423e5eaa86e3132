#pragma once

#include "audit/entry.hpp"
#include "audit/log.hpp"
#include "audit/note.hpp"
#include "audit/segment.hpp"
#include "core/clock.hpp"
#include "unit/audit/vectors.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace headroom::audit::testing {

namespace fs = std::filesystem;

/// A folder of its own for each test, gone afterwards.
class TempDir {
  public:
    TempDir() {
        std::string pattern = (fs::temp_directory_path() / "headroom-audit-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TempDir() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

/// A wall clock that the test moves while the log's thread reads it.
class TestClock final : public WallClock {
  public:
    explicit TestClock(UtcTime start) : now_(start.time_since_epoch().count()) {}
    [[nodiscard]] UtcTime now() const override { return UtcTime{milliseconds{now_.load()}}; }
    void set(UtcTime to) { now_.store(to.time_since_epoch().count()); }
    void advance(milliseconds by) { now_.fetch_add(by.count()); }

  private:
    std::atomic<std::int64_t> now_;
};

inline UtcTime at(std::string_view text) {
    return *parse_utc(text);
}

/// When the logs of these tests begin.
inline const UtcTime start = at("2026-11-20T16:50:00.000Z");

inline std::string read_bytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

inline void write_bytes(const fs::path& path, std::string_view bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline Hash hash_of_hex(std::string_view hex) {
    return *to_hash(*from_hex(hex));
}

inline Ed25519KeyPair vector_key() {
    return *Ed25519KeyPair::from_secret(*from_hex(vectors::seed_hex));
}

/// The keys that a reader of the example log trusts.
inline std::vector<VerifierKey> keys() {
    return {*parse_vkey(vectors::vkey)};
}

/// `text` with the first `from`, which must be there, as `to`.
inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string changed(text);
    const std::size_t found = changed.find(from);
    EXPECT_NE(found, std::string::npos) << from;
    return changed.replace(found, from.size(), to);
}

/// The bytes of a segment that holds `leaves`, numbered from `first_index`, `positions` being their places in
/// their batches.
inline std::string make_segment(std::uint64_t first_index, const std::vector<std::string>& leaves,
                                const std::vector<std::uint16_t>& positions, const Frontier& before,
                                UtcTime created, bool is_sealed, std::string_view origin = vectors::origin) {
    std::string bytes = encode(SegmentHeader{
        .first_index = first_index, .before = before, .log_id = log_id_of(origin), .created = created});
    Frontier tree = before;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const std::size_t begin = begin_record(bytes);
        bytes += leaves[i];
        end_record(bytes, begin, first_index + i, positions[i]);
        tree.append(leaf_hash(leaves[i]));
    }
    if (is_sealed) {
        bytes += encode(Trailer{.end_index = tree.size(),
                                .end_root = tree.root(),
                                .count = leaves.size(),
                                .file_hash = sha256(bytes)});
    }
    return bytes;
}

inline Frontier frontier_of(const std::vector<std::string>& leaves, std::size_t count) {
    Frontier tree;
    for (std::size_t i = 0; i < count; ++i) {
        tree.append(leaf_hash(leaves[i]));
    }
    return tree;
}

inline std::vector<std::string> vector_leaves() {
    return {vectors::leaves.begin(), vectors::leaves.end()};
}

inline const UtcTime vector_created{milliseconds{1'795'193'400'000}};

/// Sealed segment 0 of the example log.
inline std::string vector_segment_0() {
    const std::vector<std::string> leaves = vector_leaves();
    return make_segment(0, {leaves.begin(), leaves.begin() + 5}, {0, 1, 0, 0, 1}, {}, vector_created, true);
}

/// Open segment 5 of the example log, its two entries in one or in two batches.
inline std::string vector_segment_5(bool is_one_batch) {
    const std::vector<std::string> leaves = vector_leaves();
    return make_segment(5, {leaves.begin() + 5, leaves.end()},
                        is_one_batch ? std::vector<std::uint16_t>{0, 1} : std::vector<std::uint16_t>{0, 0},
                        frontier_of(leaves, 5), vector_created + seconds{1}, false);
}

/// Writes the example log to `dir`.
inline void write_vector_log(const fs::path& dir) {
    write_bytes(dir / "origin", std::string(vectors::origin) + "\n");
    write_bytes(dir / "vkey", std::string(vectors::vkey) + "\n");
    write_bytes(dir / "seg" / "0000000000000000.seg", vector_segment_0());
    write_bytes(dir / "seg" / "0000000000000005.seg", vector_segment_5(false));
    write_bytes(dir / "checkpoint", vectors::checkpoint_7);
    write_bytes(dir / "checkpoints" / "0000000000000003", vectors::checkpoint_3);
}

inline Draft draft(std::string type = "dispatch.order.intent", std::int64_t number = 1,
                   std::string corr = "ev-20261120-abcdefgh") {
    json::Object body;
    body.set("fence", number).set("der", "bess-77");
    return {.type = std::move(type),
            .actor = {.id = "core", .kind = "system", .ip = {}, .via = {}},
            .body = std::move(body),
            .corr = std::move(corr)};
}

inline std::vector<Draft> drafts(Draft one) {
    std::vector<Draft> list;
    list.push_back(std::move(one));
    return list;
}

/// Small sizes, so that tests are quick.
inline LogOptions options(const fs::path& dir, const WallClock& clock, FileOps* files = nullptr) {
    return {.dir = dir,
            .origin = std::string(vectors::origin),
            .key = vector_key(),
            .wall_clock = clock,
            .instance = "test",
            .files = files,
            .allocate_step = 64UL * 1024,
            .reserve_bytes = 256UL * 1024,
            .clock_quality = [] { return ClockQuality{.source = "ntp", .ntp_offset_us = 42}; }};
}

inline std::unique_ptr<Log> open_log(LogOptions log_options) {
    Result<std::unique_ptr<Log>> log = Log::open(std::move(log_options));
    if (!log) {
        ADD_FAILURE() << log.error().message;
        return nullptr;
    }
    return std::move(*log);
}

inline std::vector<Entry> all_entries(const Log& log) {
    std::vector<Entry> entries;
    const Result<void> scanned = log.scan(0, [&entries](const Entry& entry) -> Result<void> {
        entries.push_back(entry);
        return {};
    });
    EXPECT_TRUE(scanned.has_value()) << scanned.error().message;
    return entries;
}

}  // namespace headroom::audit::testing
