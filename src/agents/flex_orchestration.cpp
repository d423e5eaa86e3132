// Raising events, and what becomes of them without anybody asking.
#include "agents/flex_orchestration_impl.hpp"

#include "agents/direct_purchase.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "risk/week_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace headroom::agents {
namespace {

Awaitable<void> give_back(Market& market, flex::Contract contract) {
    const std::string transaction = contract.transaction.value;
    const Result<flex::Contract> ended = co_await market.cancel(std::move(contract), "the event is over");
    if (!ended) {
        log::warn("a contract of an event that is over is not cancelled yet; its cancel is sent again",
                  {{"transaction", transaction}, {"error", ended.error().message}});
    }
}

/// Between looks whether a log that refused the entry of an overload takes it now.
constexpr seconds raise_again_every{2};

/// What was found stands in the log also when the disk was full: the entry that raises an event is written
/// again, with the event as it then stands, for as long as the log refuses it. The event itself waits for the
/// log by its own rule.
Awaitable<void> see_raised(OrchestrationContext& context, const FlexEvent& event, Journal::Ticket begun,
                           json::Object body) {
    Journal& journal = context.parts.journal;
    Result<audit::Committed> written = co_await journal.settled(std::move(begun));
    while (!written && written.error().code == Errc::unavailable) {
        Slot<bool> nobody(context.parts.executor, context.parts.clock);
        static_cast<void>(co_await nobody.wait(context.parts.clock.now() + raise_again_every));
        if (journal.healthy()) {
            std::vector<audit::Draft> drafts;
            drafts.push_back(event.draft("constraint.raised", body));
            written = co_await journal.commit(std::move(drafts));
        }
    }
}

}  // namespace

FlexOrchestration::Impl::Impl(Parts parts, OrchestrationOptions options)
    : context_{std::move(parts), std::move(options), {}, {}, {}, {}, {}, {}, {}, {}, {}, 0} {
    context_.others = [this](const EventId& but) {
        std::vector<const EventRecord*> records = by_id_;
        if (const auto found = place_of(but.value); found != by_id_.end() && (*found)->id() == but) {
            records.erase(records.begin() + (found - by_id_.begin()));
        }
        return records;
    };
    context_.parts.market.on_unsolicited(
        [this](flex::Contract contract) { market_changed(std::move(contract)); });
    context_.parts.journal.on_entry(
        [this, alive = std::weak_ptr<bool>(is_alive_)](const audit::Entry& entry) {
            if (!alive.expired()) {
                on_entry(entry);
            }
        });
}

std::vector<const EventRecord*>::const_iterator FlexOrchestration::Impl::place_of(
    const std::string& id) const {
    return std::lower_bound(
        by_id_.begin(), by_id_.end(), id,
        [](const EventRecord* each, const std::string& wanted) { return each->id().value < wanted; });
}

void FlexOrchestration::Impl::take_in(std::unique_ptr<FlexEvent> event) {
    const EventRecord& record = event->record();
    by_id_.insert(place_of(record.id().value), &record);
    if (!is_over(record.state)) {
        context_.open.add(record, context_.parts.network);
    }
    events_.emplace(record.id().value, std::move(event));
}

void FlexOrchestration::Impl::drop(const FlexEvent& event) {
    const std::string id = event.record().id().value;
    context_.open.remove(event.record(), context_.parts.network);
    by_id_.erase(place_of(id));
    events_.erase(id);
}

/// Whether what an outlook shows is known already: an event on the feeder has that window, or had it and was
/// decided. What had cleared is looked at again, not before its next review would have been due.
bool FlexOrchestration::Impl::is_dealt_with(const risk::Overload& overload) const {
    const auto review = milliseconds{std::llround(context_.rules.week_ahead.review_minutes * 60'000.0)};
    return std::any_of(by_id_.begin(), by_id_.end(), [&](const EventRecord* each) {
        const risk::Overload& known = each->overload;
        if (known.feeder != overload.feeder || known.end < overload.start || overload.end < known.start) {
            return false;
        }
        const Moment* ended = each->moment(cleared_moment);
        return ended == nullptr || overload.detected_at < ended->at + review;
    });
}

/// An event of that limit and half-hour that cleared is over; what comes after it has an id of its own.
std::optional<EventId> FlexOrchestration::Impl::free_id(const risk::Overload& overload) const {
    EventId id = overload.event;
    for (int again = 2; events_.contains(id.value); ++again) {
        const EventRecord& known = events_.at(id.value)->record();
        if (!is_over(known.state) || known.moment(cleared_moment) == nullptr) {
            return std::nullopt;
        }
        id = make_event_id(overload.limit.key() + "/" + std::to_string(again), overload.start);
    }
    return id;
}

Awaitable<Result<void>> FlexOrchestration::Impl::raise(RaisedEvent raised) {
    const std::optional<EventId> id = free_id(raised.overload);
    const bool is_week_ahead = raised.forecast_method == risk::outlook_method;
    if (!id || (is_week_ahead && is_dealt_with(raised.overload))) {
        co_return Result<void>{};
    }
    const json::Value as_found = risk::to_json(raised.overload);
    EventRecord record;
    record.overload = std::move(raised.overload);
    record.overload.event = *id;
    if (is_week_ahead) {
        record.stamp(week_ahead_moment, record.overload.detected_at, -1);
        record.note =
            "Seen days ahead, by an outlook from the weeks before: it is armed for at most, until a live "
            "forecast confirms it.";
    }
    refresh_totals(record, context_.parts.clock.now());
    const SteadyTime detected = steady_now();
    if (!raised.input.recent.empty()) {
        record.stamp("interval_end", raised.input.recent.back().at, -1);
    }
    if (raised.received != SteadyTime{}) {
        record.stamp("received", record.overload.detected_at,
                     -static_cast<std::int64_t>(milliseconds_between(raised.received, detected) * 1000.0));
    }
    record.stamp("detected", record.overload.detected_at, 0);
    auto event = std::make_unique<FlexEvent>(context_, std::move(record));
    event->detected_at(detected);
    json::Object body = json::object({{"decision", "risk.raise"},
                                      {"input", risk::to_json(raised.input)},
                                      {"overload", as_found},
                                      {"forecast_method", raised.forecast_method}});
    if (is_week_ahead) {
        body.set("horizon", "week_ahead");
    }
    if (!raised.forecast_model.empty()) {
        body.set("forecast_model", raised.forecast_model);
    }
    FlexEvent& running = *event;
    take_in(std::move(event));
    // The search may begin while the entry is on its way to the disk: nothing is started by it, and the
    // plan's commit, which comes after it in the log, waits for both.
    std::vector<audit::Draft> drafts;
    drafts.push_back(running.draft("constraint.raised", body));
    Journal::Ticket begun = context_.parts.journal.begin(std::move(drafts));
    spawn(context_.parts.executor, see_raised(context_, running, std::move(begun), std::move(body)));
    spawn(context_.parts.executor, running.run());
    co_return Result<void>{};
}

Awaitable<Result<EventId>> FlexOrchestration::Impl::request(ReliefRequest wanted, Caller caller) {
    const Result<void> reasoned = with_reason(caller);
    if (!reasoned) {
        co_return reasoned.error();
    }
    if (!is_recovered_) {
        co_return Error{Errc::unavailable, "what was going on before is still being taken up"};
    }
    Result<risk::Overload> overload = overload_for(wanted, context_.parts.network, context_.parts.clock.now(),
                                                   context_.parts.views.limit_load_kw);
    if (!overload) {
        co_return overload.error();
    }
    co_return co_await call_for(std::move(*overload), wanted.only_class, std::move(caller), {});
}

Awaitable<Result<EventId>> FlexOrchestration::Impl::call_for(risk::Overload overload,
                                                             std::optional<grid::DerClass> only_class,
                                                             Caller caller, json::Object evidence) {
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
    take_in(std::move(event));
    evidence.set("overload", risk::to_json(running.record().overload));
    evidence.set("reason", caller.reason);
    audit::Draft entry = running.draft("constraint.raised", std::move(evidence));
    entry.actor = actor_of(caller);
    std::vector<audit::Draft> drafts;
    drafts.push_back(std::move(entry));
    const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
    if (!committed) {
        drop(running);
        co_return committed.error();
    }
    spawn(context_.parts.executor, running.run());
    co_return id;
}

Awaitable<Result<EventRecord>> FlexOrchestration::Impl::settled(EventId id, UtcTime when) {
    const auto found = events_.find(id.value);
    if (found == events_.end()) {
        co_return Error{Errc::not_found, "no event " + id.value};
    }
    FlexEvent& event = *found->second;
    co_await event.settled(when);
    co_return event.record();
}

Awaitable<Result<void>> FlexOrchestration::Impl::close(EventRecord settled) {
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

void FlexOrchestration::Impl::market_changed(flex::Contract contract) {
    const auto found = events_.find(contract.event.value);
    if (found != events_.end() && !is_over(found->second->record().state)) {
        found->second->market_changed(std::move(contract));
        return;
    }
    if (is_direct_purchase(contract.event)) {
        // It stands as the provider says: the market has it in its records.
        context_.purchases.insert_or_assign(contract.transaction.value, std::move(contract));
        return;
    }
    const bool stands =
        contract.state == flex::ContractState::active || contract.state == flex::ContractState::activated;
    if (stands) {
        spawn(context_.parts.executor, give_back(context_.parts.market, std::move(contract)));
    }
}

/// Contracts that were made outside of any event count for the rules.
void FlexOrchestration::Impl::on_entry(const audit::Entry& entry) {
    if (entry.type != "order.contracted" || !is_direct_purchase(EventId{entry.corr})) {
        return;
    }
    const json::Value* after = entry.body.find("contract_after");
    Result<flex::Contract> contract =
        after == nullptr ? Result<flex::Contract>(Error{Errc::corrupt, "it has no contract_after"})
                         : flex::contract_from_json(*after);
    if (!contract) {
        log::error("a purchase is not counted for the rules",
                   {{"purchase", entry.corr}, {"error", contract.error().message}});
        return;
    }
    context_.purchases.insert_or_assign(contract->transaction.value, std::move(*contract));
}

SpendGate FlexOrchestration::Impl::spend_gate() {
    SpendGate gate;
    gate.begin = [this](flex::Contract contract) {
        const std::string asset = contract.lines.empty() ? "" : contract.lines.front().offer.feeder;
        JudgedContract judged = context_.judged_contract(std::move(contract), asset);
        if (judged.entry && !judged.contract.lines.empty()) {
            context_.buying.insert_or_assign(judged.contract.transaction.value, judged.contract);
        }
        return judged;
    };
    gate.end = [this](const flex::Contract& contract) {
        context_.buying.erase(contract.transaction.value);
        const bool stands =
            contract.state == flex::ContractState::active || contract.state == flex::ContractState::activated;
        if (stands) {
            context_.purchases.insert_or_assign(contract.transaction.value, contract);
        }
    };
    return gate;
}

void FlexOrchestration::Impl::breach(const EventId& id) {
    const auto found = events_.find(id.value);
    if (found == events_.end()) {
        return;
    }
    found->second->breach();
    if (found->second->record().moment(cleared_moment) == nullptr) {
        return;
    }
    // The monitor knows the window by its first id: what was raised after that had cleared is meant.
    const risk::Overload& cleared = found->second->record().overload;
    for (const auto& [other, event] : events_) {
        if (event->record().overload.limit.key() == cleared.limit.key() &&
            event->record().overload.start == cleared.start) {
            event->breach();
        }
    }
}

std::vector<EventRecord> FlexOrchestration::Impl::events() const {
    std::vector<EventRecord> records;
    records.reserve(events_.size());
    for (const auto& [id, event] : events_) {
        records.push_back(event->record());
    }
    return records;
}

void FlexOrchestration::Impl::visit(const std::function<void(const EventRecord&)>& each) const {
    for (const auto& [id, event] : events_) {
        each(event->record());
    }
}

const FlexEvent* FlexOrchestration::Impl::find(const EventId& id) const {
    const auto found = events_.find(id.value);
    return found == events_.end() ? nullptr : found->second.get();
}

std::size_t FlexOrchestration::Impl::open() const {
    return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [](const auto& item) {
        const EventRecord& record = item.second->record();
        return !is_over(record.state) || (record.statement.empty() && !record.assignments.empty());
    }));
}

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
                                                       Caller caller, json::Object evidence) {
    return impl_->call_for(std::move(overload), only_class, std::move(caller), std::move(evidence));
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
flex::EventPlanInput FlexOrchestration::judged(flex::PlanInput input,
                                               const std::vector<const flex::FlexPlan*>& beside) const {
    return impl_->judged(std::move(input), beside);
}
flex::RuleFacts FlexOrchestration::rule_facts(const std::string& asset) const {
    return impl_->context().rule_facts(asset, {});
}
std::optional<beckn::NeedMoney> FlexOrchestration::money_for(const beckn::PublishedNeed& need,
                                                             const beckn::NeedSellers& sellers) const {
    return impl_->context().money_for(need, sellers);
}
SpendGate FlexOrchestration::spend_gate() {
    return impl_->spend_gate();
}
void FlexOrchestration::count_need_orders(std::function<std::vector<flex::Contract>()> orders) {
    impl_->context().need_orders = std::move(orders);
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
