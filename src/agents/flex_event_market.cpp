#include "agents/event_market.hpp"
#include "agents/flex_event.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// What an event does when a provider changes or ends a contract by itself, or confirms one too late, and what
// becomes of contracts that alone are not enough.

namespace headroom::agents {

void FlexEvent::market_changed(flex::Contract contract) {
    market_changes_.push_back(std::move(contract));
    wake_.cancel();
}

/// Takes what the market told since the last look; what is short now is bought anew at once.
Awaitable<void> FlexEvent::take_market_changes() {
    while (!market_changes_.empty()) {
        const flex::Contract contract = std::move(market_changes_.front());
        market_changes_.pop_front();
        MarketChange change = apply_market_change(record_, contract);
        if (change == MarketChange::gained) {
            const bool is_used = co_await use_late_contract(contract);
            if (!is_used) {
                continue;
            }
        } else if (change == MarketChange::none) {
            continue;
        }
        forget_pending(record_, contract.transaction.value);
        if (change == MarketChange::lost) {
            ++context_.reservation_changes;
            static_cast<void>(co_await context_.parts.journal.records().release(contract.transaction.value));
        }
        for (const Assignment& assignment : record_.assignments) {
            if (assignment.transaction == contract.transaction.value && !is_live(assignment)) {
                told_w_.erase(assignment.der);
            }
        }
        refresh_totals(record_, now());
        const std::string why = change == MarketChange::gained ? contract.provider + " confirmed late"
                                : contract.failure.empty() ? contract.provider + " commits less than before"
                                                           : contract.failure;
        json::Object body = json::object({{"transaction", contract.transaction.value},
                                          {"provider", contract.provider},
                                          {"order_id", contract.order_id},
                                          {"unasked", true},
                                          {"failure", why},
                                          {"uncovered_w", record_.shortfall.value},
                                          {"contract_after", flex::to_json(contract)}});
        std::vector<audit::Draft> drafts;
        drafts.push_back(draft(change == MarketChange::lost ? "order.ended" : "order.contracted",
                               std::move(body), change == MarketChange::gained ? "ok" : "error"));
        co_await note_all(std::move(drafts));
        is_less_than_planned_ = change != MarketChange::gained;
        if (change != MarketChange::gained && needs_top_up()) {
            needs_more_ = true;
            more_because_ = "a provider changed its contract by itself: " + why;
        }
    }
    if (needs_more_ && record_.state == EventState::armed && !cancelled_) {
        needs_more_ = false;
        co_await replace_armed(std::exchange(more_because_, {}));
    }
}

/// A confirmation that came after its contract was given up is a live obligation: used while the event still
/// needs it, cancelled otherwise.
Awaitable<bool> FlexEvent::use_late_contract(flex::Contract contract) {
    std::string because = "the confirmation came too late";
    const bool is_spot = contract.kind == flex::ContractKind::spot;
    const bool can_be_used =
        record_.state == EventState::armed
            ? !is_spot
            : is_spot && (record_.state == EventState::notified || record_.state == EventState::active);
    if (can_be_used && uncovered(record_, now()).value > 0 && !cancelled_) {
        std::vector<audit::Draft> judged;
        const flex::Contract let_pass = begin_spending(contract, judged);
        co_await note_judged(std::move(judged));
        const bool is_whole = let_pass.lines.size() == contract.lines.size();
        bool is_reserved = false;
        if (is_whole) {
            Reserving reserving = reserve(contract);
            const Result<void> held = co_await Later<Result<void>>::of(std::move(reserving));
            is_reserved = held.has_value();
        }
        forget_pending(record_, contract.transaction.value);
        if (is_reserved) {
            assign(record_, contract);
            co_return true;
        }
        because = is_whole ? because : because + ", and " + held_back_by_;
    }
    const std::string transaction = contract.transaction.value;
    const Result<flex::Contract> ended =
        co_await context_.parts.market.cancel(std::move(contract), std::move(because));
    if (!ended) {
        log::warn("a late contract is not cancelled yet; its cancel is sent again",
                  {{"transaction", transaction}, {"error", ended.error().message}});
    }
    co_return false;
}

/// Capacity that was lost before the window is bought anew while there is time.
Awaitable<void> FlexEvent::replace_armed(std::string why) {
    if (is_more_open() || rounds_used() >= context_.options.rounds_max || !needs_top_up()) {
        co_return;
    }
    const Turns::Turn turn = co_await context_.turns.take(branch());
    held_back_by_.clear();
    const bool may_act = co_await plan_round(std::move(why));
    if (may_act) {
        const bool ahead = record_.overload.start > now() + context_.options.lead;
        co_await contract_round(ahead ? flex::ContractKind::availability : flex::ContractKind::spot);
    }
    const std::string asked = co_await ask_for_more();
    is_write_refused_ = false;
    refresh_totals(record_, now());
    if (record_.shortfall.value > 0) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " could not be replaced" + held_back() + asked);
    }
}

/// N of M confirmed, and that is too little to be of use: what was confirmed is given back.
Awaitable<void> FlexEvent::compensate() {
    const std::string reason = "too few providers confirmed for the contracts to be of use";
    std::vector<Awaitable<Result<flex::Contract>>> ended = cancel_contracts(reason);
    const std::vector<Result<flex::Contract>> answers = co_await gather(std::move(ended));
    std::vector<audit::Draft> drafts;
    for (Assignment& assignment : record_.assignments) {
        assignment.state = "refused";
    }
    for (const Result<flex::Contract>& answer : answers) {
        if (!answer) {
            // The market goes on until the provider has answered.
            log::warn("a contract is not cancelled yet; its cancel is sent again",
                      {{"event", record_.id().value}, {"error", answer.error().message}});
            continue;
        }
        json::Object body = json::object({{"transaction", answer->transaction.value},
                                          {"provider", answer->provider},
                                          {"failure", reason},
                                          {"contract_after", flex::to_json(*answer)}});
        drafts.push_back(draft("order.ended", std::move(body)));
    }
    co_await note_all(std::move(drafts));
    refresh_totals(record_, now());
}

}  // namespace headroom::agents
