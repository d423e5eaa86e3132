#include "agents/market_impl.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::SagaStep;

namespace {

/// A contract that is still being made: a restart goes on with the request that was out.
bool is_being_made(SagaStep step) {
    return step >= SagaStep::selecting && step <= SagaStep::withdrawing;
}

bool asks_for(const beckn::Saga& saga, const flex::Contract& wanted) {
    flex::Contract asked = saga.contract;
    asked.state = wanted.state;
    asked.order_id = wanted.order_id;
    asked.quoted = wanted.quoted;
    asked.failure = wanted.failure;
    return json::write(flex::to_json(asked)) == json::write(flex::to_json(wanted));
}

}  // namespace

void Market::Impl::begin(Run& run) {
    run.busy = true;
    parts_.in_flight.begin(busy_token(run));
}

void Market::Impl::end(const std::shared_ptr<Run>& run) {
    run->busy = false;
    note_unused_intent(*run);
    note_all(std::exchange(run->drafts, {}));
    std::vector<store::Record> records = std::exchange(run->records, {});
    records.push_back(saga_record(run->saga));
    post(std::move(records));
    parts_.in_flight.end(busy_token(*run));
    see_to_owed_cancel(run);
    forget_if_over(*run);
}

/// What is over is read back from the store in the rare case that somebody speaks of it again.
void Market::Impl::forget_if_over(const Run& run) {
    if (run.saga.is_over() && run.saga.step != SagaStep::unknown && !run.busy) {
        older_sagas_.add(run.saga.contract.transaction.value);
        runs_.erase(run.saga.contract.transaction.value);
    }
}

std::shared_ptr<Market::Impl::Run> Market::Impl::adopt(beckn::Saga saga) {
    if (!is_being_made(saga.step)) {
        // Questions about a contract that exists can be asked again; nobody waits for the old ones.
        saga.asked.reset();
        if (saga.step == SagaStep::activating || saga.step == SagaStep::cancelling) {
            saga.step = saga.was_activated ? SagaStep::activated : SagaStep::active;
        }
    }
    auto run = std::make_shared<Run>();
    run->peer = find_peer(saga.contract.provider);
    run->saga = std::move(saga);
    runs_[run->saga.contract.transaction.value] = run;
    return run;
}

Awaitable<Result<std::shared_ptr<Market::Impl::Run>>> Market::Impl::find_run(std::string transaction) {
    auto self = shared_from_this();
    if (const auto found = runs_.find(transaction); found != runs_.end()) {
        co_return found->second;
    }
    if (!older_sagas_.may_hold(transaction)) {
        co_return std::shared_ptr<Run>();
    }
    std::string id = transaction;
    const Result<store::Record> kept = co_await parts_.journal.records().get("beckn_saga", std::move(id));
    if (const auto found = runs_.find(transaction); found != runs_.end()) {
        co_return found->second;  // another coroutine was faster
    }
    if (!kept) {
        if (kept.error().code == Errc::not_found) {
            co_return std::shared_ptr<Run>();
        }
        co_return kept.error();
    }
    const Result<json::Value> parsed = json::parse(kept->json);
    Result<beckn::Saga> saga = parsed ? beckn::saga_from_json(*parsed) : Result<beckn::Saga>(parsed.error());
    if (!saga) {
        co_return Error{Errc::corrupt, "saga " + transaction + ": " + saga.error().message, ""};
    }
    co_return adopt(std::move(*saga));
}

/// Takes steps until whoever asked has an answer.
Awaitable<Result<flex::Contract>> Market::Impl::drive(std::shared_ptr<Run> run, beckn::SagaEvent event) {
    auto self = shared_from_this();
    while (true) {
        auto [saga, effects] = beckn::step(run->saga, event, now(), rules());
        run->saga = std::move(saga);
        if (effects.fault) {
            co_return *effects.fault;
        }
        if (effects.proceed) {
            event = beckn::saga_event::Proceed{};
            continue;
        }
        if (!effects.send) {
            co_return run->saga.contract;
        }
        Reply reply = co_await exchange(run, *effects.send);
        while (!reply.event) {
            // A message that nobody asked for has moved the saga meanwhile: it is settled, or asks on.
            if (!run->saga.asked) {
                co_return run->saga.contract;
            }
            reply = co_await exchange(run, *run->saga.asked);
        }
        event = std::move(*reply.event);
    }
}

/// Goes on with a contract that an earlier process was making.
Awaitable<Result<flex::Contract>> Market::Impl::resume(std::shared_ptr<Run> run) {
    auto self = shared_from_this();
    if (!run->saga.asked) {
        beckn::SagaEvent proceed = beckn::saga_event::Proceed{};
        co_return co_await drive(run, std::move(proceed));
    }
    const Action action = *run->saga.asked;
    const UtcTime deadline = parts_.clock.now() + options_.step_deadline;
    const Result<std::shared_ptr<Outgoing>> kept = co_await take_up(run, action);
    Reply reply;
    if (kept) {
        reply = co_await send_and_wait(run, *kept, deadline);
    } else if (action == Action::select || action == Action::init) {
        // Too old to be sent again, or its answer would go where we were before; it bound nobody: ask anew.
        ++run->saga.rounds[action];
        reply = co_await exchange(run, action);
    } else {
        reply.event = beckn::saga_event::Unheard{action, kept.error().message};
    }
    if (!reply.event) {
        co_return run->saga.contract;
    }
    beckn::SagaEvent event = std::move(*reply.event);
    co_return co_await drive(run, std::move(event));
}

Awaitable<Result<flex::Contract>> Market::Impl::contract(flex::Contract wanted, Licence licence) {
    auto self = shared_from_this();
    const std::string transaction = wanted.transaction.value;
    const MarketPeer* peer = find_peer(wanted.provider);
    if (peer == nullptr) {
        co_return Error{Errc::not_found, "provider " + wanted.provider + " is not known", ""};
    }
    if (transaction.empty()) {
        co_return Error{Errc::invalid, "the contract wanted from " + wanted.provider + " has no transaction",
                        ""};
    }
    const Result<std::shared_ptr<Run>> found = co_await find_run(transaction);
    if (!found) {
        co_return found.error();
    }
    std::shared_ptr<Run> run = *found;
    if (run && run->busy) {
        co_return Error{Errc::conflict, "contract " + transaction + " is being made already", ""};
    }
    if (run && run->peer == nullptr) {
        run->peer = peer;
    }
    if (run && !is_being_made(run->saga.step)) {
        forget_if_over(*run);
        co_return run->saga.contract;
    }
    const bool is_outdated = run && run->saga.step < SagaStep::confirming && !asks_for(run->saga, wanted);
    const bool is_new = !run || is_outdated;
    if (is_new && !may_ask(*peer)) {
        wanted.state = flex::ContractState::failed;
        wanted.failure = why_left_alone(*peer);
        co_return wanted;
    }
    if (is_new) {
        // What an earlier process asked for, and nobody is bound by, gives way to what was decided since; the
        // rounds go on, so that no message id comes twice.
        beckn::Saga saga;
        if (run) {
            saga.rounds = run->saga.rounds;
        }
        const std::string first_offer = wanted.lines.empty() ? "" : wanted.lines.front().offer.id;
        const auto reference = provider_refs_.find(wanted.provider + "/" + first_offer);
        saga.provider_ref = reference != provider_refs_.end() ? reference->second : wanted.provider;
        saga.contract = std::move(wanted);
        run = adopt(std::move(saga));
    }
    run->licence = std::move(licence);
    begin(*run);
    Result<flex::Contract> made = Error{Errc::invalid, "not begun", ""};
    if (is_new) {
        beckn::SagaEvent start = beckn::saga_event::Start{};
        made = co_await drive(run, std::move(start));
    } else {
        made = co_await resume(run);
    }
    run->licence = nullptr;
    end(run);
    co_return made;
}

Awaitable<Result<flex::Contract>> Market::Impl::ask(flex::Contract contract, beckn::SagaEvent question) {
    auto self = shared_from_this();
    const std::string transaction = contract.transaction.value;
    const Result<std::shared_ptr<Run>> found = co_await find_run(transaction);
    if (!found) {
        co_return found.error();
    }
    std::shared_ptr<Run> run = *found;
    if (!run) {
        co_return Error{Errc::not_found, "contract " + transaction + " is not known", ""};
    }
    if (run->peer == nullptr) {
        co_return Error{
            Errc::not_found,
            "provider " + run->saga.contract.provider + " of contract " + transaction + " is not known", ""};
    }
    if (run->busy) {
        co_return Error{Errc::conflict, "contract " + transaction + " is in a conversation already", ""};
    }
    begin(*run);
    Result<flex::Contract> answer = Error{Errc::invalid, "not asked", ""};
    if (is_being_made(run->saga.step) && std::holds_alternative<beckn::saga_event::Cancel>(question)) {
        // Left over from an earlier process: find out what became of it, then end it.
        answer = co_await resume(run);
        if (answer) {
            answer = co_await drive(run, std::move(question));
        }
    } else {
        answer = co_await drive(run, std::move(question));
    }
    end(run);
    co_return answer;
}

void Market::Impl::tell(const Run& run) {
    if (unsolicited) {
        unsolicited(run.saga.contract);
    }
}

Awaitable<void> Market::Impl::drive_alone(std::shared_ptr<Run> run, Action action) {
    auto self = shared_from_this();
    begin(*run);
    Reply reply = co_await exchange(run, action);
    if (reply.event) {
        beckn::SagaEvent event = std::move(*reply.event);
        const Result<flex::Contract> outcome = co_await drive(run, std::move(event));
        if (!outcome) {
            log::warn(
                "a contract that nobody waits for could not be settled",
                {{"transaction", run->saga.contract.transaction.value}, {"error", outcome.error().message}});
        }
    }
    end(run);
    tell(*run);
}

}  // namespace headroom::agents
