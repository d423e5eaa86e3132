#pragma once

#include "contingency/shelf_plan.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <filesystem>
#include <vector>

namespace headroom::app {

/// The shelf of a grid file with one load for each element and phase, flat over the hours, without a server:
/// what a study looks at. `loads`: CSV `element_id,phase,load_kw` (docs/formats/shelf-loads.md); DERs count
/// with their full turn-down, the guard with its own limits, nothing acts. Worst first. Errors: `unavailable`
/// when a file cannot be read, `invalid` naming file, line and column.
[[nodiscard]] Result<std::vector<contingency::ShelfPlan>> shelf_of_files(const std::filesystem::path& grid,
                                                                         const std::filesystem::path& loads,
                                                                         UtcTime now);

}  // namespace headroom::app
