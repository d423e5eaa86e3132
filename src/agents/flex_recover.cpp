// What a former process left.
#include "agents/direct_purchase.hpp"
#include "agents/each_record.hpp"
#include "agents/flex_orchestration_impl.hpp"
#include "grid/grid_json.hpp"

#include <utility>

namespace headroom::agents {

/// All of them are there before the first goes on: what rules count and what was learnt is whole by then.
Awaitable<Result<std::vector<EventRecord>>> FlexOrchestration::Impl::recover() {
    const Result<void> standing = co_await restore_standing();
    const Result<void> purchases = standing ? co_await restore_purchases() : standing;
    const Result<void> read = purchases ? co_await read_events() : purchases;
    if (!read) {
        co_return read.error();
    }
    context_.latencies = latencies_of(context_.others(EventId{}));
    std::vector<EventRecord> open;
    for (FlexEvent* event : std::exchange(resumed_, {})) {
        const EventRecord& record = event->record();
        if (!is_over(record.state)) {
            open.push_back(record);
            spawn(context_.parts.executor, event->go_on());
        } else if (record.statement.empty() && !record.assignments.empty() && context_.released) {
            context_.released(record);
        }
    }
    is_recovered_ = true;
    co_return open;
}

Awaitable<Result<void>> FlexOrchestration::Impl::read_events() {
    auto take = [this](const store::Record& each) -> Result<void> {
        if (events_.contains(each.id)) {
            return {};  // begun by this process, and running
        }
        Result<EventRecord> record = noun_of<EventRecord>(each, event_record_from_json);
        if (!record) {
            return record.error();
        }
        auto event = std::make_unique<FlexEvent>(context_, std::move(*record));
        resumed_.push_back(event.get());
        take_in(std::move(event));
        return {};
    };
    co_return co_await each_record(context_.parts.journal, "event", std::move(take));
}

Awaitable<Result<void>> FlexOrchestration::Impl::restore_purchases() {
    auto take = [this](const store::Record& each) -> Result<void> {
        if (!is_direct_purchase(EventId{each.corr})) {
            return {};
        }
        Result<flex::Contract> contract = noun_of<flex::Contract>(each, flex::contract_from_json);
        if (!contract) {
            return contract.error();
        }
        context_.purchases.insert_or_assign(each.id, std::move(*contract));
        return {};
    };
    co_return co_await each_record(context_.parts.journal, "contract", std::move(take));
}

Awaitable<Result<void>> FlexOrchestration::Impl::restore_standing() {
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
        Result<grid::AuthorityEnvelope> envelope =
            noun_of<grid::AuthorityEnvelope>(stored, grid::authority_envelope_from_json);
        if (!envelope) {
            co_return envelope.error();
        }
        context_.envelopes.push_back(std::move(*envelope));
    }
    for (const store::Record& stored : *states) {
        Result<grid::StateEntry> state = noun_of<grid::StateEntry>(stored, grid::state_entry_from_json);
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

}  // namespace headroom::agents
