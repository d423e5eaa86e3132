#pragma once

#include "audit/files.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace headroom::audit {

/// Large inputs of decisions, each in a file named by its SHA-256: `<dir>/ab/abcdef…`. An entry refers to one
/// as
/// `{"blob":{"sha256":…,"size":…}}`. Thread-safe; every call waits for the disk.
class BlobStore {
  public:
    static constexpr std::uint64_t bytes_max = 256UL << 20U;

    /// The folder is made when it is missing. Errors: `unavailable`, `denied`.
    [[nodiscard]] static Result<BlobStore> open(std::filesystem::path dir, FileOps& files = system_files());

    /// Stores `bytes` durably and answers their SHA-256 in hexadecimal; storing them again changes nothing.
    /// Errors: `invalid` above 256 MiB; `unavailable` when the disk is full or fails.
    [[nodiscard]] Result<std::string> put(std::string_view bytes);
    /// Errors: `invalid` when `sha256` is not 64 lower-case hexadecimal digits; `not_found`; `corrupt` when
    /// the file is not what its name says.
    [[nodiscard]] Result<std::string> get(std::string_view sha256) const;

  private:
    BlobStore(std::filesystem::path dir, FileOps& files) : dir_(std::move(dir)), files_(&files) {}

    std::filesystem::path dir_;
    FileOps* files_;
};

}  // namespace headroom::audit
