#pragma once

#include "agents/agent_status.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/series_store.hpp"
#include "bus/bus.hpp"
#include "core/clock.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/decode_report.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::agents {

/// A feeder whose newest reading is older than this is not fresh enough to act upon by ourselves.
inline constexpr milliseconds fresh_for{minutes{15}};

/// Feeds readings to the monitor and hands what it finds on: overloads to the bus, half-hours to the series
/// store, doubts to the counters.
///
/// Made on the executor's thread, which alone hands on and answers questions. `ingest`, `count_quarantined`
/// and `totals` may be called from any thread: what another thread's batch made the monitor find is posted to
/// the executor, in order, and only when there is something; a batch of the executor's own thread is handed
/// on before `ingest` returns. Threads that ingest have ended before it goes.
class GridMonitoring {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        bus::Bus& bus;
        SeriesStore& series;
        const grid::Network& network;
        telemetry::PointRegistry& registry;
        monitor::Monitor& monitor;
    };
    explicit GridMonitoring(Parts parts) : parts_(std::move(parts)) {}

    /// One batch as it was received. Any thread.
    monitor::IngestCount ingest(std::span<const telemetry::Reading> readings, SteadyTime received);
    /// Time has passed: forecasts that are due, windows that have ended.
    void tick();
    /// What was quarantined while bytes of a source were decoded, told to `on_refused` too. Any thread.
    void count_refused(std::uint16_t source, const telemetry::DecodeReport& report);
    /// Adds what a door counted before readings were made of it (rows that could not be read). Any thread.
    void count_quarantined(telemetry::Quarantine reason, std::uint64_t count);

    /// While false, overloads are seen but start nothing (the end of a demo).
    void set_raising(bool is_raising) { is_raising_ = is_raising; }
    /// Called for an armed event whose limit is exceeded before its window has begun.
    void on_breach(std::function<void(const EventId&)> handler) { breach_ = std::move(handler); }

    /// Called after each batch with the positions of the readings that were new and usable, and what became
    /// of all (minute means, counts by source); on the thread of whoever ingests, also on several at once.
    /// Set before the first batch.
    using Used = std::function<void(std::span<const telemetry::Reading>, std::span<const std::uint32_t>,
                                    const monitor::IngestCount&)>;
    void on_used(Used handler) { used_ = std::move(handler); }
    /// Called with what `count_refused` is given, on its thread. Set before the first batch.
    using Refused = std::function<void(std::uint16_t source, const telemetry::DecodeReport&)>;
    void on_refused(Refused handler) { refused_ = std::move(handler); }
    /// Called on the executor's thread with the verdicts that were found.
    using Doubted = std::function<void(std::span<const trust::Verdict>)>;
    void on_verdicts(Doubted handler) { doubted_ = std::move(handler); }

    /// Asked of every batch before it is taken, on the thread of whoever ingests: the batch, or what is to be
    /// taken instead in `scratch`, position by position (corrections of meters). Set before the first batch.
    using Corrected = std::function<std::span<const telemetry::Reading>(std::span<const telemetry::Reading>,
                                                                        std::vector<telemetry::Reading>&)>;
    void on_ingest(Corrected handler) { corrected_ = std::move(handler); }
    /// Asked why readings of a feeder are in doubt although no meter of it can be named; nothing when they
    /// are not.
    void on_doubt(std::function<std::optional<std::string>(const std::string& feeder)> handler) {
        in_doubt_ = std::move(handler);
    }

    /// The views that the flexibility agent decides with.
    [[nodiscard]] FlexOrchestration::Views views() const;
    [[nodiscard]] monitor::IngestCount totals() const;
    [[nodiscard]] const std::map<std::string, std::uint64_t>& doubts() const { return doubts_; }
    [[nodiscard]] AgentStatus status() const;

  private:
    /// What the monitor found since it was last asked.
    struct Findings {
        std::vector<monitor::RaisedOverload> overloads;
        std::vector<trust::Verdict> verdicts;
        std::vector<EventId> breached;
        std::vector<store::SeriesBlock> rollups;
        [[nodiscard]] bool empty() const {
            return overloads.empty() && verdicts.empty() && breached.empty() && rollups.empty();
        }
    };
    [[nodiscard]] Findings take_findings();
    /// On the executor's thread.
    void hand_on(Findings findings, SteadyTime received);
    void hand_on_from_here(SteadyTime received);

    Parts parts_;
    std::thread::id home_ = std::this_thread::get_id();
    std::function<void(const EventId&)> breach_;
    Used used_;
    Corrected corrected_;
    std::function<std::optional<std::string>(const std::string&)> in_doubt_;
    Refused refused_;
    Doubted doubted_;
    std::mutex handing_on_;  // held from taking findings to posting them, which keeps their order
    mutable std::mutex counting_;
    monitor::IngestCount totals_;  // under `counting_`
    UtcTime newest_{};             // under `counting_`
    std::map<std::string, std::uint64_t> doubts_;
    std::uint64_t raised_ = 0;
    bool is_raising_ = true;
};

/// The bus message of a raised overload, topic "overloads", key = feeder.
[[nodiscard]] bus::Message to_message(const monitor::RaisedOverload& raised, SteadyTime received);
[[nodiscard]] Result<RaisedEvent> raised_event_of(const bus::Message& message);

/// Takes overloads off the bus until it closes; each is done once its event has been started.
Awaitable<void> consume_overloads(std::unique_ptr<bus::Subscription> subscription,
                                  FlexOrchestration& orchestration);
/// Overloads that are published from now on wait for `consume_overloads`: to be asked for before the first
/// reading can come.
[[nodiscard]] std::unique_ptr<bus::Subscription> subscribe_to_overloads(bus::Bus& bus);

}  // namespace headroom::agents
