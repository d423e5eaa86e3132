#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <array>
#include <string>
#include <string_view>

namespace headroom::grid {

using TieId = Id<struct TieTag>;

/// A switch that is open as long as the network runs as planned. Closed after a loss, it supplies what hangs
/// on one of its ends from the other. Headroom recommends closing it and never sends that.
struct Tie {
    TieId id;
    std::array<std::string, 2> ends;  ///< ids of the two feeders or substations that it joins, different
    std::string name;
    Kilowatts rating{};      ///< what it may carry, of all phases together, > 0
    minutes switching{};     ///< from the decision until it is closed, 0 … `tie_switching_max`
    bool is_remote = false;  ///< closed by remote control; otherwise somebody travels to it
    double lat = 0.0;
    double lon = 0.0;
    std::string source_ref;  ///< the foreign name, when it was not a valid id

    /// The end that is not `element`; empty when `element` is neither.
    [[nodiscard]] std::string_view other_end(std::string_view element) const {
        return element == ends[0]   ? std::string_view{ends[1]}
               : element == ends[1] ? std::string_view{ends[0]}
                                    : std::string_view{};
    }
};

/// A day: who needs longer cannot be counted on within what a plan looks ahead.
inline constexpr minutes tie_switching_max{24 * 60};
/// What closing takes where a grid file does not say: own figures, of the size that utilities report for a
/// remote-controlled switch and for a crew that travels.
inline constexpr minutes tie_switching_remote{2};
inline constexpr minutes tie_switching_manual{60};

}  // namespace headroom::grid
