#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace headroom::telemetry {

/// Reads a file from front to back in pieces: plain bytes as they are, gzip (recognised by its first bytes,
/// whatever the name says) unpacked on the way. Holds one buffer however long the file is. Blocking, one
/// thread. Source: zlib.
class FileReader {
  public:
    /// Errors: `not_found`, `invalid` for a folder, `denied` and `unavailable` as the system says.
    [[nodiscard]] static Result<FileReader> open(const std::filesystem::path& file);

    /// Fills the front of `into` and answers how many bytes that were; 0 at the end. Errors: `corrupt` for
    /// damaged or cut-off gzip, `unavailable` when the medium fails.
    [[nodiscard]] Result<std::size_t> read(std::span<char> into);
    /// How far the file itself, still packed, has been read.
    [[nodiscard]] std::uint64_t offset() const;

  private:
    struct Close {
        void operator()(void* handle) const;
    };
    FileReader(void* handle, std::string name) : handle_(handle), name_(std::move(name)) {}

    std::unique_ptr<void, Close> handle_;  // zlib's gzFile
    std::string name_;
};

/// A piece of this size keeps disk and decoder busy.
inline constexpr std::size_t file_chunk_bytes = 256UL * 1024;

}  // namespace headroom::telemetry
