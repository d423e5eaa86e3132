#pragma once

// Inside of Contingency. Not for other agents.

#include "agents/contingency.hpp"

#include <set>
#include <string>
#include <vector>

namespace headroom::agents {

/// One look at everything, on its way.
struct Contingency::Sweep {
    contingency::ShelfState state;
    std::vector<bool> has_own;
    std::set<std::string> promised;  ///< DERs that open events use
    std::int64_t over_limit = 0;
    std::size_t next = 0;  ///< element to be looked at
    bool has_begun = false;
    SweepCost cost;
};

/// What a DER can take off and keep off for the shelf's hours: its largest turn-down, not more than its load
/// where it only consumes and is metered, and what its store lasts for. Whole watts.
[[nodiscard]] std::int64_t lasting_power_w(const grid::Der& der, std::optional<double> load_kw);
/// From the instruction to the whole response, notice and ramp, in whole minutes, rounded up.
[[nodiscard]] std::int64_t notice_minutes(const grid::Der& der);

}  // namespace headroom::agents
