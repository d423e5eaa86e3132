#pragma once

#include "contingency/experience.hpp"
#include "contingency/shelf_network.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/guard/guard.hpp"
#include "grid/authority.hpp"
#include "grid/operational_state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::contingency {

/// What one element is expected to carry, import-positive.
struct ElementLoad {
    PhaseWatts median{};
    PhaseWatts high{};  ///< at the chosen quantile, ≥ the median
    bool is_known = false;
    bool has_phases = false;  ///< L1…L3 are known by themselves; otherwise they are thirds of the sum
    bool operator==(const ElementLoad&) const = default;
};

/// A DER that could be asked to take less, and nobody has been promised it.
struct FlexSource {
    std::string der;
    std::size_t phase = phase_sum;  ///< place; the sum for a balanced three-phase one
    Watts power{};                  ///< that it can keep up to the end of the hours looked at
    std::int64_t notice_minutes = 0;
    grid::DerClass der_class = grid::DerClass::other;
    bool operator==(const FlexSource&) const = default;
};

/// An event whose contracts are armed: firing it gives this relief.
struct ArmedRelief {
    std::string event;
    std::size_t phase = phase_sum;
    PeriodWatts relief_w{};
    std::int64_t notice_minutes = 0;
    bool operator==(const ArmedRelief&) const = default;
};

/// What is known of one element now.
struct ElementState {
    ElementLoad load;
    std::vector<FlexSource> flex;  ///< of a feeder: sorted by notice, then the largest, then by id
    std::vector<ArmedRelief> armed;
    grid::StateEntry state;
    std::string stale;  ///< why its data are not fresh; empty when they are
    std::int64_t over_band_w =
        0;  ///< by how much the load is outside the forecast's band, persistently; 0 = within
    std::int64_t customers = 0;  ///< supplied by it directly; 0 = not known
};

/// Everything that the plans are made from, beside the network. Positions are those of `ShelfNetwork`.
struct ShelfState {
    UtcTime now{};
    UtcTime start{};  ///< of the first half-hour: `floor_period(now)`
    std::int64_t quantile_ppm = 900'000;
    std::vector<ElementState> elements;
    grid::AuthorityLevel authority = grid::AuthorityLevel::shadow;
    std::vector<grid::AuthorityEnvelope> envelopes;
    std::vector<std::string> stopped_areas;
    dispatch::guard::GuardRules guard;
    Conditions conditions;
};

/// The load of an element that nobody meters, from what it supplies: medians add up, and what the high
/// quantiles lie above them adds up as that of loads which move together in part (correlation 0.5: an own
/// figure, between the plain sum, which is too much, and independence, which is too little).
[[nodiscard]] ElementLoad load_of_parts(const std::vector<const ElementLoad*>& parts);

/// Fills in the loads of elements that have none of their own, from the bottom up.
void add_up_loads(const ShelfNetwork& network, ShelfState& state, const std::vector<bool>& has_own);

}  // namespace headroom::contingency
