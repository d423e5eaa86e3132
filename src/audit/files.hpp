#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::audit {

/// What the log asks of the disk, one virtual call per system call, so that a test can let any of them fail.
/// Every call answers 0 or an errno value. Thread-safe.
class FileOps {
  public:
    virtual ~FileOps() = default;
    /// One pwrite; `written` may come out short.
    virtual int write_at(int descriptor, std::string_view bytes, std::uint64_t offset, std::size_t& written);
    virtual int sync_data(int descriptor);
    virtual int sync(int descriptor);
    /// Reserves space; the new bytes read as zeros.
    virtual int allocate(int descriptor, std::uint64_t offset, std::uint64_t length);
    virtual int truncate(int descriptor, std::uint64_t size);
    virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
};

/// The system's own calls.
[[nodiscard]] FileOps& system_files();

/// An open file descriptor and its one owner.
class File {
  public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { close(); }

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void close();

  private:
    int descriptor_ = -1;
};

/// Opens with O_CLOEXEC. Errors: `not_found`; `denied`; `conflict` when O_EXCL finds a file; else
/// `unavailable`.
[[nodiscard]] Result<File> open_file(const std::filesystem::path& path, int flags, unsigned mode = 0640);
/// The whole file. Errors: as `open_file`; `invalid` above `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// "writing /x: No space left on device" with the code that fits `errno_value`.
[[nodiscard]] Error file_error(std::string_view doing, const std::filesystem::path& path, int errno_value);
/// Whether the disk or a quota is full.
[[nodiscard]] bool is_full(int errno_value);

/// All bytes, over short writes and interruptions; 0 or an errno value.
[[nodiscard]] int write_all(FileOps& files, int descriptor, std::string_view bytes, std::uint64_t offset);
[[nodiscard]] int sync_directory(FileOps& files, const std::filesystem::path& directory);
/// Replaces `path` in one step that survives a power cut: temporary file, sync, rename, sync of the
/// directory. Answers 0 or an errno value; `is_sync_fault` then says whether it was a sync that failed. Two
/// threads that replace one file at a time give different `suffix`es for the temporary file.
[[nodiscard]] int replace_file(FileOps& files, const std::filesystem::path& path, std::string_view bytes,
                               bool& is_sync_fault, unsigned mode = 0640, std::string_view suffix = ".tmp");

}  // namespace headroom::audit
