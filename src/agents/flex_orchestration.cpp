#include "agents/flex_orchestration.hpp"

#include "agents/direct_purchase.hpp"
#include "agents/flex_event.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "grid/grid_json.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace headroom::agents {
namespace {

Result<void> with_reason(const Caller& caller) {
    if (caller.reason.empty()) {
        return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    return {};
}

}  // namespace

class FlexOrchestration::Impl {
  public:
    Impl(Parts parts, OrchestrationOptions options)
        : context_{std::move(parts), std::move(options), {}, {}, {}, {}, {}, {}, {}, 0} {
        context_.others = [this](const EventId& but) {
            std::vector<const EventRecord*> records;
            for (const auto& [id, event] : events_) {
                if (id != but.value) {
                    records.push_back(&event->record());
                }
            }
            return records;
        };
        context_.parts.market.on_unsolicited(
            [this](flex::Contract contract) { market_changed(std::move(contract)); });
    }

    Awaitable<Result<void>> raise(RaisedEvent raised) {
        if (events_.contains(raised.overload.event.value)) {
            co_return Result<void>{};
        }
        EventRecord record;
        record.overload = std::move(raised.overload);
        refresh_totals(record, context_.parts.clock.now());
        const std::string id = record.id().value;
        const SteadyTime detected = steady_now();
        if (!raised.input.recent.empty()) {
            record.stamp("interval_end", raised.input.recent.back().at, -1);
        }
        if (raised.received != SteadyTime{}) {
            record.stamp(
                "received", record.overload.detected_at,
                -static_cast<std::int64_t>(milliseconds_between(raised.received, detected) * 1000.0));
        }
        record.stamp("detected", record.overload.detected_at, 0);
        auto event = std::make_unique<FlexEvent>(context_, std::move(record));
        event->detected_at(detected);
        json::Object body = json::object({{"decision", "risk.raise"},
                                          {"input", risk::to_json(raised.input)},
                                          {"overload", risk::to_json(event->record().overload)},
                                          {"forecast_method", raised.forecast_method}});
        if (!raised.forecast_model.empty()) {
            body.set("forecast_model", raised.forecast_model);
        }
        FlexEvent& running = *event;
        events_.emplace(id, std::move(event));
        // The search may begin while the entry is on its way to the disk: nothing is started by it, and the
        // plan's commit, which comes after it in the log, waits for both.
        context_.parts.journal.note(running.draft("constraint.raised", std::move(body)));
        spawn(context_.parts.executor, running.run());
        co_return Result<void>{};
    }

    Awaitable<Result<EventId>> request(ReliefRequest wanted, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned.error();
        }
        if (!is_recovered_) {
            co_return Error{Errc::unavailable, "what was going on before is still being taken up"};
        }
        Result<risk::Overload> overload = overload_for(
            wanted, context_.parts.network, context_.parts.clock.now(), context_.parts.views.limit_load_kw);
        if (!overload) {
            co_return overload.error();
        }
        co_return co_await call_for(std::move(*overload), wanted.only_class, std::move(caller));
    }

    Awaitable<Result<EventId>> call_for(risk::Overload overload, std::optional<grid::DerClass> only_class,
                                        Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned.error();
        }
        if (!is_recovered_) {
            co_return Error{Errc::unavailable, "what was going on before is still being taken up"};
        }
        const EventId id = overload.event;
        if (events_.contains(id.value)) {
            co_return id;
        }
        EventRecord record;
        record.overload = std::move(overload);
        record.only_class = only_class;
        refresh_totals(record, context_.parts.clock.now());
        record.stamp("detected", record.overload.detected_at, 0);
        auto event = std::make_unique<FlexEvent>(context_, std::move(record));
        FlexEvent& running = *event;
        running.detected_at(steady_now());
        events_.emplace(id.value, std::move(event));
        audit::Draft entry = running.draft(
            "constraint.raised", json::object({{"overload", risk::to_json(running.record().overload)},
                                               {"reason", caller.reason}}));
        entry.actor = actor_of(caller);
        std::vector<audit::Draft> drafts;
        drafts.push_back(std::move(entry));
        const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
        if (!committed) {
            events_.erase(id.value);
            co_return committed.error();
        }
        spawn(context_.parts.executor, running.run());
        co_return id;
    }

    Awaitable<Result<EventRecord>> settled(EventId id, UtcTime when) {
        const auto found = events_.find(id.value);
        if (found == events_.end()) {
            co_return Error{Errc::not_found, "no event " + id.value};
        }
        FlexEvent& event = *found->second;
        co_await event.settled(when);
        co_return event.record();
    }

    Awaitable<Result<std::vector<EventRecord>>> recover() {
        Result<void> restored = co_await restore_standing();
        if (!restored) {
            co_return restored.error();
        }
        std::vector<EventRecord> open;
        std::string after;
        for (;;) {
            const Result<std::vector<store::Record>> page =
                co_await context_.parts.journal.records().list("event", after, 500);
            if (!page) {
                co_return page.error();
            }
            if (page->empty()) {
                break;
            }
            after = page->back().id;
            for (const store::Record& stored : *page) {
                if (events_.contains(stored.id)) {
                    continue;  // begun by this process, and running
                }
                const Result<json::Value> parsed = json::parse(stored.json);
                Result<EventRecord> record = parsed ? event_record_from_json(*parsed) : parsed.error();
                if (!record) {
                    co_return record.error();
                }
                auto event = std::make_unique<FlexEvent>(context_, *record);
                FlexEvent& resumed = *event;
                events_.insert_or_assign(stored.id, std::move(event));
                if (!is_over(record->state)) {
                    open.push_back(*record);
                    spawn(context_.parts.executor, resumed.run());
                } else if (record->statement.empty() && !record->assignments.empty() && context_.released) {
                    context_.released(*record);
                }
            }
        }
        is_recovered_ = true;
        co_return open;
    }
    [[nodiscard]] bool is_recovered() const { return is_recovered_; }

    Awaitable<Result<void>> close(EventRecord settled) {
        const auto found = events_.find(settled.id().value);
        if (found == events_.end()) {
            co_return Error{Errc::not_found, "no event " + settled.id().value};
        }
        found->second->record() = std::move(settled);
        FlexEvent& event = *found->second;
        json::Object body = json::object({{"outcome", event.record().outcome},
                                          {"statement", event.record().statement},
                                          {"statement_pence", event.record().statement_pence},
                                          {"delivered_wh", event.record().delivered_energy.value}});
        std::vector<audit::Draft> drafts;
        drafts.push_back(event.draft("event.closed", std::move(body)));
        const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
        co_return committed ? Result<void>{} : Result<void>(committed.error());
    }

    Awaitable<Result<void>> answer(EventId id, Approval approval) {
        const Result<void> reasoned = with_reason(approval.caller);
        if (!reasoned) {
            co_return reasoned;
        }
        const auto found = events_.find(id.value);
        if (found == events_.end()) {
            co_return Error{Errc::not_found, "no event " + id.value};
        }
        FlexEvent& event = *found->second;
        if (approval.approved && approval.plan_sha256 != event.record().plan_sha256) {
            Result<AcceptedProposal> proposal = co_await event.proposal(approval.plan_sha256);
            if (proposal) {
                approval.proposal = std::make_shared<const AcceptedProposal>(std::move(*proposal));
            }
        }
        if (!approval.proposal && approval.plan_sha256 != event.record().plan_sha256) {
            co_return Error{Errc::conflict,
                            "the plan of event " + id.value + " is now " + event.record().plan_sha256,
                            "/sha256"};
        }
        if (!event.answer(std::move(approval))) {
            co_return Error{Errc::conflict, "event " + id.value + " does not wait for an approval; it is " +
                                                std::string(to_string(event.record().state))};
        }
        co_return Result<void>{};
    }

    Awaitable<Result<void>> cancel(EventId id, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned;
        }
        const auto found = events_.find(id.value);
        if (found == events_.end()) {
            co_return Error{Errc::not_found, "no event " + id.value};
        }
        if (found->second->waits_for_approval()) {
            Approval rejected{
                .approved = false, .plan_sha256 = found->second->record().plan_sha256, .caller = caller};
            found->second->answer(std::move(rejected));
        } else {
            found->second->cancel(std::move(caller));
        }
        co_return Result<void>{};
    }

    Awaitable<Result<void>> grant(grid::AuthorityEnvelope envelope, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned;
        }
        envelope.granted_by = caller.id;
        json::Object body = json::object(
            {{"id", envelope.id}, {"envelope", grid::to_json(envelope)}, {"reason", caller.reason}});
        const Result<void> written = co_await write("authority.grant", std::move(body), caller);
        if (written) {
            std::erase_if(context_.envelopes, [&](const auto& known) { return known.id == envelope.id; });
            context_.envelopes.push_back(std::move(envelope));
        }
        co_return written;
    }

    Awaitable<Result<void>> revoke(std::string id, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned;
        }
        const auto found = std::find_if(context_.envelopes.begin(), context_.envelopes.end(),
                                        [&](const auto& envelope) { return envelope.id == id; });
        if (found == context_.envelopes.end()) {
            co_return Error{Errc::not_found, "no authority envelope " + id};
        }
        found->revoked = true;  // stopping takes effect at once, whatever the disk does
        json::Object body =
            json::object({{"id", id}, {"envelope", grid::to_json(*found)}, {"reason", caller.reason}});
        co_return co_await write("authority.revoke", std::move(body), caller);
    }

    Awaitable<Result<void>> set_state(std::string element, grid::StateEntry state, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned;
        }
        if (context_.parts.network.feeder(element) == nullptr &&
            context_.parts.network.substation(element) == nullptr) {
            co_return Error{Errc::not_found, "no feeder or substation " + element};
        }
        const bool was_held = context_.states.of(element).held_by_engineer;
        state.person = caller.id;
        const std::string type = state.held_by_engineer && !was_held   ? "feeder.takeover"
                                 : !state.held_by_engineer && was_held ? "feeder.handback"
                                                                       : "state.change";
        const grid::StateEntry before = context_.states.of(element);
        if (state.held_by_engineer || state.state != grid::OperationalState::normal) {
            context_.states.set(element, state);
        }
        if (state_listener_) {
            state_listener_(element, before, state);
        }
        json::Object body = json::object({{"element", element},
                                          {"state", std::string(grid::to_string(state.state))},
                                          {"entry", grid::to_json(state)},
                                          {"reason", caller.reason}});
        const Result<void> written = co_await write(type, std::move(body), caller);
        if (written) {
            context_.states.set(element, std::move(state));
        }
        co_return written;
    }

    Awaitable<Result<void>> stop_all(std::string area, bool stopped, Caller caller) {
        const Result<void> reasoned = with_reason(caller);
        if (!reasoned) {
            co_return reasoned;
        }
        if (stopped) {
            context_.parts.dispatch.set_stop(area, true);  // before anything is written: never fail to stop
        }
        json::Object body = json::object(
            {{"area", area.empty() ? "everywhere" : area}, {"stopped", stopped}, {"reason", caller.reason}});
        const Result<void> written = co_await write("stop.all", std::move(body), caller);
        if (written && !stopped) {
            context_.parts.dispatch.set_stop(area, false);
        }
        co_return written;
    }

    /// A contract that changed without being asked goes to its event; one whose event is over is given back.
    void market_changed(flex::Contract contract) {
        const auto found = events_.find(contract.event.value);
        if (found != events_.end() && !is_over(found->second->record().state)) {
            found->second->market_changed(std::move(contract));
            return;
        }
        if (is_direct_purchase(contract.event)) {
            return;  // it stands as the provider says: the market has it in its records
        }
        const bool stands =
            contract.state == flex::ContractState::active || contract.state == flex::ContractState::activated;
        if (stands) {
            spawn(context_.parts.executor, give_back(context_.parts.market, std::move(contract)));
        }
    }

    void breach(const EventId& id) {
        const auto found = events_.find(id.value);
        if (found != events_.end()) {
            found->second->breach();
        }
    }

    std::vector<EventRecord> events() const {
        std::vector<EventRecord> records;
        records.reserve(events_.size());
        for (const auto& [id, event] : events_) {
            records.push_back(event->record());
        }
        return records;
    }
    void visit(const std::function<void(const EventRecord&)>& each) const {
        for (const auto& [id, event] : events_) {
            each(event->record());
        }
    }
    const FlexEvent* find(const EventId& id) const {
        const auto found = events_.find(id.value);
        return found == events_.end() ? nullptr : found->second.get();
    }
    std::size_t open() const {
        return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [](const auto& item) {
            const EventRecord& record = item.second->record();
            return !is_over(record.state) || (record.statement.empty() && !record.assignments.empty());
        }));
    }
    void on_state(StateListener listener) { state_listener_ = std::move(listener); }
    OrchestrationContext& context() { return context_; }
    const OrchestrationContext& context() const { return context_; }

  private:
    static Awaitable<void> give_back(Market& market, flex::Contract contract) {
        const std::string transaction = contract.transaction.value;
        const Result<flex::Contract> ended = co_await market.cancel(std::move(contract), "the event is over");
        if (!ended) {
            log::warn("a contract of an event that is over is not cancelled yet; its cancel is sent again",
                      {{"transaction", transaction}, {"error", ended.error().message}});
        }
    }
    Awaitable<Result<void>> write(std::string type, json::Object body, const Caller& caller) {
        std::vector<audit::Draft> drafts;
        drafts.push_back({.type = std::move(type), .actor = actor_of(caller), .body = std::move(body)});
        const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
        co_return committed ? Result<void>{} : Result<void>(committed.error());
    }

    /// Envelopes, element states and stops as they stood.
    Awaitable<Result<void>> restore_standing() {
        const Result<std::vector<store::Record>> envelopes =
            co_await context_.parts.journal.records().list("authority", "", 10000);
        const Result<std::vector<store::Record>> states =
            co_await context_.parts.journal.records().list("feeder_state", "", 100000);
        const Result<std::vector<store::Record>> stops =
            co_await context_.parts.journal.records().list("stop", "", 10000);
        if (!envelopes || !states || !stops) {
            co_return !envelopes ? envelopes.error() : !states ? states.error() : stops.error();
        }
        for (const store::Record& stored : *envelopes) {
            const Result<json::Value> parsed = json::parse(stored.json);
            Result<grid::AuthorityEnvelope> envelope =
                parsed ? grid::authority_envelope_from_json(*parsed) : parsed.error();
            if (!envelope) {
                co_return envelope.error();
            }
            context_.envelopes.push_back(std::move(*envelope));
        }
        for (const store::Record& stored : *states) {
            const Result<json::Value> parsed = json::parse(stored.json);
            Result<grid::StateEntry> state = parsed ? grid::state_entry_from_json(*parsed) : parsed.error();
            if (!state) {
                co_return state.error();
            }
            context_.states.set(stored.id, std::move(*state));
        }
        for (const store::Record& stored : *stops) {
            context_.parts.dispatch.set_stop(stored.id == "everywhere" ? "" : stored.id,
                                             stored.state == "stopped");
        }
        co_return Result<void>{};
    }

    OrchestrationContext context_;
    std::map<std::string, std::unique_ptr<FlexEvent>> events_;
    bool is_recovered_ = false;
    StateListener state_listener_;
};

FlexOrchestration::FlexOrchestration(Parts parts, OrchestrationOptions options)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(options))) {}
FlexOrchestration::~FlexOrchestration() = default;

Awaitable<Result<void>> FlexOrchestration::raise(RaisedEvent raised) {
    return impl_->raise(std::move(raised));
}
Awaitable<Result<EventId>> FlexOrchestration::request(ReliefRequest wanted, Caller caller) {
    return impl_->request(std::move(wanted), std::move(caller));
}
Awaitable<Result<EventId>> FlexOrchestration::call_for(risk::Overload overload,
                                                       std::optional<grid::DerClass> only_class,
                                                       Caller caller) {
    return impl_->call_for(std::move(overload), only_class, std::move(caller));
}
void FlexOrchestration::on_state(StateListener listener) {
    impl_->on_state(std::move(listener));
}
Awaitable<Result<EventRecord>> FlexOrchestration::settled(EventId event, UtcTime when) {
    return impl_->settled(std::move(event), when);
}
void FlexOrchestration::breach(const EventId& event) {
    impl_->breach(event);
}
Awaitable<Result<std::vector<EventRecord>>> FlexOrchestration::recover() {
    return impl_->recover();
}
void FlexOrchestration::set_rules(EventRules rules) {
    impl_->context().rules = std::move(rules);
}
void FlexOrchestration::on_released(std::function<void(EventRecord)> handler) {
    impl_->context().released = std::move(handler);
}
Awaitable<Result<void>> FlexOrchestration::close(EventRecord settled) {
    return impl_->close(std::move(settled));
}

Awaitable<Result<void>> FlexOrchestration::approve(EventId event, std::string plan_sha256, Caller caller) {
    Approval approval{.approved = true, .plan_sha256 = std::move(plan_sha256), .caller = std::move(caller)};
    return impl_->answer(std::move(event), std::move(approval));
}
Awaitable<Result<void>> FlexOrchestration::reject(EventId event, std::string plan_sha256, Caller caller) {
    Approval approval{.approved = false, .plan_sha256 = std::move(plan_sha256), .caller = std::move(caller)};
    return impl_->answer(std::move(event), std::move(approval));
}
Awaitable<Result<void>> FlexOrchestration::cancel(EventId event, Caller caller) {
    return impl_->cancel(std::move(event), std::move(caller));
}
Awaitable<Result<void>> FlexOrchestration::grant(grid::AuthorityEnvelope envelope, Caller caller) {
    return impl_->grant(std::move(envelope), std::move(caller));
}
Awaitable<Result<void>> FlexOrchestration::revoke(std::string envelope, Caller caller) {
    return impl_->revoke(std::move(envelope), std::move(caller));
}
Awaitable<Result<void>> FlexOrchestration::set_state(std::string element, grid::StateEntry state,
                                                     Caller caller) {
    return impl_->set_state(std::move(element), std::move(state), std::move(caller));
}
Awaitable<Result<void>> FlexOrchestration::stop_all(std::string area, bool stopped, Caller caller) {
    return impl_->stop_all(std::move(area), stopped, std::move(caller));
}

bool FlexOrchestration::is_recovered() const {
    return impl_->is_recovered();
}
std::vector<EventRecord> FlexOrchestration::events() const {
    return impl_->events();
}
std::optional<EventRecord> FlexOrchestration::event(const EventId& id) const {
    const FlexEvent* found = impl_->find(id);
    return found == nullptr ? std::nullopt : std::optional(found->record());
}
void FlexOrchestration::visit(const std::function<void(const EventRecord&)>& each) const {
    impl_->visit(each);
}
bool FlexOrchestration::waits_for_approval(const EventId& id) const {
    const FlexEvent* found = impl_->find(id);
    return found != nullptr && found->waits_for_approval();
}
const std::vector<grid::AuthorityEnvelope>& FlexOrchestration::envelopes() const {
    return impl_->context().envelopes;
}
const OrchestrationOptions& FlexOrchestration::options() const {
    return impl_->context().options;
}
std::vector<std::string> FlexOrchestration::stopped_areas() const {
    const std::set<std::string>& areas = impl_->context().parts.dispatch.stopped_areas();
    return {areas.begin(), areas.end()};
}
const grid::OperationalStates& FlexOrchestration::states() const {
    return impl_->context().states;
}
std::size_t FlexOrchestration::open_events() const {
    return impl_->open();
}

AgentStatus FlexOrchestration::status() const {
    const std::size_t open = impl_->open();
    return {.name = "flex_orchestration",
            .status = !impl_->context().parts.journal.healthy() ? "error"
                      : open > 0                                ? "active"
                                                                : "idle",
            .last_updated = impl_->context().parts.clock.now(),
            .metrics = json::object({{"events", static_cast<std::int64_t>(impl_->events().size())},
                                     {"open", static_cast<std::int64_t>(open)}})};
}

}  // namespace headroom::agents
