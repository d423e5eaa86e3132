#pragma once

// Inside of FlexOrchestration. Not for other agents.

#include "agents/flex_event.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/with_reason.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

class FlexOrchestration::Impl {
  public:
    Impl(Parts parts, OrchestrationOptions options);

    Awaitable<Result<void>> raise(RaisedEvent raised);
    Awaitable<Result<EventId>> request(ReliefRequest wanted, Caller caller);
    Awaitable<Result<EventId>> call_for(risk::Overload overload, std::optional<grid::DerClass> only_class,
                                        Caller caller, json::Object evidence);
    Awaitable<Result<EventRecord>> settled(EventId id, UtcTime when);
    Awaitable<Result<void>> close(EventRecord settled);
    /// A contract that changed without being asked goes to its event; one whose event is over is given back.
    void market_changed(flex::Contract contract);
    void breach(const EventId& id);
    SpendGate spend_gate();
    [[nodiscard]] flex::EventPlanInput judged(flex::PlanInput input,
                                              const std::vector<const flex::FlexPlan*>& beside) const {
        return context_.judged(std::move(input), beside);
    }

    // flex_recover.cpp
    Awaitable<Result<std::vector<EventRecord>>> recover();
    [[nodiscard]] bool is_recovered() const { return is_recovered_; }

    // flex_commands.cpp
    Awaitable<Result<void>> answer(EventId id, Approval approval);
    Awaitable<Result<void>> cancel(EventId id, Caller caller);
    Awaitable<Result<void>> grant(grid::AuthorityEnvelope envelope, Caller caller);
    Awaitable<Result<void>> revoke(std::string id, Caller caller);
    Awaitable<Result<void>> set_state(std::string element, grid::StateEntry state, Caller caller);
    Awaitable<Result<void>> stop_all(std::string area, bool stopped, Caller caller);

    [[nodiscard]] std::vector<EventRecord> events() const;
    void visit(const std::function<void(const EventRecord&)>& each) const;
    [[nodiscard]] const FlexEvent* find(const EventId& id) const;
    [[nodiscard]] std::size_t open() const;
    void on_state(StateListener listener) { state_listener_ = std::move(listener); }
    OrchestrationContext& context() { return context_; }
    const OrchestrationContext& context() const { return context_; }

  private:
    Awaitable<Result<void>> write(std::string type, json::Object body, const Caller& caller);
    /// Envelopes, element states and stops as they stood.
    Awaitable<Result<void>> restore_standing();
    /// Contracts that were made outside of any event.
    Awaitable<Result<void>> restore_purchases();
    Awaitable<Result<void>> read_events();
    void on_entry(const audit::Entry& entry);
    [[nodiscard]] bool is_dealt_with(const risk::Overload& overload) const;
    /// Nothing: the event is known.
    [[nodiscard]] std::optional<EventId> free_id(const risk::Overload& overload) const;
    /// Keeps an event that is not kept yet.
    void take_in(std::unique_ptr<FlexEvent> event);
    void drop(const FlexEvent& event);
    [[nodiscard]] std::vector<const EventRecord*>::const_iterator place_of(const std::string& id) const;

    OrchestrationContext context_;
    std::map<std::string, std::unique_ptr<FlexEvent>> events_;
    std::vector<const EventRecord*> by_id_;  // of all events: every plan asks what was used before
    std::vector<FlexEvent*> resumed_;        // read by `recover`, not yet going on
    bool is_recovered_ = false;
    StateListener state_listener_;
    std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace headroom::agents
