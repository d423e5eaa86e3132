#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string>

namespace headroom::flex {

/// Power for computing at one place and time, offered with what the grid is like there.
struct ComputeWindow {
    std::string id;  ///< the offer's
    std::string resource;
    std::string provider;
    std::string name;
    std::string grid_area;
    std::string grid_zone;
    UtcTime start{};
    UtcTime end{};
    std::int64_t capacity_w = 0;
    std::int64_t renewable_ppm = 0;        ///< share of renewable power
    std::int64_t carbon_g_per_kwh = 0;     ///< of the zone, forecast
    std::int64_t price_per_mwh_micro = 0;  ///< millionths of `currency` for one MWh
    std::string currency;
    std::string price_stability;  ///< the sender's word
    UtcTime valid_until{};

    bool operator==(const ComputeWindow&) const = default;
};

}  // namespace headroom::flex
