#pragma once

#include <cstddef>
#include <vector>

namespace headroom::trust {

/// Slots of ten minutes in a day.
inline constexpr std::size_t slots = 144;

/// Of every feeder and of the busbar.
inline constexpr std::size_t phases = 3;

/// What the meters of a substation read in a slot, the phases of a feeder beside one another.
struct SlotReadings {
    std::vector<double> busbar_kw = std::vector<double>(phases, 0.0);
    std::vector<double> feeders_kw;
};

}  // namespace headroom::trust
