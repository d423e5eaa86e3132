#include "agents/market_impl.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// What the market owes its providers when nobody asks for it: cancels until they are answered, and an end for
// what an earlier process left behind.

namespace headroom::agents {

using beckn::Action;
using beckn::SagaStep;

namespace {

UtcTime end_of(const flex::Contract& contract) {
    UtcTime end{};
    for (const flex::PlanLine& line : contract.lines) {
        end = std::max(end, line.power_w.end());
    }
    return end;
}

}  // namespace

void Market::Impl::raise_alarm(const std::string& kind, const std::string& detail, const EventId& event) {
    log::warn(detail, {{"kind", kind}});
    parts_.journal.note(
        {.type = "alarm.raised",
         .actor = system_actor(),
         .body = json::object(
             {{"kind", kind}, {"detail", clean_text(detail)}, {"feeder", ""}, {"shortfall_w", 0}}),
         .corr = event.value,
         .caus = {},
         .outcome = "error"});
}

void Market::Impl::see_to_owed_cancel(const std::shared_ptr<Run>& run) {
    if (run->saga.cancel_owed && !run->is_cancelling_again && run->peer != nullptr) {
        run->is_cancelling_again = true;
        if (run->saga.step == SagaStep::unknown) {
            const flex::Contract& contract = run->saga.contract;
            raise_alarm("order_unknown",
                        "nobody can say whether " + contract.provider + " holds an order for " +
                            contract.transaction.value + "; its cancel is sent until it is answered",
                        contract.event);
        }
        spawn(parts_.executor, cancel_until_answered(run));
    }
}

Awaitable<void> Market::Impl::cancel_until_answered(std::shared_ptr<Run> run) {
    auto self = shared_from_this();
    milliseconds pause = options_.cancel_again;
    while (run->saga.cancel_owed) {
        const UtcTime due = parts_.clock.now() + pause;
        co_await wait_until(parts_.clock, due);
        pause = std::min(pause * 2, options_.cancel_again_max);
        if (!run->saga.cancel_owed || run->busy) {
            continue;
        }
        const flex::Contract& contract = run->saga.contract;
        if (parts_.clock.now() > end_of(contract) + options_.cancel_gives_up) {
            raise_alarm("cancel_unanswered",
                        contract.provider + " has not answered the cancel of " + contract.transaction.value +
                            "; somebody must speak to them",
                        contract.event);
            run->saga.cancel_owed = false;
            save(*run);
            break;
        }
        begin(*run);
        beckn::SagaEvent again = beckn::saga_event::Cancel{contract.failure};
        const Result<flex::Contract> outcome = co_await drive(run, std::move(again));
        end(run);
        if (outcome && run->saga.is_over() && run->saga.step != SagaStep::unknown) {
            tell(*run);
        }
    }
    run->is_cancelling_again = false;
    forget_if_over(*run);
}

/// A confirmation that nobody wants any more.
Awaitable<void> Market::Impl::give_back(flex::Contract contract) {
    auto self = shared_from_this();
    const std::string transaction = contract.transaction.value;
    beckn::SagaEvent cancel = beckn::saga_event::Cancel{"the confirmation came too late"};
    const Result<flex::Contract> ended = co_await ask(std::move(contract), std::move(cancel));
    if (!ended) {
        log::warn("a late contract is not cancelled yet; its cancel is sent again",
                  {{"transaction", transaction}, {"error", ended.error().message}});
    }
}

/// A conversation that had begun to bind us is carried to its end; one that had not binds nobody.
Awaitable<void> Market::Impl::settle_orphan(std::shared_ptr<Run> run) {
    auto self = shared_from_this();
    begin(*run);
    const Result<flex::Contract> outcome = co_await resume(run);
    end(run);
    if (!outcome) {
        log::error(
            "a contract that nobody took up could not be settled",
            {{"transaction", run->saga.contract.transaction.value}, {"error", outcome.error().message}});
    } else if (outcome->state == flex::ContractState::active && !unsolicited) {
        co_await give_back(*outcome);
    } else {
        tell(*run);
    }
}

/// What a provider said while we were away may never have reached us.
Awaitable<void> Market::Impl::ask_how_it_stands(std::shared_ptr<Run> run) {
    auto self = shared_from_this();
    const std::string before = json::write(flex::to_json(run->saga.contract));
    begin(*run);
    beckn::SagaEvent question = beckn::saga_event::AskStatus{};
    const Result<flex::Contract> outcome = co_await drive(run, std::move(question));
    end(run);
    if (outcome && json::write(flex::to_json(*outcome)) != before) {
        tell(*run);
    }
}

Awaitable<void> Market::Impl::settle_left_over() {
    auto self = shared_from_this();
    std::vector<std::shared_ptr<Run>> left;
    for (const auto& [transaction, run] : runs_) {
        left.push_back(run);
    }
    std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) {
        return a->saga.contract.transaction.value < b->saga.contract.transaction.value;
    });
    const UtcTime due = parts_.clock.now() + options_.step_deadline;
    co_await wait_until(parts_.clock, due);
    for (const std::shared_ptr<Run>& run : left) {
        const SagaStep step = run->saga.step;
        const bool is_taken_up = run->busy || !runs_.contains(run->saga.contract.transaction.value);
        if (is_taken_up || run->peer == nullptr) {
            continue;
        }
        if (step >= SagaStep::confirming && step <= SagaStep::withdrawing) {
            spawn(parts_.executor, settle_orphan(run));
        } else if (step == SagaStep::active || step == SagaStep::activated) {
            co_await ask_how_it_stands(run);
        } else if (step >= SagaStep::selecting && step <= SagaStep::inited) {
            run->saga.step = SagaStep::failed;
            run->saga.contract.state = flex::ContractState::failed;
            run->saga.contract.failure = "given up before anybody was bound: its process ended";
            run->saga.asked.reset();
            save(*run);
            forget_if_over(*run);
        }
    }
}

}  // namespace headroom::agents
