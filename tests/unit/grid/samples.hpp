#pragma once

#include "core/time.hpp"

#include <string_view>

namespace headroom::grid {

/// The first line of a grid file.
inline constexpr std::string_view grid_csv_header =
    "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n";

/// From when an envelope holds.
inline const UtcTime evening{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{17}};

}  // namespace headroom::grid
