#pragma once

#include "audit/entry.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace headroom::desk {

/// One decision of an event, made again from what the log kept.
struct ReplayedDecision {
    std::uint64_t seq = 0;
    std::string type;      ///< entry type
    std::string decision;  ///< risk.raise, flex.plan, guard.check, settlement.settle
    bool same = false;     ///< byte for byte
    std::string recorded_sha256;
    std::string replayed_sha256;
    std::string detail;  ///< why not the same, or the sentence that sums the decision up
};

/// Reads a blob by its hash.
using BlobReader = std::function<Result<std::string>(const std::string& sha256)>;

/// Makes every decision among `entries` again by calling the same pure verbs with the recorded inputs, and
/// compares canonical bytes. Entries without a decision are passed over. Errors: `corrupt` when an input is
/// missing or does not read back.
[[nodiscard]] Result<std::vector<ReplayedDecision>> replay_decisions(const std::vector<audit::Entry>& entries,
                                                                     const BlobReader& blob);

}  // namespace headroom::desk
