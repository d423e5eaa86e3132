#pragma once

#include "agents/dispatch.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace headroom::desk {

/// What the whole process is doing, for the header of every page.
struct Mode {
    bool simulated = false;
    std::uint64_t seed = 0;    ///< of the simulation
    double speed = 1.0;        ///< of the simulation's clock against the wall's, a ceiling
    std::string authority;     ///< shadow | propose | act
    std::string control_path;  ///< mqtt | websocket
};

/// One entry of the event stream: what has been written to the audit log, in words.
struct StreamEntry {
    std::uint64_t seq = 0;
    UtcTime at{};
    std::string type;
    std::string event;
    std::string text;
};

/// What an operator may see and do, once for all doors. Queries read the agents' state on the io thread;
/// commands take the caller and a reason and end in the audit log.
class Desk {
  public:
    struct Parts {
        DomainClock& clock;
        WallClock& wall;
        const grid::Network& network;
        const telemetry::PointRegistry& registry;
        monitor::Monitor& monitor;
        agents::GridMonitoring& monitoring;
        agents::FlexOrchestration& orchestration;
        agents::Market& market;
        agents::Journal& journal;
    };
    Desk(Parts parts, Mode mode);

    /// The page's state: mode, clocks, feeders by tightest headroom, counts, events, readings, audit.
    [[nodiscard]] json::Object state() const;
    [[nodiscard]] json::Object event_summary(const agents::EventRecord& record) const;
    /// One event with its assignments, clock, messages and instructions. Errors: `not_found`.
    [[nodiscard]] Result<json::Object> event(const EventId& id) const;
    /// `{status, checks}`; healthy when readings can be taken and decisions written down.
    [[nodiscard]] json::Object health() const;
    [[nodiscard]] bool is_healthy() const;
    [[nodiscard]] json::Object agents_status() const;

    Awaitable<Result<void>> approve(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> reject(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> stop_all(std::string area, bool stopped, Caller caller);
    Awaitable<Result<void>> set_feeder(std::string feeder, std::string state, bool held, Caller caller);

    /// The newest entries of the log that concern operators, oldest first; `since` is exclusive.
    [[nodiscard]] std::vector<StreamEntry> stream_since(std::uint64_t since, std::size_t limit) const;
    /// Called on the io thread for each new stream entry; answers a number to `unsubscribe` with.
    std::uint64_t subscribe(std::function<void(const StreamEntry&)> listener);
    void unsubscribe(std::uint64_t number);

    Mode& mode() { return mode_; }

  private:
    void on_entry(const audit::Entry& entry);

    Parts parts_;
    Mode mode_;
    std::deque<StreamEntry> recent_;
    std::map<std::uint64_t, std::function<void(const StreamEntry&)>> listeners_;
    std::uint64_t last_listener_ = 0;
};

/// The entry in a sentence for the operator; empty for entries that tell an operator nothing.
[[nodiscard]] std::string describe(const audit::Entry& entry);

}  // namespace headroom::desk
