#pragma once

#include "agents/agent_status.hpp"
#include "agents/contingency_view.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/journal.hpp"
#include "contingency/shelf.hpp"
#include "contingency/shelf_call.hpp"
#include "contingency/shelf_input.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "dispatch/guard/guard.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// Uses of plans that are remembered, the newest.
inline constexpr std::size_t shelf_uses_kept = 200;

struct ContingencyOptions {
    std::int64_t quantile_ppm = 900'000;  ///< at which loads are taken
    dispatch::guard::GuardRules guard;
    std::vector<std::string> protected_ders;  ///< of the operator's rules: never asked
    bool has_market = true;                   ///< somebody can be asked; otherwise no relief is counted on
    std::size_t slice = 100;                  ///< elements looked at or planned before others have their turn
    milliseconds step{minutes{5}};            ///< loss is planned for the beginning of each of these
};

/// A plan that was used.
struct ShelfUse {
    std::string element;
    UtcTime at{};
    std::string state;   ///< outage or isolated
    std::string source;  ///< who said so
    contingency::ShelfPlan plan;
    std::string plan_sha256;
    std::string carried_out;       ///< "act", "propose" (somebody must decide) or "shadow"
    std::string detail;            ///< a sentence
    std::vector<EventId> events;   ///< that were fired or begun for it
    std::int64_t started_us = -1;  ///< from detection until all of them had been begun
    std::int64_t first_command_us =
        -1;  ///< from detection until the first instruction was sent; -1: none yet
};

/// Keeps a ready plan for the loss of every feeder and substation, and uses it when one is lost.
///
/// At each tick it looks at the elements and plans those anew whose inputs changed, in slices on the io
/// thread, so that nobody waits long. An element that goes into outage or isolation (switches by IEC
/// 60870-5-104, feeds, operators: whatever sets an operational state) is lost: its plan's armed events are
/// fired and its orders begun at once, each under the authority that its event is granted. With doubts, or in
/// shadow, nothing is begun: the plan with its pathways is written down and alarmed, and waits for
/// `carry_out` by a person. Switching is recommended and recorded, never sent. One io_context thread.
class Contingency {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        Journal& journal;
        FlexOrchestration& orchestration;
        const grid::Network& network;
        const telemetry::PointRegistry& registry;
        const monitor::Monitor& monitor;
        /// Time of the newest half-hour that the model in service has learnt from; nothing without a model.
        std::function<std::optional<UtcTime>()> learnt_until;
        /// Why the data of a feeder are not fresh; nothing when they are.
        std::function<std::optional<std::string>(const std::string& feeder)> stale_reason;
    };
    Contingency(Parts parts, ContingencyOptions options);
    ~Contingency();
    Contingency(const Contingency&) = delete;
    Contingency& operator=(const Contingency&) = delete;

    /// After a restart: the plans that were used, those among them that wait for somebody.
    Awaitable<Result<void>> recover();
    /// Time has passed: begins a sweep when none is on its way.
    void tick();
    /// The network is another one: everything is planned anew.
    void rebuild();
    /// Outdoor temperature to be expected and the range that has been learnt, thousandths of °C.
    void set_weather(std::optional<std::int64_t> expected, std::optional<std::int64_t> low,
                     std::optional<std::int64_t> high);

    [[nodiscard]] const contingency::Shelf& shelf() const { return *shelf_; }
    /// When the plans' state was taken; nothing before the first sweep is through.
    [[nodiscard]] std::optional<UtcTime> as_of() const { return as_of_; }
    /// The newest last; at most 200.
    [[nodiscard]] const std::deque<ShelfUse>& uses() const { return uses_; }
    /// The newest use of an element's plan; nullptr when there is none.
    [[nodiscard]] const ShelfUse* use_of(std::string_view element) const;
    /// A person has the orders of the newest use carried out that waits for that. Errors: `invalid` without a
    /// reason, `not_found`, `conflict` when it does not wait.
    Awaitable<Result<ShelfUse>> carry_out(std::string element, Caller caller);
    /// How long the last sweep took of the io thread, and its longest slice.
    struct SweepCost {
        double total_ms = 0.0;
        double slice_ms_max = 0.0;
        std::size_t planned = 0;
    };
    [[nodiscard]] const SweepCost& cost() const { return cost_; }
    [[nodiscard]] AgentStatus status() const;

  private:
    struct Sweep;
    void prepare();
    void step();
    void step_later();
    void collect(std::size_t element);
    void collect_events();
    void collect_flex(std::size_t element);
    void begin_plans();
    void end_sweep();
    void note_changes();
    void on_state(const std::string& element, const grid::StateEntry& before, const grid::StateEntry& after);
    void on_entry(const audit::Entry& entry);
    Awaitable<void> use(std::string element, grid::StateEntry after, SteadyTime detected);
    Awaitable<void> keep_input(ShelfUse use, contingency::ShelfInput input);
    /// Events to be fired, and those to be begun with what each follows from.
    struct Orders {
        std::vector<EventId> fire;
        std::vector<std::pair<risk::Overload, json::Value>> buy;
    };
    Orders orders_of(ShelfUse& use);
    Awaitable<void> begin_orders(ShelfUse& use, Orders orders, Caller caller, SteadyTime detected);
    [[nodiscard]] std::optional<contingency::ShelfCall> call_of(const ShelfUse& use,
                                                                const contingency::ShelfOrder& order) const;
    [[nodiscard]] audit::Draft draft_of(const ShelfUse& use, std::string type, json::Object body) const;

    Parts parts_;
    ContingencyOptions options_;
    std::unique_ptr<contingency::ShelfNetwork> network_;
    std::unique_ptr<contingency::Shelf> shelf_;
    std::unique_ptr<ContingencyView> view_;
    std::unique_ptr<Sweep> sweep_;
    contingency::Conditions weather_;
    std::optional<UtcTime> network_changed_at_;
    std::optional<UtcTime> as_of_;
    std::vector<std::string> told_;  ///< cover and mode of each element as the log knows them
    std::deque<ShelfUse> uses_;
    std::map<std::string, std::string, std::less<>> started_for_;  ///< element, by event
    std::map<std::string, SteadyTime, std::less<>> begun_;  ///< detection of the newest use, by element
    std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
    SweepCost cost_;
    std::uint64_t sweeps_ = 0;
};

}  // namespace headroom::agents
