#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct BenchIngestOptions {
    std::filesystem::path dir;  ///< scratch
    double seconds = 3.0;       ///< for each of the measurements, at the least
    std::string only;           ///< ndjson, mqtt, kafka or latency; empty: all there are
    std::string kafka;          ///< host:port of a real Kafka; empty: nothing of it is measured
};

/// Measures how fast readings come in from outside, each way beside the bare ceiling of the same bytes in the
/// same run. Answers `{"results":[{name, value, unit, min, max, runs}]}`, value = median of five runs or
/// more.
[[nodiscard]] Result<json::Object> bench_ingest(const BenchIngestOptions& options);

/// `ingest.ndjson_readings_per_s`: lines in one POST after another over a loopback socket into a control room
/// of 100,000 feeders, from the first byte to the receipt. `ingest.ndjson_bare_readings_per_s`: the same
/// bytes into a socket whose reader decodes them and does nothing else.
[[nodiscard]] Result<json::Array> bench_ingest_ndjson(const BenchIngestOptions& options);

/// One entry of `results`: the median of `values` with their range.
[[nodiscard]] json::Value bench_result(const std::string& name, const std::string& unit,
                                       std::vector<double> values);
/// The median of `values` over `limits`, run by run.
[[nodiscard]] json::Value bench_ratio(const std::string& name, const std::vector<double>& values,
                                      const std::vector<double>& limits);

}  // namespace headroom::app
