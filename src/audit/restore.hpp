#pragma once

#include "audit/checkpoint.hpp"
#include "audit/files.hpp"
#include "audit/log_index.hpp"
#include "audit/segment_file.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace headroom::audit {

/// What was cut off behind the last good record at start.
struct DroppedTail {
    std::uint64_t bytes = 0;
    std::string sha256;  ///< hexadecimal; the bytes lie in `quarantine/`
};

/// A log's directory after it was read back.
struct Restored {
    std::unique_ptr<LogIndex> index;
    SegmentFile segment;       ///< not open when the newest one was sealed
    UtcTime last_ts{};         ///< of the last entry
    std::uint64_t opened = 0;  ///< `log.open` entries
    std::optional<DroppedTail> dropped;
    std::optional<SignedCheckpoint> checkpoint;
};

/// Reads every segment, checks hashes, roots and trailers, mends a torn tail, and compares with the newest
/// checkpoint. The one place where the log is ever cut.
/// Errors: as `Log::open`.
[[nodiscard]] Result<Restored> restore(FileOps& files, const std::filesystem::path& dir,
                                       const VerifierKey& key, std::uint64_t allocate_step);

/// First indices of the segments in `dir`/seg, ascending; other files are left alone.
/// Errors: `not_found` when there is no such folder.
[[nodiscard]] Result<std::vector<std::uint64_t>> list_segments(const std::filesystem::path& dir);

}  // namespace headroom::audit
