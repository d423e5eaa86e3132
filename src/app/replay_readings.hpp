#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace headroom::app {

/// `headroom replay --readings FILE`
struct ReplayOptions {
    std::filesystem::path file;
    /// The network with its limits; without it limits are taken from the readings.
    std::optional<std::filesystem::path> grid;
    double rating_percentile = 95.0;  ///< per cent, above 0 and at most 100
    /// A file out of the order of time may have so many readings, a longer one must be sorted.
    std::uint64_t readings_held_max = 8'000'000;
    /// Told now and then how many readings have been through, on the calling thread; may be empty.
    std::function<void(std::uint64_t readings)> progress;
};

/// Puts a file of readings (docs/formats/readings.md) through the stages in event time, and tells what they
/// saw: `{format, readings, accepted, duplicates, conflicts, quarantined:{reason:n}, errors:[{line, reason,
/// detail}], feeders, limits_from, from, to, overloads:[{feeder_id, phase, direction, start, end, limit_kw,
/// peak_kw, energy_kwh, level}], decisions:{live_raised, forecast_raised}, verdicts:{doubt:n},
/// data_quality:[{point_id, kind, detail}], seconds}`.
///
/// `overloads` are what the accepted readings show, worst first; `peak_kw` is the largest load and
/// `energy_kwh` the energy over the limit. `decisions` counts what the monitor raised as it went along. The
/// same file gives the same answer but for `seconds`.
///
/// Blocking. A file of any length is read in pieces as long as it is in the order of time; one that is not is
/// held in memory to be sorted, up to `readings_held_max`. Errors: `invalid` for an unknown header, a
/// broken file, a percentile out of bounds or a longer file out of order; those of opening and reading the
/// files.
[[nodiscard]] Result<json::Object> replay_readings(const ReplayOptions& options);

}  // namespace headroom::app
