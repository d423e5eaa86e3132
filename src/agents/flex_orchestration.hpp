#pragma once

#include "agents/agent_status.hpp"
#include "agents/commitment.hpp"
#include "agents/dispatch.hpp"
#include "agents/event_market.hpp"
#include "agents/event_record.hpp"
#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "agents/programmes.hpp"
#include "agents/relief_request.hpp"
#include "beckn/need_money.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "flex/flex_plan.hpp"
#include "grid/authority.hpp"
#include "grid/network.hpp"
#include "grid/operational_state.hpp"
#include "risk/assess.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {
struct EventPlanInput;
struct RuleFacts;
}  // namespace headroom::flex

namespace headroom::beckn {
struct PublishedNeed;
}

namespace headroom::agents {

struct EventRules;  // event_rules.hpp

struct OrchestrationOptions {
    flex::PlanRules rules;
    grid::AuthorityLevel authority = grid::AuthorityLevel::shadow;
    milliseconds approval_expires{minutes{10}};  ///< domain time, of a proposed plan
    milliseconds setpoint_validity{minutes{15}};
    milliseconds renew_every{minutes{10}};
    milliseconds watch_every{minutes{1}};
    milliseconds respond_within{minutes{3}};  ///< a device that does not follow by then is replaced
    milliseconds lead{
        minutes{2}};  ///< armed capacity is fired so long before the window, on top of notice and ramp
    PartialPolicy partial = PartialPolicy::top_up;  ///< when providers fail or commit less than planned
    std::int64_t partial_least_ppm =
        500'000;                  ///< under `compensate`: share of the need below which all is given back
    std::int64_t rounds_max = 6;  ///< of planning per event: first plan, replacements, top-ups
    std::int64_t extensions_max =
        4;  ///< half-hours by which a window may grow while the load would still be over
};

/// A raised overload with what it was decided from (monitor::RaisedOverload without its thread).
struct RaisedEvent {
    risk::Overload overload;
    risk::RiskInput input;
    std::string forecast_method;
    std::string forecast_model;  ///< id of the ensemble behind the forecast; empty for another method
    SteadyTime received{};       ///< when the batch that showed it had been read
};

/// Takes an overload through its life: offers → plan → authority → contracts (armed or spot) → instructions →
/// watch, replace, top up, extend → release. Each step's facts are in the audit log before the next has an
/// effect, so a restart goes on where it was. One coroutine per event, one io_context thread.
class FlexOrchestration {
  public:
    /// What the agent must see of the grid; all answered from the monitor's state.
    struct Views {
        std::function<std::optional<double>(const std::string& der)> der_load_kw;
        std::function<std::optional<double>(const risk::Overload&)>
            limit_load_kw;  ///< newest load at the limit's point
        /// Mean load at the limit's point over a half-hour that has begun.
        std::function<std::optional<double>(const risk::Overload&, UtcTime period)> limit_period_mean_kw;
        /// Fresh, measured, covered? The reason when not.
        std::function<std::optional<std::string>(const std::string& feeder)> stale_reason;
    };
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        Journal& journal;
        Market& market;
        DispatchAgent& dispatch;
        const grid::Network& network;
        Views views;
        const Programmes* programmes = nullptr;  ///< nothing: any offer counts
    };
    FlexOrchestration(Parts parts, OrchestrationOptions options);
    ~FlexOrchestration();
    FlexOrchestration(const FlexOrchestration&) = delete;
    FlexOrchestration& operator=(const FlexOrchestration&) = delete;

    /// Writes constraint.raised and starts the event; an event that is known already is left alone.
    Awaitable<Result<void>> raise(RaisedEvent raised);
    /// Starts an event for what a person wants: the same plan, authority, contracts, instructions, watch and
    /// settlement as for an overload, at the limit of the feeder that is nearest to being exceeded. The same
    /// request in the same half-hour is the same event.
    /// Errors: `not_found` for a feeder that is not there or has no limit on import, `invalid`,
    /// `unavailable` before `recover`, and when it could not be written down.
    Awaitable<Result<EventId>> request(ReliefRequest wanted, Caller caller);
    /// The same for an overload that the caller has put together: need by half-hour, limit and window are its
    /// own. An event that is known already is left alone. `evidence`: members of its first entry, such as
    /// what it was decided from. Errors: `invalid` without a reason; as `request`.
    Awaitable<Result<EventId>> call_for(risk::Overload overload, std::optional<grid::DerClass> only_class,
                                        Caller caller, json::Object evidence = {});
    /// Waits until it is decided what the event buys: contracts are made, a person must approve, or it is
    /// over; or until `when` of domain time. Errors: `not_found`.
    Awaitable<Result<EventRecord>> settled(EventId event, UtcTime when);
    /// The limit of an armed event is exceeded before its window has begun: it is fired at once. Others take
    /// no notice.
    void breach(const EventId& event);
    /// After a restart: goes on with every event that is not over. Answers them, for the monitor to adopt.
    Awaitable<Result<std::vector<EventRecord>>> recover();
    /// `recover` has been through: new business may begin.
    [[nodiscard]] bool is_recovered() const;
    /// The operator's rules for all plans from now on.
    void set_rules(EventRules rules);
    /// A plan's input outside of any event, as events are judged: under the operator's rules, with what they
    /// count from every event and purchase and from plans that the caller is about to use `beside` it, and
    /// with what was learnt of providers.
    [[nodiscard]] flex::EventPlanInput judged(flex::PlanInput input,
                                              const std::vector<const flex::FlexPlan*>& beside = {}) const;
    /// What the rules let a published need still cost, in all and of each of `sellers`, whom and which of
    /// their meters they ban, and when: counted as for every plan. Nothing without rules.
    [[nodiscard]] std::optional<beckn::NeedMoney> money_for(const beckn::PublishedNeed& need,
                                                            const beckn::NeedSellers& sellers) const;
    /// Orders of published needs that bind us: the rules count them beside events and purchases.
    void count_need_orders(std::function<std::vector<flex::Contract>()> orders);
    /// For purchases outside of events, where they are confirmed: what others have bought since they were
    /// planned counts, and they count for others. Lives as long as this.
    [[nodiscard]] SpendGate spend_gate();
    /// What the rules count for a need at `asset`.
    [[nodiscard]] flex::RuleFacts rule_facts(const std::string& asset) const;
    /// Called when an event has been released and its meters can be settled.
    void on_released(std::function<void(EventRecord)> handler);
    /// The settlement agent gives the record back with the statement in it.
    Awaitable<Result<void>> close(EventRecord settled);

    /// Told at once, before it is written down, when an element's operational state becomes another.
    using StateListener = std::function<void(const std::string& element, const grid::StateEntry& before,
                                             const grid::StateEntry& after)>;
    void on_state(StateListener listener);

    // What the desk may do; each is written down with caller and reason.
    Awaitable<Result<void>> approve(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> reject(EventId event, std::string plan_sha256, Caller caller);
    Awaitable<Result<void>> cancel(EventId event, Caller caller);
    Awaitable<Result<void>> grant(grid::AuthorityEnvelope envelope, Caller caller);
    Awaitable<Result<void>> revoke(std::string envelope, Caller caller);
    Awaitable<Result<void>> set_state(std::string element, grid::StateEntry state, Caller caller);
    Awaitable<Result<void>> stop_all(std::string area, bool stopped, Caller caller);

    [[nodiscard]] std::vector<EventRecord> events() const;
    /// Every event in the order of ids, without copies.
    void visit(const std::function<void(const EventRecord&)>& each) const;
    /// Whether the event's plan waits for somebody's approval.
    [[nodiscard]] bool waits_for_approval(const EventId& id) const;
    [[nodiscard]] const std::vector<grid::AuthorityEnvelope>& envelopes() const;
    [[nodiscard]] const OrchestrationOptions& options() const;
    [[nodiscard]] std::vector<std::string> stopped_areas() const;
    [[nodiscard]] std::optional<EventRecord> event(const EventId& id) const;
    [[nodiscard]] const grid::OperationalStates& states() const;
    /// Nothing is being decided or sent; every event waits for the clock.
    [[nodiscard]] std::size_t open_events() const;
    [[nodiscard]] AgentStatus status() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::agents
