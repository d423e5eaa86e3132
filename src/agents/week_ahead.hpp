#pragma once

#include "agents/agent_status.hpp"
#include "agents/event_rules.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "flex/week_ahead_rules.hpp"
#include "forecast/outlook.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "risk/week_ahead.hpp"
#include "telemetry/point_registry.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// A limit and the half-hours [from, until) of UTC, counted as features::period_index does, in whose season
/// it holds.
struct LimitAhead {
    grid::Limit limit;
    std::int64_t from = 0;
    std::int64_t until = 0;
};

struct WeekAheadOptions {
    flex::WeekAheadRules rules;
    risk::RiskRules risk;
    forecast::Region region = forecast::Region::england_and_wales;
    milliseconds every{hours{1}};  ///< so often each limit is looked at, or as often as events are weighed
};

/// Looks beyond the live forecasts: makes outlooks of the points with a limit from what the series store
/// keeps of the weeks before, and raises the overloads that they show two days and more ahead, to be armed
/// for. What trust kept apart is unknown to it, and what was turned down at the operator's word is added
/// back.
///
/// Lives on the io thread, which reads in portions and hands over; the reckoning has a thread of its own.
/// Limits are spread over the interval, so that no tick carries all. In the simulator, virtual time stands
/// still while `idle` is false.
class WeekAhead {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        SeriesStore& series;
        const grid::Network& network;
        const telemetry::PointRegistry& registry;
        const monitor::Monitor& monitor;
        FlexOrchestration& orchestration;
    };
    WeekAhead(Parts parts, WeekAheadOptions options);
    ~WeekAhead();
    WeekAhead(const WeekAhead&) = delete;
    WeekAhead& operator=(const WeekAhead&) = delete;

    /// Time has passed: looks at the limits whose turn it is.
    void tick();
    /// Begins no more, and makes what is being read end early.
    void stop();
    /// Neither reading nor reckoning. Any thread.
    [[nodiscard]] bool idle() const { return at_work_.load(std::memory_order_acquire) == 0; }

    /// The outlook of a point, made now: from the next half-hour on. Its `reason` says why there is none.
    Awaitable<std::shared_ptr<const forecast::Outlook>> outlook(std::string point);
    /// Makes the outlook at the overload's limit as new as the half-hour allows.
    Awaitable<void> renew(const risk::Overload& overload);
    /// What the newest outlook that is kept says of the overload's need; empty without one that reaches over
    /// it.
    [[nodiscard]] LimitForecast forecast(const risk::Overload& overload) const;

    [[nodiscard]] const WeekAheadOptions& options() const { return options_; }
    [[nodiscard]] AgentStatus status() const;

  private:
    using Kept = std::shared_ptr<const forecast::Outlook>;
    /// Counts what is being read or reckoned, for `idle`.
    class AtWork;
    /// Feeders and substations whose turn has come.
    [[nodiscard]] std::vector<std::string> due(UtcTime now);
    Awaitable<void> look_at(std::vector<std::string> assets);
    Awaitable<std::map<std::string, Kept>> make(std::vector<std::string> points);
    [[nodiscard]] std::vector<risk::ForeseenOverload> overloads_at(const LimitAhead& ahead,
                                                                   const forecast::Outlook& outlook) const;
    Awaitable<void> raise(std::vector<risk::ForeseenOverload> found);

    Parts parts_;
    WeekAheadOptions options_;
    std::map<std::string, Kept> kept_;  // by point, where somebody may ask about an overload
    std::vector<std::string> round_;    // assets with limits when it began
    std::size_t next_ = 0;              // of the round
    std::optional<UtcTime> began_;
    bool is_looking_ = false;
    std::int64_t looked_ = 0;   // points
    std::int64_t without_ = 0;  // of these, of which no outlook could be made
    std::int64_t raised_ = 0;
    std::string without_because_;
    std::atomic<int> at_work_{0};
    std::atomic<bool> is_stopping_{false};
    Worker worker_;  // last: it is joined before what it uses goes
};

}  // namespace headroom::agents
