#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::audit {

/// Measures the audit log on the disk that holds `dir` (a scratch folder is made in it and removed), for
/// about `seconds`. Answers `{"results":[{name,value,unit,min,max,runs}…]}` with
///
/// - `audit.fdatasync_ms_p50`, `audit.fdatasync_ms_p99`: 256 bytes appended to preallocated space and synced;
/// - `audit.entries_per_s`: entries of about 300 bytes from one producer until the last is durable.
///
/// Errors: `unavailable` when the disk fails.
[[nodiscard]] Result<json::Object> bench_audit(const std::filesystem::path& dir, double seconds);

}  // namespace headroom::audit
