#pragma once

#include "flex/interval_grid.hpp"
#include "flex/performance.hpp"
#include "sim/provider_desk.hpp"

#include <cstdint>
#include <vector>

// Inside of ProviderSim: the meters behind an order, made up and labelled as simulated.
namespace headroom::sim {

struct MeterShow {
    flex::Performance performance;              ///< a meter for each line
    std::vector<flex::IntervalGrid> delivered;  ///< W by line; zeros before the window is over
};

/// Baselines from a hash of the DER; usage, once the order is complete, is less by the share of the committed
/// power that was delivered.
[[nodiscard]] MeterShow show_delivery(const BookedOrder& booked, std::int64_t share_ppm, UtcTime now);

/// The same in several messages, at most three, each with its place among them.
[[nodiscard]] std::vector<flex::Performance> pages_of(const flex::Performance& whole);

}  // namespace headroom::sim
