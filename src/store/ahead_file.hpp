#pragma once

#include "store/records.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace headroom::store {

/// Batches of records on their way to the record store: one `write` and they survive the death of the process
/// (not of the machine's power), which costs microseconds where a transaction on another thread costs a
/// hundred. The store follows; what it lacked when the process died is written to it at the next start.
/// Blocking, one caller at a time.
class AheadFile {
  public:
    /// Opens or makes the file, writes the whole batches that it holds to `records`, in order, and empties
    /// it. A batch cut off at the end was never answered for and is dropped.
    /// Errors: `unavailable` when the file cannot be used; as `Records::write`.
    [[nodiscard]] static Result<std::unique_ptr<AheadFile>> open(const std::filesystem::path& file,
                                                                 Records& records);
    ~AheadFile();
    AheadFile(const AheadFile&) = delete;
    AheadFile& operator=(const AheadFile&) = delete;

    /// Process-durable when it returns; on an error the file is as before. `batch` moves no projection.
    /// Errors: `unavailable`, also for a full disk.
    [[nodiscard]] Result<void> append(const Batch& batch);
    /// Forgets everything: the store has it.
    [[nodiscard]] Result<void> clear();
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    AheadFile(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
    [[nodiscard]] Error fault(const std::string& doing, int errno_value) const;

    std::filesystem::path file_;
    int descriptor_;
    std::size_t size_ = 0;
    std::string buffer_;
};

/// A batch as it stands in the file, and back. Layout: docs/formats/data-dir.md
void append_framed(std::string& out, const Batch& batch);
/// Takes the first whole batch off `bytes`; nothing when there is none.
[[nodiscard]] std::optional<Batch> take_framed(std::string_view& bytes);

}  // namespace headroom::store
