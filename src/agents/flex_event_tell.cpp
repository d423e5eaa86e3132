// What devices are told.
#include "agents/flex_event.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {

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
                Watts{std::llround(context_.parts.views.der_load_kw(assignment.der).value_or(0.0) * 1000.0)};
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

}  // namespace headroom::agents
