// An element is lost: the plan on the shelf is used.
#include "agents/contingency.hpp"
#include "agents/contingency_sweep.hpp"
#include "contingency/order_checks.hpp"
#include "contingency/shelf_input.hpp"
#include "contingency/transfer.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

/// Larger plans do not stand in an entry themselves.
constexpr std::size_t plan_inline_bytes_max = 48'000;
constexpr milliseconds shelf_hours = period_length * static_cast<std::int64_t>(contingency::shelf_periods);

bool is_lost(grid::OperationalState state) {
    return state == grid::OperationalState::outage || state == grid::OperationalState::isolated;
}
bool is_supplied(grid::OperationalState state) {
    return state == grid::OperationalState::normal || state == grid::OperationalState::abnormal ||
           state == grid::OperationalState::restoring;
}

std::int64_t wall_us_between(SteadyTime from, SteadyTime to) {
    return static_cast<std::int64_t>(milliseconds_between(from, to) * 1000.0);
}

}  // namespace

std::int64_t lasting_power_w(const grid::Der& der, std::optional<double> load_kw) {
    std::int64_t power = der.turn_down_max.value;
    const bool only_consumes = der.der_class != grid::DerClass::battery &&
                               der.der_class != grid::DerClass::generator &&
                               der.der_class != grid::DerClass::other;
    if (only_consumes && load_kw) {
        power = std::min(power, std::max<std::int64_t>(0, std::llround(*load_kw * 1000.0)));
    }
    if (der.energy.value > 0) {
        const std::int64_t hours_long = std::chrono::duration_cast<hours>(shelf_hours).count();
        power = std::min(power, der.energy.value / hours_long);
    }
    return power;
}

std::int64_t notice_minutes(const grid::Der& der) {
    const std::int64_t ramp_ms =
        der.ramp_w_per_s <= 0 ? 0 : der.turn_down_max.value * 1000 / der.ramp_w_per_s;
    return (der.notice.count() + ramp_ms + 59'999) / 60'000;
}

void Contingency::on_state(const std::string& element, const grid::StateEntry& before,
                           const grid::StateEntry& after) {
    if (!is_supplied(before.state) || !is_lost(after.state)) {
        return;
    }
    // Whoever told is about to hand the new state to the log: it stands there ahead of what follows from it.
    asio::post(parts_.executor,
               [this, alive = std::weak_ptr<bool>(is_alive_), element, after, detected = steady_now()] {
                   if (!alive.expired()) {
                       spawn(parts_.executor, use(element, after, detected));
                   }
               });
}

audit::Draft Contingency::draft_of(const ShelfUse& use, std::string type, json::Object body) const {
    json::Array events;
    for (const EventId& event : use.events) {
        events.emplace_back(event.value);
    }
    body.set("element", use.element)
        .set("at", format_utc(use.at))
        .set("state", use.state)
        .set("source", use.source)
        .set("events", std::move(events))
        .set("plan_sha256", use.plan_sha256)
        .set("carried_out", use.carried_out)
        .set("detail", use.detail);
    return {.type = std::move(type),
            .actor = system_actor(),
            .body = std::move(body),
            .corr = use.events.empty() ? "" : use.events.front().value};
}

/// The plan as it lay on the shelf; what it says counts from the loss on.
Awaitable<void> Contingency::use(std::string element, grid::StateEntry after, SteadyTime detected) {
    const contingency::ShelfPlan* ready = shelf_->plan(element);
    ShelfUse made;
    made.element = element;
    made.at = parts_.clock.now();
    made.state = std::string(grid::to_string(after.state));
    made.source = after.person.empty() ? after.source : after.person;
    if (ready == nullptr || !ready->is_load_known || !ready->is_energised) {
        made.carried_out = "shadow";
        made.detail = ready == nullptr ? "there was no plan for " + element + " yet" : ready->reason;
        if (ready != nullptr) {
            made.plan = *ready;
        }
    } else {
        made.plan = *ready;
        made.carried_out = made.plan.mode == "shadow"  ? "shadow"
                           : !made.plan.doubts.empty() ? "propose"
                                                       : "act";
        made.detail = made.carried_out == "propose"
                          ? element + " is lost, outside of what is known well (" +
                                made.plan.doubts.front().detail + "): somebody must choose a way"
                          : element + " is lost: " + made.plan.reason;
    }
    if (!made.plan.element.empty()) {
        made.plan_sha256 = contingency::plan_sha256(made.plan);
    }
    Orders orders = made.carried_out == "act" ? orders_of(made) : Orders{};
    // Taken now, written down when the orders are on their way: the network may be another one by then.
    std::optional<contingency::ShelfInput> input;
    if (const std::size_t at = network_->find(element);
        ready != nullptr && shelf_->made_from(at) != nullptr) {
        input = contingency::input_for(*network_, *shelf_->made_from(at), at);
    }
    json::Object body;
    json::Value plan = to_json(made.plan);
    const Result<std::string> canonical = json::write_canonical(plan);
    if (canonical && canonical->size() > plan_inline_bytes_max) {
        Result<json::Value> blob = co_await parts_.journal.put_blob(*canonical);
        if (blob) {
            body.set("plan_blob", std::move(*blob));
        }
    } else {
        body.set("plan", std::move(plan));
    }
    // In the log ahead of whatever its events write: none of them sends anything before that is durable.
    parts_.journal.note(draft_of(made, "shelf.used", std::move(body)));
    if (made.carried_out != "act") {
        json::Object alarm =
            json::object({{"kind", "element_lost"},
                          {"feeder", element},
                          {"pathways", static_cast<std::int64_t>(made.plan.pathways.size())}});
        parts_.journal.note(draft_of(made, "alarm.raised", std::move(alarm)));
    }
    uses_.push_back(std::move(made));
    if (uses_.size() > shelf_uses_kept) {
        uses_.pop_front();
    }
    ShelfUse used = uses_.back();
    if (used.carried_out == "act") {
        Caller caller{.id = "shelf",
                      .kind = "system",
                      .role = "engineer",
                      .ip = {},
                      .reason = "the plan for the loss of " + element};
        co_await begin_orders(used, std::move(orders), std::move(caller), detected);
    }
    if (input) {
        co_await keep_input(std::move(used), std::move(*input));
    }
}

/// What the plan was made from: a replay makes it again. Under each of its events, or, where there are none,
/// under the element.
Awaitable<void> Contingency::keep_input(ShelfUse use, contingency::ShelfInput input) {
    std::string bytes = json::write(contingency::to_json(input));
    Result<json::Value> blob = co_await parts_.journal.put_blob(std::move(bytes));
    if (!blob) {
        log::error("what a plan of the shelf was made from could not be kept",
                   {{"element", use.element}, {"error", blob.error().message}});
        co_return;
    }
    std::vector<std::string> under;
    for (const EventId& event : use.events) {
        under.push_back(event.value);
    }
    if (under.empty()) {
        under.push_back(use.element);
    }
    for (const std::string& corr : under) {
        parts_.journal.note({.type = "shelf.evidence",
                             .actor = system_actor(),
                             .body = json::object({{"decision", "shelf.plan"},
                                                   {"element", use.element},
                                                   {"at", format_utc(use.at)},
                                                   {"plan_sha256", use.plan_sha256},
                                                   {"input_blob", *blob}}),
                             .corr = corr});
    }
}

/// Whom the plan's orders concern; the use names their events from here on.
Contingency::Orders Contingency::orders_of(ShelfUse& use) {
    Orders out;
    for (const contingency::ShelfOrder& order : use.plan.orders) {
        if (order.guard != "pass") {
            continue;
        }
        if (!order.event.empty()) {
            out.fire.push_back(EventId{order.event});
            use.events.push_back(EventId{order.event});
            continue;
        }
        const std::optional<contingency::ShelfCall> call = call_of(use, order);
        Result<risk::Overload> overload =
            call ? contingency::overload_of(*call) : Result<risk::Overload>(Error{Errc::invalid, "no limit"});
        if (overload) {
            use.events.push_back(overload->event);
            out.buy.emplace_back(std::move(*overload), contingency::to_json(*call));
        }
    }
    for (const EventId& event : use.events) {
        started_for_[event.value] = use.element;
    }
    return out;
}

/// Armed events first: nothing has to be bought for these.
Awaitable<void> Contingency::begin_orders(ShelfUse& use, Orders orders, Caller caller, SteadyTime detected) {
    begun_[use.element] = detected;
    for (const EventId& event : orders.fire) {
        parts_.orchestration.breach(event);
    }
    for (auto& [overload, input] : orders.buy) {
        const std::string event = overload.event.value;
        Caller by = caller;
        json::Object evidence{{"decision", "shelf.order"}, {"input", std::move(input)}};
        const Result<EventId> started = co_await parts_.orchestration.call_for(
            std::move(overload), std::nullopt, std::move(by), std::move(evidence));
        if (!started) {
            log::error("an order of the shelf was not begun",
                       {{"element", use.element}, {"event", event}, {"error", started.error().message}});
        }
    }
    use.started_us = wall_us_between(detected, steady_now());
    for (auto kept = uses_.rbegin(); kept != uses_.rend(); ++kept) {
        if (kept->element == use.element) {
            use.first_command_us = kept->first_command_us;
            *kept = use;
            break;
        }
    }
}

/// Nothing for an order at a feeder without a limit of its own.
std::optional<contingency::ShelfCall> Contingency::call_of(const ShelfUse& use,
                                                           const contingency::ShelfOrder& order) const {
    const std::size_t feeder = network_->find(order.feeder);
    if (feeder == contingency::ShelfNetwork::none) {
        return std::nullopt;
    }
    const std::size_t phase =
        contingency::phase_place(grid::parse_phase(order.phase).value_or(grid::Phase::sum));
    const contingency::PhaseLimits* limit = contingency::limit_for(*network_, feeder, phase);
    if (limit == nullptr || limit->is_nameplate) {
        return std::nullopt;
    }
    return contingency::ShelfCall{.element = use.element,
                                  .at = use.at,
                                  .plan_start = use.plan.start,
                                  .plan_sha256 = use.plan_sha256,
                                  .order = order,
                                  .limit = parts_.network.limits()[limit->position]};
}

/// The first instruction that an event of a used plan sends.
void Contingency::on_entry(const audit::Entry& entry) {
    if (entry.type != "dispatch.order.sent" && entry.type != "dispatch.order.ack") {
        return;
    }
    const auto started = started_for_.find(entry.corr);
    if (started == started_for_.end()) {
        return;
    }
    const std::string element = started->second;
    const auto begun = begun_.find(element);
    const std::optional<EventRecord> record = parts_.orchestration.event(EventId{entry.corr});
    const Moment* sent = record ? record->moment("sent_first") : nullptr;
    for (auto use = uses_.rbegin(); use != uses_.rend() && begun != begun_.end(); ++use) {
        if (use->element == element && use->first_command_us < 0) {
            // This entry is durable after the command has left: the later of the two.
            use->first_command_us = wall_us_between(begun->second, steady_now());
            const bool is_bought =
                sent != nullptr && sent->wall_us >= 0 && record->overload.source == "shelf";
            parts_.journal.note(draft_of(
                *use, "shelf.first_command",
                json::object({{"event", entry.corr},
                              {"first_command_us", use->first_command_us},
                              {"event_sent_first_us", is_bought ? sent->wall_us : std::int64_t{-1}}})));
            break;
        }
    }
}

Awaitable<Result<ShelfUse>> Contingency::carry_out(std::string element, Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    const auto found = std::find_if(uses_.rbegin(), uses_.rend(),
                                    [&](const ShelfUse& use) { return use.element == element; });
    if (found == uses_.rend()) {
        co_return Error{Errc::not_found, "no plan was used for " + element};
    }
    if (found->carried_out != "propose") {
        co_return Error{Errc::conflict, "the plan for " + element + " does not wait for anybody; it is '" +
                                            found->carried_out + "'"};
    }
    if (parts_.clock.now() >= found->plan.start + shelf_hours) {
        co_return Error{Errc::conflict, "the plan for " + element + " is over"};
    }
    found->carried_out = "act";
    found->detail = "carried out by " + caller.id + ": " + caller.reason;
    Orders orders = orders_of(*found);
    ShelfUse begun = *found;
    audit::Draft entry = draft_of(begun, "shelf.used", json::object({{"reason", caller.reason}}));
    entry.actor = actor_of(caller);
    parts_.journal.note(std::move(entry));
    co_await begin_orders(begun, std::move(orders), std::move(caller), steady_now());
    co_return begun;
}

}  // namespace headroom::agents
