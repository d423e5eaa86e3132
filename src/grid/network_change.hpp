#pragma once

#include "grid/network.hpp"

#include <string>
#include <vector>

namespace headroom::grid {

/// What tells one network from another. Ids of substations, feeders, DERs and ties, ascending.
struct NetworkChange {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string>
        changed;  ///< the same id with another place, rating or ability; a tie with other ends
    std::vector<std::string> limits_changed;  ///< assets in both networks whose limits differ

    [[nodiscard]] bool empty() const {
        return added.empty() && removed.empty() && changed.empty() && limits_changed.empty();
    }
    bool operator==(const NetworkChange&) const = default;
};

/// The order of elements and limits in either network makes no difference. Pure.
[[nodiscard]] NetworkChange change_between(const Network& from, const Network& to);

}  // namespace headroom::grid
