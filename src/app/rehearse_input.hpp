#pragma once

#include "core/result.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/report.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace headroom::app {

struct RehearseFiles {
    std::vector<std::filesystem::path> readings;
    std::optional<std::filesystem::path> grid;
    std::optional<std::filesystem::path> ders;  ///< docs/formats/rehearsal.md
    std::vector<std::filesystem::path> covariates;
    double rating_percentile = 99.0;
    MicroPoundsPerMwh reference_price{};
};

struct RehearseInput {
    grid::Network network;
    rehearsal::RehearsalInput input;  ///< its `network` is the caller's to set
    rehearsal::ReportFacts facts;
};

/// Reads the files, passes every reading through the monitor (so that what it doubts is not used) and keeps
/// half-hour means of every point with a limit. Errors: those of the readers; `invalid` for more readings
/// than fit in memory (forty million).
[[nodiscard]] Result<RehearseInput> read_rehearsal(
    const RehearseFiles& files, const std::function<void(double, std::string_view)>& progress);

}  // namespace headroom::app
