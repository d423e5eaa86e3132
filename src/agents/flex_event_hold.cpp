// An event while its window lasts: who is told, what is bought more, and what became of it at the end.
#include "agents/flex_event.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {

Awaitable<void> FlexEvent::hold() {
    const OrchestrationOptions& options = context_.options;
    // After a restart the DERs that were told are told again: their setpoints may have run out meanwhile.
    for (const Assignment& assignment : record_.assignments) {
        if (is_told(assignment)) {
            told_w_.try_emplace(assignment.der, assignment.power_w.at(now()));
        }
    }
    while (!cancelled_) {
        co_await tell();
        for (int attempt = 0; needs_more_ && attempt < 3 && !cancelled_; ++attempt) {
            needs_more_ = false;
            co_await procure_more(std::exchange(more_because_, {}));
            co_await tell();
        }
        if (now() >= record_.overload.end) {
            break;
        }
        const UtcTime next_period = floor_period(now()) + period_length;
        const UtcTime next = std::min({now() + options.watch_every, next_period, record_.overload.end});
        co_await pause_until(next);
        co_await take_market_changes();
        co_await take_more();
        co_await look_at_devices();
        look_at_load();
        co_await extend_if_needed();
    }

    std::vector<DispatchOrder> releases;
    for (Assignment& assignment : record_.assignments) {
        const grid::Der* der = context_.parts.network.der(assignment.der);
        if (der == nullptr || !is_told(assignment)) {
            continue;
        }
        DispatchOrder order = order_for(assignment, *der, now(), false);
        order.instruction.kind = dispatch::InstructionKind::release;
        order.instruction.value = Watts{0};
        order.instruction.change = Watts{0};
        order.instruction.expires = now() + options.setpoint_validity;
        assignment.instructions.push_back(order.instruction.id.value);
        assignment.state = "released";
        releases.push_back(std::move(order));
    }
    if (!releases.empty()) {
        const Result<std::vector<DispatchOutcome>> released =
            co_await context_.parts.dispatch.release(record_.id(), std::move(releases));
        if (!released) {
            log::warn("releases could not be sent; the setpoints expire by themselves",
                      {{"event", record_.id().value}, {"error", released.error().message}});
        }
    }
    std::vector<Awaitable<Result<flex::Contract>>> work;
    const std::vector<std::string> transactions = record_.transactions;
    for (const std::string& transaction : transactions) {
        work.push_back(cancelled_ ? cancel_one(transaction, cancelled_->reason) : complete_one(transaction));
    }
    std::vector<Result<flex::Contract>> contracts = co_await gather(std::move(work));
    for (Result<flex::Contract>& contract : contracts) {
        if (!contract) {
            continue;
        }
        audit::Draft ended{.type = "order.ended",
                           .actor = system_actor(),
                           .body = json::Object{{"transaction", contract->transaction.value},
                                                {"provider", contract->provider},
                                                {"contract_after", flex::to_json(*contract)}},
                           .corr = record_.id().value};
        context_.parts.journal.note(std::move(ended));
    }
    if (cancelled_) {
        co_await finish(EventState::cancelled, "cancelled", cancelled_->reason);
        co_return;
    }
    // Judged by what the meter at the limit says of each half-hour, not by what had been expected.
    const MeasuredWindow measured =
        measured_window(record_.overload, context_.parts.views.limit_period_mean_kw);
    const Watts shortfall = measured.excess;
    record_.shortfall = shortfall;
    if (shortfall.value > 0) {
        co_await alarm("shortfall", std::to_string((shortfall.value + 500) / 1000) +
                                        " kW stayed over the limit on " + describe(record_));
    }
    if (shortfall.value <= 0 && measured.unknown > 0) {
        const std::string note = "The meter at the limit gave no reading that can be believed in " +
                                 std::to_string(measured.unknown) + " of " +
                                 std::to_string(measured.half_hours) +
                                 " half-hours, so nothing shows that the load stayed within it.";
        co_await alarm("unmeasured", note);
        co_await finish_with_shortfall(shortfall, "unmeasured", note);
        co_return;
    }
    const bool is_relieved = shortfall.value <= 0;
    const std::string note =
        !is_relieved ? "The load was over the limit in at least one half-hour."
        : shortfall_held_w_ > 0
            ? "The load stayed within the limit, although not all of the expected need could be covered."
            : "The load stayed within the limit.";
    co_await finish_with_shortfall(shortfall, is_relieved ? "relieved" : "shortfall", note);
}

/// `finish` brings the totals up to date, which at the end of a window would forget what was short during it.
Awaitable<void> FlexEvent::finish_with_shortfall(Watts shortfall, std::string outcome, std::string note) {
    final_shortfall_ = shortfall;
    co_await finish(EventState::completed, std::move(outcome), std::move(note));
}

Awaitable<Result<flex::Contract>> FlexEvent::complete_one(std::string transaction) {
    Result<flex::Contract> contract = co_await stored_contract(std::move(transaction));
    if (!contract) {
        co_return contract;
    }
    co_return co_await context_.parts.market.status(std::move(*contract));
}

/// Plans, contracts and fires what is still uncovered, under the same authority; what goes beyond it waits
/// for a person.
Awaitable<void> FlexEvent::procure_more(std::string why) {
    if (is_more_open() || rounds_used() >= context_.options.rounds_max || !needs_top_up()) {
        shortfall_held_w_ = std::max(shortfall_held_w_, uncovered(record_, now()).value);
        co_return;
    }
    const Turns::Turn turn = co_await context_.turns.take(branch());
    const std::size_t before = record_.transactions.size();
    held_back_by_.clear();
    const bool may_act = co_await plan_round(std::move(why));
    if (may_act) {
        co_await contract_round(flex::ContractKind::spot);
    }
    const std::string asked = co_await ask_for_more();
    is_write_refused_ = false;  // asked for again while it is uncovered
    refresh_totals(record_, now());
    shortfall_held_w_ = record_.shortfall.value;
    if (record_.shortfall.value > 0 &&
        (record_.transactions.size() == before || rounds_used() >= context_.options.rounds_max)) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " could not be replaced" + held_back() + asked);
    }
}

}  // namespace headroom::agents
