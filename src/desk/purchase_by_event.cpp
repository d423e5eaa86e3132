// What somebody orders at a feeder of ours: an event.
#include "core/json_object.hpp"
#include "desk/page.hpp"
#include "desk/purchase_parts.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {
namespace {

/// Domain time in which an event makes its contracts: far longer than the market's own deadlines together, as
/// a simulated clock runs ahead in steps of minutes.
constexpr milliseconds settles_within = minutes{10};

/// What the class has on the feeder: what is asked for where nobody says how much.
Watts all_of_class(const grid::Network& network, const std::string& feeder, grid::DerClass der_class) {
    Watts sum{};
    for (const grid::Der* der : network.ders_on(feeder)) {
        sum += der->der_class == der_class ? der->turn_down_max : Watts{};
    }
    return sum;
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

}  // namespace

Awaitable<json::Array> buy_by_event(Desk& desk, PurchaseAction action, grid::DerClass der_class,
                                    Caller caller) {
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
    const std::optional<agents::Turns::Turn> turn = co_await purchase_turn(desk);
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

}  // namespace headroom::desk
