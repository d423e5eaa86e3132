#pragma once

#include "desk/identity/principals.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace headroom::desk::identity {

/// `<data>/keys/identity.json`.
[[nodiscard]] std::filesystem::path principals_path(const std::filesystem::path& data_dir);

/// Reads the file; nobody when there is none. Blocking, some milliseconds at most.
/// Errors: `denied` when its group or others may use it, with the remedy; `corrupt`, `unsupported` as
/// `parse_principals`; `unavailable`.
[[nodiscard]] Result<Principals> load_principals(const std::filesystem::path& file);

/// Reads the file, changes it and replaces it in one durable step, while no other process does the same
/// (`identity.lock` beside it). The file is of mode 0600. Works beside a running server. Blocking.
/// Errors: as `load_principals`; those of `change`; `unavailable` when it cannot be written.
[[nodiscard]] Result<Principals> edit_principals(const std::filesystem::path& file,
                                                 const std::function<Result<Principals>(Principals)>& change);

/// Tells whether the file has been replaced since it was last looked at: one `stat`.
struct FileMark {
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;
    std::int64_t bytes = -1;  ///< -1: there is no file

    bool operator==(const FileMark&) const = default;
};
[[nodiscard]] FileMark mark_of(const std::filesystem::path& file);

}  // namespace headroom::desk::identity
