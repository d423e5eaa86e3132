#pragma once

#include "agents/agent_status.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/series_store.hpp"
#include "bus/bus.hpp"
#include "core/clock.hpp"
#include "monitor/monitor.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// A feeder whose newest reading is older than this is not fresh enough to act upon by ourselves.
inline constexpr milliseconds fresh_for{minutes{15}};

/// Feeds readings to the monitor and hands what it finds on: overloads to the bus, half-hours to the series
/// store, doubts to the counters. One io_context thread.
class GridMonitoring {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        bus::Bus& bus;
        SeriesStore& series;
        Journal& journal;
        const grid::Network& network;
        telemetry::PointRegistry& registry;
        monitor::Monitor& monitor;
    };
    explicit GridMonitoring(Parts parts) : parts_(std::move(parts)) {}

    /// One batch as it was received.
    monitor::IngestCount ingest(std::span<const telemetry::Reading> readings, SteadyTime received);
    /// Time has passed: forecasts that are due, windows that have ended.
    void tick();
    /// Adds what a door counted before readings were made of it (rows that could not be read).
    void count_quarantined(telemetry::Quarantine reason, std::uint64_t count);

    /// While false, overloads are seen but start nothing (the end of a demo).
    void set_raising(bool is_raising) { is_raising_ = is_raising; }
    /// Called for an armed event whose limit is exceeded before its window has begun.
    void on_breach(std::function<void(const EventId&)> handler) { breach_ = std::move(handler); }

    /// Called after each batch with the positions of the readings that were new and usable, and what became
    /// of all (minute means, counts by source).
    using Used = std::function<void(std::span<const telemetry::Reading>, std::span<const std::uint32_t>,
                                    const monitor::IngestCount&)>;
    void on_used(Used handler) { used_ = std::move(handler); }

    /// The views that the flexibility agent decides with.
    [[nodiscard]] FlexOrchestration::Views views() const;
    [[nodiscard]] const monitor::IngestCount& totals() const { return totals_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& doubts() const { return doubts_; }
    [[nodiscard]] AgentStatus status() const;

  private:
    void hand_on(SteadyTime received);

    Parts parts_;
    std::function<void(const EventId&)> breach_;
    Used used_;
    std::vector<std::uint32_t> used_positions_;
    monitor::IngestCount totals_;
    std::map<std::string, std::uint64_t> doubts_;
    std::uint64_t raised_ = 0;
    bool is_raising_ = true;
    UtcTime newest_{};
};

/// The bus message of a raised overload, topic "overloads", key = feeder.
[[nodiscard]] bus::Message to_message(const monitor::RaisedOverload& raised, SteadyTime received);
[[nodiscard]] Result<RaisedEvent> raised_event_of(const bus::Message& message);

/// Takes overloads off the bus until it closes; each is done once its event has been started.
Awaitable<void> consume_overloads(bus::Bus& bus, FlexOrchestration& orchestration);

}  // namespace headroom::agents
