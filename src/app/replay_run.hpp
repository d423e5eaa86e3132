#pragma once

#include "app/replay_overloads.hpp"
#include "core/json.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/busbar_balance.hpp"
#include "telemetry/csv_decoder.hpp"
#include "telemetry/data_quality.hpp"
#include "telemetry/decode_report.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace headroom::app {

/// The second way through a file: its readings in the order of time, one time after the other, through the
/// monitor and past the checks of data quality. `now` is the time of the readings.
class ReplayRun {
  public:
    /// All three outlive it; `progress` may be empty.
    ReplayRun(const grid::Network& network, telemetry::PointRegistry& registry,
              const std::function<void(std::uint64_t)>& progress);

    /// How the points of the file hang together, before its first reading. `cadences` are by point.
    void prepare(const std::vector<telemetry::CsvPlace>& places, const std::vector<milliseconds>& cadences);
    void take(const telemetry::Reading& reading);
    /// After the last reading.
    void finish();
    /// Appends the members of the answer that follow from the readings.
    void write(const telemetry::DecodeReport& report, std::vector<telemetry::Finding> findings,
               json::Object& out);

  private:
    void prepare_balance(const std::vector<telemetry::CsvPlace>& places);
    /// All readings that end at one time.
    void flush();
    void count(const monitor::IngestCount& ingested);
    void judge();
    void look_ahead(UtcTime now);
    /// Takes from the monitor what it has for us, so that it does not pile up.
    void drain();

    const grid::Network& network_;
    telemetry::PointRegistry& registry_;
    const std::function<void(std::uint64_t)>& progress_;
    telemetry::DataQuality quality_;
    telemetry::BusbarBalance balance_;
    monitor::Monitor monitor_;
    ReplayOverloads overloads_;
    std::vector<telemetry::Reading> batch_;
    std::vector<telemetry::Reading> power_, fresh_;  // of the batch: active power; of it the first per point
    std::vector<telemetry::PointRef> distrusted_;    // of the batch
    monitor::IngestCount ingested_;
    std::array<std::uint64_t, 3> others_{};  // by Arrival: quantities that the monitor does not follow
    std::uint64_t live_raised_ = 0, forecast_raised_ = 0;
    std::uint64_t taken_ = 0;
    std::map<std::string, std::uint64_t> verdicts_;
    UtcTime oldest_ = UtcTime::max();
    UtcTime newest_ = UtcTime::min();
    UtcTime ticked_ = UtcTime::min();
    std::chrono::sys_days trained_ = std::chrono::sys_days::min();
};

}  // namespace headroom::app
