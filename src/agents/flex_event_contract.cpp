#include "agents/event_market.hpp"
#include "agents/flex_event.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// From an approved plan to contracts, and from armed contracts to fired ones.

namespace headroom::agents {

flex::ContractKind FlexEvent::product() const {
    const bool ahead =
        record_.overload.cause != risk::Cause::live && record_.overload.start > now() + context_.options.lead;
    return ahead ? flex::ContractKind::availability : flex::ContractKind::spot;
}

Awaitable<void> FlexEvent::make_contracts() {
    const Turns::Turn turn = co_await context_.turns.take(branch());
    const flex::ContractKind kind = product();
    Result<flex::FlexPlan> plan = co_await load_plan();
    if (!plan) {
        co_await alarm("no_plan", plan.error().message);
        co_await finish(EventState::failed, "shortfall", plan.error().message);
        co_return;
    }
    plan_ = std::move(*plan);
    co_await contract_round(kind);
    if (std::exchange(is_write_refused_, false)) {
        record_.state = EventState::proposed;
        co_await put_off();
        co_return;
    }
    // Providers that failed, or committed less than asked, leave a gap for the next round.
    const auto next_step = [this](bool may_top_up) {
        refresh_totals(record_, now());
        return after_contracts(context_.options.partial, record_.required, uncovered(record_, now()),
                               may_top_up, context_.options.partial_least_ppm);
    };
    while (!cancelled_ && next_step(rounds_used() < context_.options.rounds_max / 2) == PartialStep::top_up) {
        const bool may_act = co_await plan_round("providers committed less than planned");
        if (!may_act) {
            break;
        }
        co_await contract_round(kind);
    }
    is_write_refused_ = false;
    if (cancelled_) {
        co_await finish(EventState::cancelled, "cancelled", cancelled_->reason);
        co_return;
    }
    if (next_step(false) == PartialStep::compensate) {
        co_await compensate();
    }
    const bool any = std::any_of(record_.assignments.begin(), record_.assignments.end(), is_live);
    refresh_totals(record_, now());
    if (record_.shortfall.value > 0) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " are not covered by any contract");
    }
    if (!any) {
        co_await finish(EventState::failed, "shortfall",
                        "No provider confirmed; the overload stands uncovered.");
        co_return;
    }
    record_.state = kind == flex::ContractKind::availability ? EventState::armed : EventState::notified;
    if (kind == flex::ContractKind::spot) {
        fired_ = detected_;
        stamp("fired");
    }
    json::Object body = json::object({{"state", std::string(to_string(record_.state))},
                                      {"contracted_w", record_.contracted.value},
                                      {"shortfall_w", record_.shortfall.value}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
}

/// A contract, and how long its provider took to confirm it.
Awaitable<Result<flex::Contract>> FlexEvent::timed_contract(flex::Contract contract) {
    const std::string provider = contract.provider;
    const UtcTime begun = now();
    Result<flex::Contract> answer = co_await context_.parts.market.contract(std::move(contract), plan_entry_);
    const bool is_made = answer && (answer->state == flex::ContractState::active ||
                                    answer->state == flex::ContractState::activated);
    if (is_made) {
        const milliseconds took = now() - begun;
        context_.latencies.add(provider, took);
        record_.confirmations.push_back({provider, now(), took});
    }
    co_return answer;
}

/// What was learnt of a DER is ours: its provider is told of its offers as it made them.
void FlexEvent::say_as_offered(std::vector<flex::Contract>& contracts) const {
    for (flex::Contract& contract : contracts) {
        for (flex::PlanLine& line : contract.lines) {
            const auto claimed = claimed_ppm_.find(line.offer.provider + "/" + line.offer.id);
            if (claimed != claimed_ppm_.end()) {
                line.offer.reliability_ppm = claimed->second;
            }
        }
    }
}

/// Reserves, asks every provider of the plan side by side, and writes down what was committed.
Awaitable<void> FlexEvent::contract_round(flex::ContractKind kind) {
    if (!plan_) {
        co_return;
    }
    std::vector<flex::Contract> wanted = contracts_for(*plan_, record_, kind);
    say_as_offered(wanted);
    std::vector<std::string> tried;
    for (const flex::PlanLine& line : plan_->lines) {
        tried.push_back(line.offer.provider + "/" + line.offer.id);
    }
    spent_offers_.insert(tried.begin(), tried.end());
    plan_.reset();
    const UtcTime lease = record_.overload.end + period_length * (context_.options.extensions_max + 1);
    std::vector<Awaitable<Result<flex::Contract>>> asked;
    std::vector<audit::Draft> reserved;
    for (flex::Contract& contract : wanted) {
        ReservationRequest request = reservations_for(contract, lease);
        ++context_.reservation_changes;
        const Result<void> held = co_await context_.parts.journal.records().reserve(
            std::move(request.wanted), std::move(request.offered), now());
        if (!held) {
            log::warn("a DER is promised elsewhere",
                      {{"event", record_.id().value}, {"error", held.error().message}});
            continue;
        }
        reserved.push_back(
            {.type = "reservation.made",
             .actor = system_actor(),
             .body = json::object({{"transaction", contract.transaction.value},
                                   {"provider", contract.provider},
                                   {"lines", static_cast<std::int64_t>(contract.lines.size())}}),
             .corr = record_.id().value});
        asked.push_back(timed_contract(std::move(contract)));
    }
    co_await note_all(std::move(reserved));
    std::vector<Result<flex::Contract>> answers = co_await gather(std::move(asked));
    const bool is_licensed = co_await is_plan_durable();
    if (!is_licensed) {
        for (const std::string& offer : tried) {
            spent_offers_.erase(offer);  // nothing was bought: they may be planned with again
        }
    }
    std::vector<audit::Draft> drafts;
    for (Result<flex::Contract>& answer : answers) {
        if (!answer) {
            log::warn("a contract could not be made",
                      {{"event", record_.id().value}, {"error", answer.error().message}});
            continue;
        }
        const bool made =
            answer->state == flex::ContractState::active || answer->state == flex::ContractState::activated;
        if (made) {
            assign(record_, *answer);
            stamp("committed");
        } else {
            ++context_.reservation_changes;
            static_cast<void>(co_await context_.parts.journal.records().release(answer->transaction.value));
        }
        refresh_totals(record_, now());
        json::Object body = json::object({{"transaction", answer->transaction.value},
                                          {"provider", answer->provider},
                                          {"order_id", answer->order_id},
                                          {"failure", answer->failure},
                                          {"contract_after", flex::to_json(*answer)}});
        drafts.push_back(draft("order.contracted", std::move(body), made ? "ok" : "error"));
    }
    if (kind == flex::ContractKind::spot) {
        // The intents that follow at once are committed behind these entries: nothing is sent before both are
        // durable.
        co_await note_all(std::move(drafts));
    } else if (!drafts.empty()) {
        const Result<void> written = co_await write(std::move(drafts));
        if (!written) {
            log::error("contracts could not be written down",
                       {{"event", record_.id().value}, {"error", written.error().message}});
        }
    }
}

Awaitable<void> FlexEvent::note_all(std::vector<audit::Draft> drafts) {
    const Result<void> fitted = co_await fit(drafts);
    if (!fitted) {
        log::error("facts of an event could not be written down",
                   {{"event", record_.id().value}, {"error", fitted.error().message}});
        co_return;
    }
    for (audit::Draft& entry : drafts) {
        context_.parts.journal.note(std::move(entry));
    }
}

Awaitable<void> FlexEvent::wait_and_fire() {
    milliseconds notice{0};
    for (const Assignment& assignment : record_.assignments) {
        if (const grid::Der* der = context_.parts.network.der(assignment.der)) {
            notice = std::max(notice, der->notice);
        }
    }
    const UtcTime fire_at = record_.overload.start - notice - context_.options.lead;
    co_await pause_until(fire_at);
    if (!cancelled_ && !breached_ && !market_changes_.empty()) {
        co_return;  // taken first, then waited for again
    }
    if (cancelled_) {
        std::vector<Awaitable<Result<flex::Contract>>> ended = cancel_contracts(cancelled_->reason);
        static_cast<void>(co_await gather(std::move(ended)));
        co_await finish(EventState::cancelled, "cancelled", cancelled_->reason);
        co_return;
    }
    fired_ = breached_.value_or(steady_now());
    if (breached_) {
        begin_now(record_, now());
    }
    stamp("fired");
    co_await fire(record_.transactions);
}

std::vector<Awaitable<Result<flex::Contract>>> FlexEvent::cancel_contracts(const std::string& reason) {
    std::vector<Awaitable<Result<flex::Contract>>> work;
    for (const std::string& transaction : record_.transactions) {
        work.push_back(cancel_one(transaction, reason));
    }
    return work;
}

Awaitable<Result<flex::Contract>> FlexEvent::stored_contract(std::string transaction) {
    const Result<store::Record> stored =
        co_await context_.parts.journal.records().get("contract", std::move(transaction));
    if (!stored) {
        co_return stored.error();
    }
    const Result<json::Value> parsed = json::parse(stored->json);
    if (!parsed) {
        co_return parsed.error();
    }
    co_return flex::contract_from_json(*parsed);
}

Awaitable<Result<flex::Contract>> FlexEvent::cancel_one(std::string transaction, std::string reason) {
    Result<flex::Contract> contract = co_await stored_contract(std::move(transaction));
    if (!contract) {
        co_return contract;
    }
    co_return co_await context_.parts.market.cancel(std::move(*contract), std::move(reason));
}

Awaitable<Result<flex::Contract>> FlexEvent::activate_one(std::string transaction) {
    Result<flex::Contract> contract = co_await stored_contract(std::move(transaction));
    if (!contract || contract->kind != flex::ContractKind::availability ||
        contract->state != flex::ContractState::active) {
        co_return contract;
    }
    for (flex::PlanLine& line : contract->lines) {
        for (const Assignment& assignment : record_.assignments) {
            if (assignment.transaction == contract->transaction.value && assignment.der == line.offer.der) {
                line.power_w = assignment.power_w;  // longer than contracted when the trouble came early
            }
        }
    }
    co_return co_await context_.parts.market.activate(std::move(*contract));
}

/// Tells the providers of armed contracts that their capacity is used now: one activation each.
Awaitable<void> FlexEvent::fire(std::vector<std::string> transactions) {
    std::vector<Awaitable<Result<flex::Contract>>> work;
    for (std::string& transaction : transactions) {
        work.push_back(activate_one(std::move(transaction)));
    }
    std::vector<Result<flex::Contract>> answers = co_await gather(std::move(work));
    stamp("activated");
    record_.state = EventState::notified;
    std::vector<audit::Draft> drafts;
    for (const Result<flex::Contract>& answer : answers) {
        if (!answer) {
            log::warn("an activation was not answered",
                      {{"event", record_.id().value}, {"error", answer.error().message}});
            continue;
        }
        json::Object body = json::object({{"transaction", answer->transaction.value},
                                          {"provider", answer->provider},
                                          {"state", std::string(flex::to_string(answer->state))},
                                          {"contract_after", flex::to_json(*answer)}});
        const bool fired =
            answer->state == flex::ContractState::activated || answer->state == flex::ContractState::active;
        if (!fired) {
            for (Assignment& assignment : record_.assignments) {
                if (assignment.transaction == answer->transaction.value) {
                    assignment.state = "refused";
                }
            }
        }
        drafts.push_back(draft("order.activated", std::move(body), fired ? "ok" : "error"));
    }
    if (drafts.empty()) {
        json::Object body = json::object({{"state", "notified"}});
        drafts.push_back(draft("event.state", std::move(body)));
    }
    co_await note_all(std::move(drafts));
}

}  // namespace headroom::agents
