#pragma once

#include "audit/entry.hpp"
#include "core/result.hpp"
#include "store/records.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// Reads a record as it stands, or nothing.
using RecordReader =
    std::function<std::optional<store::Record>(const std::string& kind, const std::string& id)>;

/// Reads a blob by its SHA-256: what is too large for an entry stands there, as `event_after_blob` or
/// `contract_after_blob`.
using BlobReader = std::function<Result<std::string>(const std::string& sha256)>;

/// The records that these entries make, on top of what `read` gives: the same online and when a restart
/// applies the tail of the log again, so applying an entry twice changes nothing. Kinds: event, contract,
/// instruction, statement, authority, feeder_state, stop, shelf_use. An entry of a type that makes no record
/// only moves the position. Errors: `corrupt` for an entry whose body lacks what its type needs.
[[nodiscard]] Result<store::Batch> project(const std::vector<audit::Entry>& entries, const RecordReader& read,
                                           const BlobReader& blob);

/// Applies what the log holds beyond the store's position. Answers how many entries were applied.
[[nodiscard]] Result<std::uint64_t> catch_up(const std::function<Result<audit::Entry>(std::uint64_t)>& entry,
                                             std::uint64_t durable_size, store::Records& records,
                                             const BlobReader& blob);

}  // namespace headroom::agents
