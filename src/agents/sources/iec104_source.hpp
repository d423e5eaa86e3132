#pragma once

#include "agents/sources/iec104_mapping.hpp"
#include "agents/sources/iec104_readings.hpp"
#include "agents/sources/iec104_switches.hpp"
#include "net/iec104_client.hpp"
#include "telemetry/decode_report.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace headroom::agents {

/// One controlled station (RTU or gateway).
struct Iec104Station {
    std::string id;            ///< also the name of the source that its readings carry
    net::Iec104Settings link;  ///< its common addresses are filled in from the mapping
    milliseconds utc_offset{0};
    telemetry::Quality untimed = telemetry::Quality::estimated;
    Iec104Mapping mapping;
};

/// How a station is doing.
struct Iec104Status {
    std::string station;
    bool is_running = false;        ///< STARTDT is confirmed
    std::string why;                ///< what ended the last connection; empty before and while running
    std::uint64_t connections = 0;  ///< that got as far as STARTDT
    std::uint64_t asdus = 0;
    std::uint64_t invalid_asdus = 0;
    std::uint64_t unsupported_asdus = 0;  ///< of types that are not read
    std::uint64_t interrogations_ended = 0;
    std::uint64_t interrogations_failed = 0;
    Iec104Counts counts;
};

/// Readings from stations that speak IEC 60870-5-104, monitor direction. All stations share one thread of its
/// own; what came from one together is handed on together, from that thread, and acknowledged after that.
class Iec104Source {
  public:
    struct Parts {
        telemetry::PointRegistry& registry;
        std::function<UtcTime()> now;  ///< domain time; called on the source's thread
        /// Readings of one station as they arrived; called on the source's thread.
        std::function<void(std::span<const telemetry::Reading>)> ingest;
        /// What of a station was quarantined before that; called on the source's thread, only when something
        /// was.
        std::function<void(std::uint16_t source, const telemetry::DecodeReport&)> refused;
        /// What its switches say; called on the source's thread. May be empty.
        std::function<void(std::vector<SwitchReport>)> switched = {};
    };

    Iec104Source(Parts parts, std::vector<Iec104Station> stations);
    /// As `stop`.
    ~Iec104Source();
    Iec104Source(const Iec104Source&) = delete;
    Iec104Source& operator=(const Iec104Source&) = delete;

    void start();
    /// Says goodbye to every station and ends the thread; nothing is handed on after this. Blocks briefly.
    void stop();
    /// By station, in the order given. Any thread.
    [[nodiscard]] std::vector<Iec104Status> status() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::agents
