#include "agents/flex_event.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

constexpr int over_in_a_row_for_more = 2;
/// After more has been bought, the load is given this many looks before more is asked for again.
constexpr int patience_after_more = -3;
/// The last minutes of a window, in which it is decided whether it must grow.
constexpr milliseconds before_end{minutes{5}};
/// A top-up asks for a twentieth more than the excess that was seen.
constexpr double top_up_factor = 1.05;

bool is_told(const Assignment& assignment) {
    return assignment.state == "told" || assignment.state == "following";
}

std::int64_t in_watts(double kw) {
    return static_cast<std::int64_t>(std::llround(kw * 1000.0));
}

}  // namespace

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

DispatchOrder FlexEvent::order_for(const Assignment& assignment, const grid::Der& der, UtcTime from,
                                   bool is_renewal) const {
    DispatchOrder order;
    order.instruction = instruction_for(record_, assignment, der, from, context_.options.setpoint_validity);
    order.guard = guard_question_for(record_, assignment, context_.parts.network, der, is_renewal,
                                     strictest_state(der));
    order.guard.stop_all = is_stopped_above(der);
    order.guard.named_person = !record_.approved_by.empty() && !record_.approved_by.starts_with("envelope ");
    return order;
}

/// Tells every DER whose power changes now, or whose setpoint must be renewed.
Awaitable<void> FlexEvent::tell() {
    std::vector<std::size_t> indices;
    std::vector<DispatchOrder> orders;
    std::int64_t sent_w = 0;
    for (const auto& [der, power] : told_w_) {
        sent_w += power;
    }
    for (std::size_t i = 0; i < record_.assignments.size(); ++i) {
        Assignment& assignment = record_.assignments[i];
        const grid::Der* der = context_.parts.network.der(assignment.der);
        if (!is_live(assignment) || der == nullptr || now() >= record_.overload.end) {
            continue;
        }
        // Fired ahead of the window, a device is told now what it shall do from the window's start, so that
        // one which does not answer can still be replaced in time.
        const UtcTime from = assignment.state == "armed" ? std::max(now(), record_.overload.start) : now();
        const std::int64_t power = assignment.power_w.at(from);
        const auto told = told_w_.find(assignment.der);
        const auto last = last_told_.find(assignment.der);
        const bool is_running = told != told_w_.end() && told->second > 0;
        const bool same = is_running && told->second == power;
        if (same && last != last_told_.end() && now() < last->second + context_.options.renew_every) {
            continue;
        }
        if (power <= 0 && !is_running) {
            continue;
        }
        if (assignment.state == "armed") {
            assignment.baseline =
                Watts{in_watts(context_.parts.views.der_load_kw(assignment.der).value_or(0.0))};
        }
        DispatchOrder order = order_for(assignment, *der, from, is_running);
        order.guard.event_power_sent = Watts{sent_w - (is_running ? told->second : 0)};
        sent_w += power - (is_running ? told->second : 0);
        assignment.instructions.push_back(order.instruction.id.value);
        indices.push_back(i);
        orders.push_back(std::move(order));
    }
    if (orders.empty()) {
        co_return;
    }
    const bool first = record_.state == EventState::notified;
    Result<std::vector<DispatchOutcome>> outcomes =
        co_await context_.parts.dispatch.instruct(std::move(orders));
    if (!outcomes) {
        log::error("nothing was sent: the intents could not be made durable",
                   {{"event", record_.id().value}, {"error", outcomes.error().message}});
        co_return;
    }
    SteadyTime first_sent = SteadyTime::max();
    SteadyTime last_sent = SteadyTime::min();
    bool changed = first;
    json::Array failed;
    for (std::size_t k = 0; k < outcomes->size(); ++k) {
        const DispatchOutcome& outcome = (*outcomes)[k];
        Assignment& assignment = record_.assignments[indices[k]];
        assignment.instructions.back() =
            outcome.instruction.id.value;  // the agent's, should ours have been taken
        if (outcome.sent != SteadyTime{}) {
            first_sent = std::min(first_sent, outcome.sent);
            last_sent = std::max(last_sent, outcome.sent);
        }
        if (outcome.instruction.state == dispatch::InstructionState::acked) {
            if (assignment.state == "armed") {
                assignment.state = "told";
                told_since_[assignment.der] = std::max(now(), outcome.instruction.start);
                changed = true;
            }
            told_w_[assignment.der] = outcome.instruction.change.value;
            last_told_[assignment.der] = now();
            stamp("acked");
            continue;
        }
        changed = true;
        assignment.state =
            outcome.instruction.state == dispatch::InstructionState::timeout ? "silent" : "refused";
        told_w_.erase(assignment.der);
        failed.emplace_back(
            json::Object{{"der", assignment.der},
                         {"order", outcome.instruction.id.value},
                         {"state", std::string(dispatch::to_string(outcome.instruction.state))},
                         {"detail", outcome.detail}});
    }
    if (first) {
        record_.state = EventState::active;
        const std::optional<SteadyTime> reference = fired_ ? fired_ : detected_;
        stamp_at("sent_first", first_sent);
        stamp_at("sent_last", last_sent);
        if (reference && last_sent != SteadyTime::min()) {
            record_.detection_to_dispatch_us =
                static_cast<std::int64_t>(milliseconds_between(*reference, last_sent) * 1000.0);
        }
    }
    refresh_totals(record_, now());
    if (!failed.empty() && record_.shortfall.value > 0) {
        needs_more_ = true;
        more_because_ = "devices that did not take their instruction are replaced";
    }
    if (changed) {
        std::vector<audit::Draft> drafts;
        if (!failed.empty()) {
            drafts.push_back(
                draft("dispatch.replace",
                      json::Object{{"failed", std::move(failed)}, {"uncovered_w", record_.shortfall.value}}));
        } else {
            drafts.push_back(
                draft("event.state", json::Object{{"state", std::string(to_string(record_.state))}}));
        }
        const Result<void> written = co_await write(std::move(drafts));
        if (!written) {
            log::error("the state of an event could not be written down",
                       {{"event", record_.id().value}, {"error", written.error().message}});
        }
    }
}

void FlexEvent::stamp_at(std::string name, SteadyTime when) {
    if (when == SteadyTime::max() || when == SteadyTime::min()) {
        return;
    }
    const std::int64_t wall_us =
        detected_ ? static_cast<std::int64_t>(milliseconds_between(*detected_, when) * 1000.0) : -1;
    record_.stamp(std::move(name), now(), wall_us);
}

/// Plans, contracts and fires what is still uncovered, under the same authority.
Awaitable<void> FlexEvent::procure_more(std::string why) {
    if (rounds_used() >= context_.options.rounds_max || uncovered(record_, now()).value <= 0) {
        shortfall_held_w_ = std::max(shortfall_held_w_, uncovered(record_, now()).value);
        co_return;
    }
    const Turns::Turn turn = co_await context_.turns.take(branch());
    const std::size_t before = record_.transactions.size();
    const bool may_act = co_await plan_round(std::move(why));
    if (may_act) {
        co_await contract_round(flex::ContractKind::spot);
    }
    is_write_refused_ = false;  // asked for again while it is uncovered
    refresh_totals(record_, now());
    shortfall_held_w_ = record_.shortfall.value;
    if (record_.shortfall.value > 0 &&
        (record_.transactions.size() == before || rounds_used() >= context_.options.rounds_max)) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " could not be replaced");
    }
}

/// Whether each device does what it acknowledged; one that does not is counted out and replaced.
Awaitable<void> FlexEvent::look_at_devices() {
    json::Array failed;
    const bool up = record_.overload.limit.direction == grid::Direction::export_;
    for (Assignment& assignment : record_.assignments) {
        const auto change = told_w_.find(assignment.der);
        if (!is_told(assignment) || change == told_w_.end() || change->second <= 0) {
            continue;
        }
        const std::optional<double> load_kw = context_.parts.views.der_load_kw(assignment.der);
        if (!load_kw) {
            continue;
        }
        const std::int64_t moved = up ? in_watts(*load_kw) - assignment.baseline.value
                                      : assignment.baseline.value - in_watts(*load_kw);
        if (moved * 2 >= change->second) {
            assignment.state = "following";
            stamp("responding");
            continue;
        }
        const auto since = told_since_.find(assignment.der);
        const UtcTime told = since == told_since_.end() ? now() : since->second;
        told_since_.try_emplace(assignment.der, told);
        if (assignment.state == "told" && now() - told >= context_.options.respond_within) {
            assignment.state = "silent";
            told_w_.erase(change);
            failed.emplace_back(
                json::Object{{"der", assignment.der}, {"state", "not_following"}, {"moved_w", moved}});
        }
    }
    if (failed.empty()) {
        co_return;
    }
    refresh_totals(record_, now());
    if (record_.shortfall.value > 0) {
        needs_more_ = true;
        more_because_ = "devices that acknowledged but do not follow are replaced";
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("dispatch.replace", json::Object{{"failed", std::move(failed)},
                                                            {"uncovered_w", record_.shortfall.value}}));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("a replacement could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
}

std::optional<std::int64_t> FlexEvent::excess_w() const {
    const std::optional<double> load_kw = context_.parts.views.limit_load_kw(record_.overload);
    if (!load_kw) {
        return std::nullopt;
    }
    const bool up = record_.overload.limit.direction == grid::Direction::export_;
    return in_watts((up ? -*load_kw : *load_kw) - record_.overload.limit.value);
}

/// Watches the limit itself: when it stays exceeded although everybody follows, more is bought.
void FlexEvent::look_at_load() {
    const std::optional<std::int64_t> excess = excess_w();
    if (!excess || record_.state != EventState::active || now() < record_.overload.start) {
        return;
    }
    if (*excess <= 0) {
        over_in_a_row_ = std::min(over_in_a_row_, 0);
        stamp("relieved");
        return;
    }
    over_in_a_row_ += 1;
    if (over_in_a_row_ < over_in_a_row_for_more) {
        return;
    }
    const std::vector<std::int64_t> relief = committed_relief(record_);
    risk::PeriodPower& need = record_.overload.need;
    const auto more = static_cast<std::int64_t>(std::llround(static_cast<double>(*excess) * top_up_factor));
    for (std::size_t slot = 0; slot < need.w.size(); ++slot) {
        if (need.start + period_length * static_cast<std::int64_t>(slot + 1) > now()) {
            need.w[slot] = std::max(need.w[slot], relief[slot] + more);
        }
    }
    refresh_totals(record_, now());
    over_in_a_row_ = patience_after_more;
    if (rounds_used() >= context_.options.rounds_max) {
        return;
    }
    needs_more_ = true;
    more_because_ = "the load is still over the limit";
}

/// Shortly before the end: when the load without relief would still be over the limit, the window grows by a
/// half-hour.
Awaitable<void> FlexEvent::extend_if_needed() {
    if (extensions_ >= context_.options.extensions_max || now() + before_end < record_.overload.end ||
        now() >= record_.overload.end) {
        co_return;
    }
    const std::optional<std::int64_t> excess = excess_w();
    if (!excess) {
        co_return;
    }
    std::int64_t relief_w = 0;
    for (const Assignment& assignment : record_.assignments) {
        if (assignment.state == "following") {
            relief_w += assignment.power_w.at(now()) * assignment.relief_ppm / 1'000'000;
        }
    }
    const std::int64_t without = *excess + relief_w;
    if (without <= 0 || extended_to_ == record_.overload.end + period_length) {
        co_return;
    }
    extensions_ += 1;
    record_.extended = true;
    extended_to_ = record_.overload.end + period_length;
    record_.overload.end += period_length;
    record_.overload.need.w.push_back(
        static_cast<std::int64_t>(std::llround(static_cast<double>(without) * top_up_factor)));
    refresh_totals(record_, now());
    needs_more_ = record_.shortfall.value > 0;
    more_because_ = "the load would still be over the limit at the end of the window";
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", json::Object{{"state", "active"},
                                                       {"extended_to", format_utc(record_.overload.end)},
                                                       {"without_w", without}}));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("an extension could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
}

}  // namespace headroom::agents
