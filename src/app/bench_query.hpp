#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

struct BenchQueryOptions {
    std::filesystem::path dir;
    std::string influx_url;  ///< empty: no InfluxDB is written to
};

/// Charts of ten million stored points through the HTTP door of a whole control room, from series.db in
/// `dir`, and what is stored per second.
///
/// `query.chart_10m_points_ms`: twenty points' minutes of a year (10,512,000 values) as smallest, largest and
/// mean on 1,000 steps each, one GET, from its first byte to the answer's last.
/// `query.chart_10m_points_cold_ms`: the same after the file was dropped from the system's cache and the
/// store's. `query.chart_10m_points_one_series_ms`: one point's ten million minutes (nineteen years).
/// `query.chart_day_raw_ms`: a day of twenty points minute by minute.
/// `series.half_hour_1m_points_ms`: a half-hour of a million points, stored. `series.write_points_per_s`: the
/// same as a rate. `series.import_points_per_s`: whole days of minutes. `influx.write_points_per_s`: values
/// sent, and answered for. Answers `{"results":[…]}`, medians of at least five runs. Errors: as those of the
/// parts.
[[nodiscard]] Result<json::Object> bench_query(const BenchQueryOptions& options);

}  // namespace headroom::app
