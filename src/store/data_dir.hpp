#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace headroom::store {

/// The folder that holds everything this process keeps (docs/formats/data-dir.md), locked while this lives.
class DataDir {
  public:
    /// The layout's version, in the file FORMAT.
    static constexpr int format = 1;

    /// Makes what is missing, locks the folder and takes away an `endpoint.json` that a crash left. Unknown
    /// files are left alone. Errors: `unavailable` when another process holds it (naming its id) or the disk
    /// is full, `denied` when it may not be written, `unsupported` for a newer FORMAT, `corrupt` for a FORMAT
    /// that is no number or data without one, `invalid` when a name of ours is taken by something else. Each
    /// says the remedy.
    [[nodiscard]] static Result<std::unique_ptr<DataDir>> open(const std::filesystem::path& path);
    /// Closes cleanly: `endpoint.json` goes, the lock is given back.
    ~DataDir();
    DataDir(const DataDir&) = delete;
    DataDir& operator=(const DataDir&) = delete;

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path audit() const { return root_ / "audit"; }
    [[nodiscard]] std::filesystem::path blobs() const { return root_ / "blobs"; }
    [[nodiscard]] std::filesystem::path records_db() const { return root_ / "records.db"; }
    [[nodiscard]] std::filesystem::path series_db() const { return root_ / "series.db"; }
    [[nodiscard]] std::filesystem::path models() const { return root_ / "models"; }
    [[nodiscard]] std::filesystem::path snapshots() const { return root_ / "snapshots"; }
    /// Private keys; the folder is 0700.
    [[nodiscard]] std::filesystem::path keys() const { return root_ / "keys"; }
    /// May be deleted at any time while nothing runs.
    [[nodiscard]] std::filesystem::path cache() const { return root_ / "cache"; }
    [[nodiscard]] std::filesystem::path endpoint() const { return root_ / "endpoint.json"; }

    /// Replaces `endpoint.json` (where this process listens) in one step. Errors: `unavailable`, `denied`.
    [[nodiscard]] Result<void> write_endpoint(const json::Value& value);
    /// Bytes that this user may still write to the disk. Errors: `unavailable`.
    [[nodiscard]] Result<std::uint64_t> free_bytes() const;

  private:
    explicit DataDir(std::filesystem::path root) : root_(std::move(root)) {}
    [[nodiscard]] Result<void> make_folders();
    [[nodiscard]] Result<void> lock();
    [[nodiscard]] Result<void> check_format();

    std::filesystem::path root_;
    int lock_descriptor_ = -1;
    bool has_endpoint_ = false;
};

/// A fault of the system as ours: a full disk or quota is `unavailable`, a missing right or a read-only disk
/// `denied`, a missing file `not_found`, the rest `unavailable`; "cannot DOING PATH: REASON. Remedy: …".
[[nodiscard]] Error file_fault(std::string_view doing, const std::filesystem::path& path, int errno_value);

}  // namespace headroom::store
