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
    // A process was killed behind its last round, whose plan was for a person.
    const bool is_unapproved = !plan && plan.error().code == Errc::conflict;
    if (!plan && !is_unapproved) {
        co_await alarm("no_plan", plan.error().message);
        co_await finish(EventState::failed, "shortfall", plan.error().message);
        co_return;
    }
    held_back_by_.clear();
    if (plan) {
        plan_ = std::move(*plan);
        co_await contract_round(kind);
    }
    if (std::exchange(is_write_refused_, false)) {
        record_.state = EventState::proposed;
        co_await put_off();
        co_return;
    }
    // Providers that failed, or committed less than asked, leave a gap for the next round, be it of power or
    // of certainty alone.
    const auto next_step = [this](bool may_top_up) {
        refresh_totals(record_, now());
        const bool may_buy = context_.options.partial != PartialPolicy::keep && may_top_up;
        const Watts open = uncovered(record_, now());
        return open.value <= 0 && may_buy && needs_top_up()
                   ? PartialStep::top_up
                   : after_contracts(context_.options.partial, record_.required, open, may_top_up,
                                     context_.options.partial_least_ppm);
    };
    while (!is_unapproved && !cancelled_ &&
           next_step(rounds_used() < context_.options.rounds_max / 2) == PartialStep::top_up) {
        std::string why = held_back_by_.empty() ? "providers committed less than planned"
                                                : "others bought first: " + held_back_by_;
        const bool may_act = co_await plan_round(std::move(why));
        if (!may_act) {
            break;
        }
        co_await contract_round(kind);
    }
    const bool is_unsure = std::exchange(is_write_refused_, false);
    if (cancelled_) {
        co_await finish(EventState::cancelled, "cancelled", cancelled_->reason);
        co_return;
    }
    const bool was_any = std::any_of(record_.assignments.begin(), record_.assignments.end(), is_live);
    if (!was_any && (is_unapproved || is_unsure || is_for_a_person())) {
        co_await go_back_to_proposed(is_unsure);
        co_return;
    }
    if (is_unapproved && needs_top_up()) {
        needs_more_ = true;
        more_because_ = "what was planned before the restart was not approved";
    }
    if (next_step(false) == PartialStep::compensate) {
        co_await compensate();
    }
    const bool any = std::any_of(record_.assignments.begin(), record_.assignments.end(), is_live);
    if (any) {
        record_.state = kind == flex::ContractKind::availability ? EventState::armed : EventState::notified;
    }
    refresh_totals(record_, now());
    const std::string asked = any ? co_await ask_for_more() : "";
    if (record_.shortfall.value > 0) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " are not covered by any contract" + held_back() +
                                        asked);
    }
    if (!any) {
        co_await finish(EventState::failed, "shortfall",
                        "No provider confirmed" + held_back() + "; the overload stands uncovered.");
        co_return;
    }
    if (kind == flex::ContractKind::spot) {
        fired_ = detected_;
        stamp("fired");
    }
    co_await note_state();
}

/// Nothing came of the plan: the next one is for a person, or is made anew.
Awaitable<void> FlexEvent::go_back_to_proposed(bool is_unsure) {
    record_.state = EventState::proposed;
    record_.approved_by.clear();
    if (is_unsure) {
        co_await put_off();
        co_return;
    }
    is_asked_again_ = is_for_a_person();
    json::Object body = json::object({{"state", std::string(to_string(record_.state))},
                                      {"why", "no provider confirmed" + held_back()},
                                      {"plan_sha256", record_.plan_sha256},
                                      {"authority_reason", record_.authority_reason}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
}

Awaitable<void> FlexEvent::note_state() {
    json::Object body = json::object({{"state", std::string(to_string(record_.state))},
                                      {"contracted_w", record_.contracted.value},
                                      {"shortfall_w", record_.shortfall.value}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
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
    const UtcTime look_at = is_week_ahead() ? std::min(fire_at, next_look()) : fire_at;
    co_await pause_until(look_at);
    if (!cancelled_ && !breached_ && (!market_changes_.empty() || more_answer_)) {
        co_return;  // taken first, then waited for again
    }
    if (is_week_ahead() && !cancelled_ && !breached_) {
        const bool stands = co_await review_armed();
        if (!stands || look_at < fire_at) {
            co_return;  // released, or looked at again
        }
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
