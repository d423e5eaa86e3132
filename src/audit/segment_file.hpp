#pragma once

#include "audit/files.hpp"
#include "audit/segment.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace headroom::audit {

/// How a write went.
struct WriteOutcome {
    enum class Kind {
        done,
        full,    ///< no space; what was in the file before is untouched
        failed,  ///< the device or a sync failed: this file is never written again
    };
    Kind kind = Kind::done;
    std::string message = {};

    [[nodiscard]] bool is_done() const { return kind == Kind::done; }
};

/// `0000000000000005.seg`
[[nodiscard]] std::string segment_name(std::uint64_t first_index);
/// Errors: `invalid` when `name` is not of that form.
[[nodiscard]] Result<std::uint64_t> parse_segment_name(std::string_view name);

/// The open segment, as its one writer sees it. Not thread-safe.
class SegmentFile {
  public:
    SegmentFile() = default;

    /// Makes room for a new segment under a temporary name, so that a full disk shows before the old one is
    /// sealed. Any earlier remains under that name are dropped.
    WriteOutcome prepare(FileOps& files, const std::filesystem::path& directory, std::uint64_t allocate_step);
    /// Removes a prepared file that was not begun.
    void discard();
    /// Writes the header and gives the prepared file its name; durable when this answers `done`.
    WriteOutcome begin(const SegmentHeader& header);
    /// Goes on in an open segment that was scanned and, when torn, mended. Errors: as `open_file`.
    [[nodiscard]] static Result<SegmentFile> resume(FileOps& files, const std::filesystem::path& path,
                                                    const SegmentScan& scan, std::uint64_t allocate_step);

    /// One write and one sync of whole records. After `full` the file ends where it ended before.
    WriteOutcome append(std::string_view records, std::uint64_t count);
    /// Reserves up to `bytes` more, or half, a quarter … of it; answers how many.
    std::uint64_t reserve(std::uint64_t bytes);
    /// Reserves the next step ahead when less than one step is left.
    WriteOutcome reserve_step();
    /// Writes zeros into a piece of the reserved space when little is left of what has them, and syncs them.
    /// A record that takes the place of zeros is data alone; in space that was only reserved each sync would
    /// have to write down in the file system's journal, too, that it is used now. Costs a sync: for quiet
    /// times.
    WriteOutcome zero_ahead();
    [[nodiscard]] bool wants_zeros() const;
    /// Trailer, cut to length, sync of file and directory. `full` leaves the segment open.
    WriteOutcome seal(const Hash& end_root);

    [[nodiscard]] bool is_open() const { return file_.is_open(); }
    [[nodiscard]] std::uint64_t first_index() const { return header_.first_index; }
    [[nodiscard]] UtcTime created() const { return header_.created; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] std::uint64_t allocated() const { return allocated_; }

  private:
    WriteOutcome make_room(std::uint64_t bytes);
    [[nodiscard]] WriteOutcome fault(std::string_view doing, int errno_value) const;

    FileOps* files_ = nullptr;
    std::filesystem::path path_;
    File file_;
    SegmentHeader header_;
    std::uint64_t allocate_step_ = 0;
    std::uint64_t end_ = 0;        // offset behind the last record
    std::uint64_t allocated_ = 0;  // offset behind the preallocated space
    std::uint64_t zeroed_ = 0;     // offset behind those zeros of it that are on the disk
    std::uint64_t count_ = 0;
    bool can_allocate_ = true;  // some file systems cannot
    HashStream hash_;           // of the bytes before `end_`
};

}  // namespace headroom::audit
