#pragma once

#include "feeds/ukpn.hpp"
#include "grid/network.hpp"
#include "store/series.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

// Flexibility that the network operator bought, outside of Headroom too, is load that the meters do not show.
// A history that holds it untouched teaches a forecast that the peak takes care of itself.

/// What was bought at our elements, by half-hours.
struct DispatchedLoad {
    /// By element, by period number: mean kW that the meter lacks; negative where more load was asked for.
    std::map<std::string, std::map<std::int64_t, double>, std::less<>> kw;
    std::int64_t first = 0;     ///< period number; [first, end) is what the dispatches tell of
    std::int64_t end = 0;       ///< behind the newest half-hour that is published, anywhere
    std::int64_t concerns = 0;  ///< records that are about an element of ours
    std::vector<feeds::RowFault>
        not_believed;  ///< more than the element can carry, or nobody says what it can
};

/// Lays published dispatches on the elements whose zones they name, and on everything that supplies these:
/// what a zone does not draw, its substation's parents do not carry either. Elements below the zone stay as
/// they are metered: on which of them it acted is not published. A zone is an element by its foreign name or
/// id, or by its name, without regard to capitals, where only one bears it. A record that comes twice counts
/// once. Pure.
///
/// Volumes are those that were requested; what came of them is not published. With them the load is at most
/// so much too high, and never too low. Of half-hours before `first` and from `now` on (period numbers)
/// nothing is said.
[[nodiscard]] DispatchedLoad dispatched_load(const grid::Network& network,
                                             const std::vector<feeds::ukpn::FlexibilityDispatch>& dispatches,
                                             std::int64_t first, std::int64_t now);

/// Where the dispatched load of an element is stored: "S-1/p_kw/sum/dispatched".
[[nodiscard]] std::string dispatched_key(std::string_view element);
/// An element's dispatched load on every half-hour of [first, end), 0 where nothing was bought.
[[nodiscard]] store::SeriesBlock dispatched_block(const DispatchedLoad& load, const std::string& element);

/// The load had nothing been bought; `dispatched_kw` is NaN where nothing is published.
[[nodiscard]] double natural_load_kw(double metered_kw, double dispatched_kw);

}  // namespace headroom::agents
