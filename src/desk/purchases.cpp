#include "desk/purchases.hpp"

#include "agents/direct_purchase.hpp"
#include "core/json_object.hpp"
#include "desk/amounts.hpp"
#include "desk/page.hpp"
#include "desk/purchase_parts.hpp"
#include "flex/event_plan.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

/// Domain time in which an event makes its contracts: far longer than the market's own deadlines together, as
/// a simulated clock runs ahead in steps of minutes.
constexpr milliseconds settles_within = minutes{10};

constexpr std::array<std::pair<std::string_view, grid::DerClass>, 4> actions{{
    {"dispatch_battery_discharge", grid::DerClass::battery},
    {"reduce_ev_load", grid::DerClass::ev_charger},
    {"shift_hvac_load", grid::DerClass::hvac},
    {"deploy_mobile_generator", grid::DerClass::generator},
}};

/// How far it came, by the last answer that was taken.
std::string reached(const Parts& parts, const EventId& event) {
    std::string status = "failed";
    for (const agents::MessageTrace& message : parts.market.trace(event)) {
        if (message.outcome != "ACK") {
            continue;
        }
        status = message.action == "on_search" || message.action == "on_discover" ? "searched"
                 : message.action == "on_select"                                  ? "selected"
                 : message.action == "on_init"                                    ? "initialised"
                 : message.action == "on_confirm"                                 ? "confirmed"
                                                                                  : status;
    }
    return status;
}

json::Object entry_for(const PurchaseAction& action, std::string status) {
    return json::object({{"asset_id", action.asset},
                         {"service_type", action.action_type},
                         {"provider", ""},
                         {"status", std::move(status)}});
}

json::Array only(json::Object entry) {
    json::Array out;
    out.emplace_back(std::move(entry));
    return out;
}

json::Object hindered(const PurchaseAction& action, std::string why) {
    json::Object entry = entry_for(action, "failed");
    entry.set("detail", std::move(why));
    return entry;
}

/// What the class has on the feeder: what is asked for where nobody says how much.
Watts all_of_class(const grid::Network& network, const std::string& feeder, grid::DerClass der_class) {
    Watts sum{};
    for (const grid::Der* der : network.ders_on(feeder)) {
        sum += der->der_class == der_class ? der->turn_down_max : Watts{};
    }
    return sum;
}

/// Why nothing new may be bought at this feeder; nothing when it may.
std::optional<std::string> stop_above(const Parts& parts, const std::string& feeder) {
    if (parts.dispatch.is_stopped("")) {
        return "everything new is stopped";
    }
    for (const std::string_view asset : parts.network.path_to_top(feeder)) {
        if (parts.dispatch.is_stopped(std::string(asset))) {
            return "everything new is stopped at " + std::string(asset);
        }
    }
    return std::nullopt;
}

json::Object confirmed_entry(const Parts& parts, const PurchaseAction& action, const EventId& event,
                             const ContractAnswer& contract) {
    json::Object entry = entry_for(action, "confirmed");
    const double kwh = [&] {
        double sum = 0.0;
        for (const ContractLineAnswer& line : contract.lines) {
            for (const double kw : line.kw) {
                sum += kw / 2.0;  // for a half-hour
            }
        }
        return sum;
    }();
    entry.set("provider", contract.provider);
    entry.set("event_id", event.value);
    entry.set("transaction_id", contract.transaction_id);
    entry.set("order_id", contract.order_id);
    entry.set("order_state", "Created");
    entry.set("quote",
              json::object({{"price_gbp_per_kwh", kwh > 0.0 ? contract.cost_gbp / kwh : 0.0},
                            {"terms", "paid for what the meter shows; " + contract.kind + " contract"}}));
    entry.set("price_gbp", contract.cost_gbp);
    entry.set("timeline", timeline(parts, event, contract.provider));
    return entry;
}

/// What the event says that bought nothing (yet).
json::Object unbought_entry(const Parts& parts, const PurchaseAction& action,
                            const agents::EventRecord& record) {
    json::Object entry = entry_for(action, reached(parts, record.id()));
    entry.set("event_id", record.id().value);
    const bool waits = parts.orchestration.waits_for_approval(record.id());
    entry.set("detail",
              waits ? "a person must approve plan " + record.plan_sha256 + ": " + record.authority_reason
              : record.note.empty() ? "no contract was made yet"
                                    : record.note);
    entry.set("timeline", timeline(parts, record.id(), ""));
    return entry;
}

Awaitable<json::Array> by_event(Desk& desk, PurchaseAction action, grid::DerClass der_class, Caller caller) {
    const Parts& parts = desk.parts();
    const Watts power =
        action.power.value > 0 ? action.power : all_of_class(parts.network, action.asset, der_class);
    if (power.value <= 0) {
        co_return only(hindered(action, "feeder " + action.asset + " has no " +
                                            std::string(grid::to_string(der_class)) + " to ask"));
    }
    agents::ReliefRequest wanted{.feeder = action.asset,
                                 .only_class = der_class,
                                 .power = power,
                                 .from = action.target.value_or(parts.clock.now()),
                                 .half_hours = action.half_hours};
    const Result<EventId> event = co_await parts.orchestration.request(std::move(wanted), std::move(caller));
    if (!event) {
        co_return only(hindered(action, event.error().message));
    }
    const UtcTime deadline = parts.clock.now() + settles_within;
    const Result<agents::EventRecord> record = co_await parts.orchestration.settled(*event, deadline);
    if (!record) {
        co_return only(hindered(action, record.error().message));
    }
    // Contracts of the moment are facts that may still be on their way into the records.
    const Result<void> written = co_await parts.journal.flush();
    if (!written) {
        co_return only(hindered(action, written.error().message));
    }
    EventId id = *event;
    PageRequest page;
    page.limit = 100;
    const Result<Page<ContractAnswer>> contracts = co_await desk.events().orders(std::move(id), page);
    json::Array entries;
    for (const ContractAnswer& contract : contracts ? contracts->items : std::vector<ContractAnswer>{}) {
        if (!contract.order_id.empty() && contract.state != "failed" && contract.state != "cancelled") {
            json::Object entry = confirmed_entry(parts, action, *event, contract);
            entry.set("activated_at", record->moment("fired") != nullptr
                                          ? json::Value(format_utc(record->moment("fired")->at))
                                      : record->moment("sent_first") != nullptr
                                          ? json::Value(format_utc(record->moment("sent_first")->at))
                                          : json::Value());
            const minutes eta = std::chrono::ceil<minutes>(
                std::max(record->overload.start - parts.clock.now(), milliseconds{0}));
            entry.set("eta_minutes", static_cast<std::int64_t>(eta.count()));
            entries.emplace_back(std::move(entry));
        }
    }
    co_return entries.empty() ? only(unbought_entry(parts, action, *record)) : std::move(entries);
}

/// The need as the market is asked for it.
risk::Overload wanted_at(const PurchaseAction& action, EventId id, UtcTime from, Watts power) {
    risk::Overload out;
    out.event = std::move(id);
    out.feeder = action.asset;
    out.limit.asset = action.asset;
    out.cause = risk::Cause::person;
    out.start = from;
    out.end = from + period_length * action.half_hours;
    out.need = {from, std::vector<std::int64_t>(static_cast<std::size_t>(action.half_hours),
                                                std::max<std::int64_t>(power.value, 1))};
    return out;
}

/// What was bought from one provider, or how far it came.
json::Object purchase_entry(const Parts& parts, const PurchaseAction& action, const EventId& id,
                            const agents::DirectPurchase& bought) {
    const flex::Contract& contract = bought.contract;
    json::Object entry = entry_for(action, bought.is_made ? "confirmed" : reached(parts, id));
    std::int64_t peak = 0;
    WattHours energy{};
    milliseconds notice{};
    for (const flex::PlanLine& line : contract.lines) {
        peak += *std::max_element(line.power_w.values.begin(), line.power_w.values.end());
        energy += line.energy;
        notice = std::max(notice, line.offer.notice);
    }
    const std::string baseline = contract.lines.front().offer.baseline_method;
    const double pounds = gbp_of(contract.quoted.value);
    const double kwh = kwh_of(energy.value);
    entry.set("provider", contract.provider);
    entry.set("transaction_id", contract.transaction.value);
    entry.set("order_id", contract.order_id);
    entry.set("order_state", bought.is_made ? "Created" : "");
    entry.set("power_kw", kw_of(peak));
    entry.set("quote",
              json::object({{"price_gbp_per_kwh", kwh > 0.0 ? pounds / kwh : 0.0},
                            {"terms", "paid for what the meter shows; baseline " +
                                          (baseline.empty() ? std::string("as agreed") : baseline)}}));
    entry.set("price_gbp", pounds);
    entry.set("eta_minutes", static_cast<std::int64_t>(std::chrono::ceil<minutes>(notice).count()));
    entry.set("activated_at",
              bought.is_made ? json::Value(format_utc(contract.lines.front().power_w.start)) : json::Value());
    entry.set("timeline", timeline(parts, id, contract.provider));
    if (!bought.is_made) {
        entry.set("detail", bought.failure.empty() ? "the provider did not confirm" : bought.failure);
    }
    return entry;
}

/// Why a plan bought nothing.
std::string nothing_because(const PurchaseAction& action, grid::DerClass der_class,
                            const std::vector<flex::Offer>& offers, const Result<flex::EventPlan>& plan) {
    if (!plan) {
        return plan.error().message;
    }
    if (offers.empty()) {
        return "no provider offers a " + std::string(grid::to_string(der_class)) + " at " + action.asset +
               " at that time";
    }
    if (!plan->notes.refused.empty()) {
        return plan->notes.refused.front().offer + ": " + plan->notes.refused.front().reason;
    }
    for (const flex::RuleUse& use : plan->notes.rules) {
        if (use.der_id.empty()) {
            return "rule " + use.rule + ": " + use.detail;
        }
    }
    return plan->plan.left_out.empty() ? "everything that is offered there is taken"
                                       : plan->plan.left_out.front();
}

/// Under the operator's rules, as events are planned. What somebody orders is not left undone because another
/// rating would bear the load.
flex::EventPlanInput judged_for_purchase(const Parts& parts, flex::PlanInput input) {
    flex::EventPlanInput judged = parts.orchestration.judged(std::move(input));
    judged.facts.limit.reset();
    return judged;
}

/// The rule by which somebody who may approve plans must order this; nothing when none does.
std::optional<std::string> person_wanted(const Result<flex::EventPlan>& plan, const Caller& caller) {
    const bool may_approve = caller.kind == "user" && (caller.role == "approver" ||
                                                       caller.role == "engineer" || caller.role == "admin");
    if (!plan || !plan->notes.needs_person || may_approve) {
        return std::nullopt;
    }
    const flex::RuleUse& rule = plan->notes.rules.back();
    return "rule " + rule.rule + ": " + rule.detail;
}

/// What was learnt of a DER is ours: its provider is told of its offer as it made it.
std::int64_t claimed_ppm(const flex::PlanInput& offered, const flex::Offer& bought) {
    for (const flex::Offer& offer : offered.offers) {
        if (offer.provider == bought.provider && offer.id == bought.id) {
            return offer.reliability_ppm;
        }
    }
    return bought.reliability_ppm;
}

Awaitable<json::Array> by_purchase(Desk& desk, PurchaseAction action, grid::DerClass der_class,
                                   Caller caller) {
    const Parts& parts = desk.parts();
    const UtcTime now = parts.clock.now();
    const UtcTime from = floor_period(std::max(action.target.value_or(now), now));
    const UtcTime to = from + period_length * action.half_hours;
    const EventId id = agents::direct_purchase_id(action.asset + "/" + action.action_type + "/" +
                                                      std::to_string(action.power.value) + "/" +
                                                      format_utc(parts.wall.now()),
                                                  from);
    risk::Overload asked = wanted_at(action, id, from, action.power);
    Result<agents::SearchResult> found = co_await parts.market.search(std::move(asked));
    if (!found) {
        co_return only(hindered(action, found.error().message));
    }
    std::erase_if(found->offers,
                  [der_class](const flex::Offer& offer) { return offer.der_class != der_class; });
    const std::optional<flex::Offer> cheapest = cheapest_offer(found->offers, der_class, from, to);
    const Watts power = action.power.value > 0 ? action.power : cheapest ? cheapest->power : Watts{1};
    flex::PlanInput input;
    input.overload = wanted_at(action, id, from, power);
    input.rules = parts.orchestration.options().rules;
    input.rules.margin_ppm = 0;  // what is asked for is bought, no more
    input.rules.by_reliability = false;
    input.now = now;
    input.offers = std::move(found->offers);
    input.reserved_w = co_await agents::reserved_of(parts.journal, input.offers, input.overload.need, now);
    input.programmes = parts.programmes.book_for(input.offers);
    const flex::EventPlanInput judged = judged_for_purchase(parts, std::move(input));
    Result<flex::EventPlan> plan = flex::make_event_plan(judged);
    if (std::optional<std::string> rule = person_wanted(plan, caller)) {
        co_return only(hindered(action, std::move(*rule)));
    }
    std::map<std::string, std::vector<flex::PlanLine>> by_provider;
    for (flex::PlanLine& line : plan ? plan->plan.lines : std::vector<flex::PlanLine>{}) {
        line.offer.reliability_ppm = claimed_ppm(judged.base, line.offer);
        by_provider[line.offer.provider].push_back(std::move(line));
    }
    if (by_provider.empty()) {
        json::Object entry = entry_for(action, reached(parts, id));
        entry.set("detail", nothing_because(action, der_class, judged.base.offers, plan));
        entry.set("timeline", timeline(parts, id, ""));
        co_return only(std::move(entry));
    }
    json::Array entries;
    for (auto& [provider, lines] : by_provider) {
        EventId purchase = id;
        Caller same = caller;
        const agents::DirectPurchase bought = co_await agents::buy_directly(
            parts.market, parts.journal, parts.clock, std::move(purchase), std::move(lines), std::move(same));
        entries.emplace_back(purchase_entry(parts, action, id, bought));
    }
    co_return entries;
}

}  // namespace

bool is_shadow(const Parts& parts) {
    return parts.orchestration.options().authority == grid::AuthorityLevel::shadow;
}

json::Array timeline(const Parts& parts, const EventId& event, const std::string& provider) {
    json::Array steps;
    for (const agents::MessageTrace& message : parts.market.trace(event)) {
        if (provider.empty() || message.provider == provider) {
            steps.emplace_back(json::object({{"action", message.action},
                                             {"at", format_utc(message.at)},
                                             {"latency_ms", message.latency_ms},
                                             {"provider", message.provider},
                                             {"outcome", message.outcome}}));
        }
    }
    return steps;
}

std::optional<grid::DerClass> class_of_action(std::string_view action_type) {
    for (const auto& [word, der_class] : actions) {
        if (word == action_type) {
            return der_class;
        }
    }
    return std::nullopt;
}

std::string_view action_of_class(grid::DerClass wanted) {
    for (const auto& [word, der_class] : actions) {
        if (der_class == wanted) {
            return word;
        }
    }
    return wanted == grid::DerClass::heat_pump ? "shift_hvac_load" : std::string_view{};
}

Awaitable<json::Array> carry_out(Desk& desk, PurchaseAction action, Caller caller) {
    const Parts& parts = desk.parts();
    const std::optional<grid::DerClass> der_class = class_of_action(action.action_type);
    if (!der_class) {
        co_return only(hindered(action, "no action is called " + action.action_type));
    }
    if (const std::optional<std::string> stop = stop_above(parts, action.asset)) {
        co_return only(hindered(action, *stop));
    }
    if (parts.network.feeder(action.asset) != nullptr) {
        co_return co_await by_event(desk, std::move(action), *der_class, std::move(caller));
    }
    if (is_shadow(parts)) {
        co_return only(hindered(action, "shadow mode: nothing is bought"));
    }
    co_return co_await by_purchase(desk, std::move(action), *der_class, std::move(caller));
}

std::optional<flex::Offer> cheapest_offer(const std::vector<flex::Offer>& offers, grid::DerClass der_class,
                                          UtcTime from, UtcTime to) {
    std::optional<flex::Offer> best;
    for (const flex::Offer& offer : offers) {
        const bool fits = offer.der_class == der_class && offer.available_from <= from &&
                          offer.available_until >= to && offer.power.value > 0;
        if (fits && (!best || offer.utilisation < best->utilisation)) {
            best = offer;
        }
    }
    return best;
}

}  // namespace headroom::desk
