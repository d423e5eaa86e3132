#pragma once

#include "store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::store {

/// Batches of records on their way to the record store: one `pwrite` and they survive the death of the
/// process (not of the machine's power), which costs microseconds where a transaction on another thread costs
/// a hundred. The store follows; what it lacked when the process died is written to it at the next start.
/// Batches are numbered and the file is written over again and again: its pages stay in memory, which halves
/// the cost of a file that grows and is cut. Blocking, one caller at a time.
class AheadFile {
  public:
    /// Opens or makes the file and writes the batches to `records`, in order, that it holds and the store has
    /// not followed (`followed`). A batch cut off at the end was never answered for and is dropped.
    /// Errors: `unavailable` when the file cannot be used; as `Records::write`.
    [[nodiscard]] static Result<std::unique_ptr<AheadFile>> open(const std::filesystem::path& file,
                                                                 Records& records);
    ~AheadFile();
    AheadFile(const AheadFile&) = delete;
    AheadFile& operator=(const AheadFile&) = delete;

    /// Process-durable when it returns, with the number of the batch; on an error the batch is not in the
    /// file. `batch` moves no projection.
    /// Errors: `unavailable`, also for a full disk.
    [[nodiscard]] Result<std::uint64_t> append(const Batch& batch);
    /// What the store writes in one transaction with batch `number`, or with the last of several: it has
    /// followed up to there.
    [[nodiscard]] static Record followed(std::uint64_t number);
    /// Begins at the start of the file again: the store has followed everything.
    void rewind() { size_ = 0; }
    /// Bytes since the start.
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    AheadFile(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
    [[nodiscard]] Error fault(const std::string& doing, int errno_value) const;
    Result<void> take_over(std::string_view bytes, Records& records);
    void make_room(std::size_t size) const;

    std::filesystem::path file_;
    int descriptor_;
    std::size_t size_ = 0;
    std::uint64_t next_ = 1;  // number of the next batch
    std::string buffer_;
};

/// A batch with its number, as it stands in the file, and back. Layout: docs/formats/data-dir.md
void append_framed(std::string& out, const Batch& batch, std::uint64_t number);
struct FramedBatch {
    Batch batch;
    std::uint64_t number = 0;  ///< 0: of a version that numbered none
};
/// Takes the first whole batch off `bytes`; nothing when there is none. Batches of one file belong together
/// as long as each has its predecessor's number and one: what comes behind was written earlier.
[[nodiscard]] std::optional<FramedBatch> take_framed(std::string_view& bytes, std::uint64_t predecessor = 0);

}  // namespace headroom::store
