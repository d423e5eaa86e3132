#pragma once

#include "app/replay_first_pass.hpp"
#include "core/result.hpp"
#include "grid/network.hpp"
#include "telemetry/csv_decoder.hpp"
#include "telemetry/data_quality.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// Reads a grid CSV, plain or gzip. Errors: those of the file and of `grid::read_grid_csv`; `invalid` for one
/// of more than 64 MiB.
[[nodiscard]] Result<grid::Network> read_grid_file(const std::filesystem::path& file);

/// The network that a file of readings itself speaks of: its substations and feeders, without limits.
[[nodiscard]] Result<grid::Network> network_of(const std::vector<telemetry::CsvPlace>& places);

/// Gives each phase of each feeder the limit that its readings suggest: of import, or of export where there
/// is hardly any import to guard. What has none is told in `findings`.
[[nodiscard]] Result<void> add_percentile_limits(double percentile, const std::string& source,
                                                 const telemetry::PointRegistry& registry,
                                                 const ReplayFirstPass& first, grid::Network& network,
                                                 std::vector<telemetry::Finding>& findings);

}  // namespace headroom::app
