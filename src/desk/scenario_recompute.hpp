#pragma once

#include "audit/entry.hpp"
#include "desk/replay_event.hpp"
#include "desk/scenario_made.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::desk {

/// A run of the log, made again from its stored input.
struct RecomputedRun {
    std::uint64_t seq = 0;  ///< of its entry
    UtcTime at{};           ///< when it was written down
    std::string run_id;
    bool same = false;              ///< everything that was found is the same, to the bit
    std::string recorded_sha256;    ///< of the result; empty where the entry is of before it was kept
    std::string recomputed_sha256;  ///< the same, now
    std::string detail;             ///< what was compared, or what is not the same
    std::shared_ptr<const FinishedRun> run;
};

/// The run that `name` means among entries of type `scenario.run`, oldest first: the newest of that id, for
/// ids begin anew with each process, or the one whose input's SHA-256 begins with it (eight digits or more).
/// Errors: `not_found`, naming the runs there are; `conflict` when digits fit several inputs.
[[nodiscard]] Result<const audit::Entry*> find_run(const std::vector<audit::Entry>& entries,
                                                   std::string_view name);

/// Reads the input that the entry names, runs it and compares. Errors: `not_found` when the input was too
/// large to be kept; `corrupt` when it is missing, is not what its hash says or does not read back; those of
/// `scenario::run`.
[[nodiscard]] Result<RecomputedRun> recompute(const audit::Entry& entry, const BlobReader& blob);

}  // namespace headroom::desk
