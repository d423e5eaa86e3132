#include "agents/direct_purchase.hpp"

#include "agents/event_steps.hpp"
#include "beckn/pricing.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace headroom::agents {
namespace {

flex::Contract contract_for(const EventId& id, std::vector<flex::PlanLine> lines) {
    flex::Contract contract;
    contract.event = id;
    contract.provider = lines.front().offer.provider;
    contract.kind = flex::ContractKind::spot;
    contract.transaction = TransactionId{make_uuid(id.value + "/" + contract.provider)};
    contract.lines = std::move(lines);
    return contract;
}

UtcTime end_of(const std::vector<flex::PlanLine>& lines) {
    UtcTime end{};
    for (const flex::PlanLine& line : lines) {
        end = std::max(end, line.power_w.end());
    }
    return end;
}

bool stands(const flex::Contract& contract) {
    return contract.state == flex::ContractState::active || contract.state == flex::ContractState::activated;
}

/// Lines that the rules do not let pass are taken out of the contract. False when none is left.
bool begin_spending(DirectPurchase& bought, flex::Contract& contract, Journal& journal,
                    const SpendGate& gate) {
    if (!gate.begin) {
        return true;
    }
    JudgedContract judged = gate.begin(std::move(contract));
    if (judged.entry) {
        journal.note(std::move(*judged.entry));
    }
    bought.failure = judged.refused.empty() ? "" : judged.refused.front().sentence();
    contract = std::move(judged.contract);
    return !contract.lines.empty();
}

/// Reserved, ordered, contracted, and written down.
Awaitable<void> contract_reserved(Market& market, Journal& journal, DomainClock& clock,
                                  flex::Contract contract, Caller caller, DirectPurchase& bought) {
    const EventId id = contract.event;
    const std::string transaction = contract.transaction.value;
    ReservationRequest wanted = reservations_for(contract, end_of(contract.lines));
    const Result<void> held =
        co_await journal.records().reserve(std::move(wanted.wanted), std::move(wanted.offered), clock.now());
    if (!held) {
        bought.failure = held.error().message;
        co_return;
    }
    std::vector<audit::Draft> order;
    order.push_back({.type = "dispatch.approve",
                     .actor = actor_of(caller),
                     .body = json::object({{"transaction", transaction},
                                           {"provider", contract.provider},
                                           {"direct", true},
                                           {"reason", caller.reason}}),
                     .corr = id.value});
    Market::Licence licence = [entry = journal.begin(std::move(order))] { return Journal::durable(entry); };
    const Result<flex::Contract> made = co_await market.contract(std::move(contract), std::move(licence));
    if (made) {
        bought.contract = *made;
        bought.is_made = stands(*made);
        bought.failure = made->failure.empty() ? bought.failure : made->failure;
        journal.note({.type = "order.contracted",
                      .actor = system_actor(),
                      .body = json::object({{"transaction", transaction},
                                            {"provider", made->provider},
                                            {"order_id", made->order_id},
                                            {"failure", made->failure},
                                            {"contract_after", flex::to_json(*made)}}),
                      .corr = id.value,
                      .caus = {},
                      .outcome = bought.is_made ? "ok" : "error"});
    } else {
        bought.failure = made.error().message;
    }
    if (!bought.is_made) {
        const Result<void> released = co_await journal.records().release(transaction);
        if (!released) {
            log::warn("what was reserved for a purchase that failed ends with its lease",
                      {{"transaction", transaction}, {"error", released.error().message}});
        }
    }
}

}  // namespace

bool is_direct_purchase(const EventId& id) {
    return id.value.starts_with(direct_purchase_prefix);
}

EventId direct_purchase_id(const std::string& what, UtcTime at) {
    const std::string like_event = make_event_id("buy/" + what, at).value;  // "ev-YYYYMMDD-…"
    return EventId{std::string(direct_purchase_prefix) + like_event.substr(like_event.find('-') + 1)};
}

flex::PlanLine line_of(flex::Offer offer, flex::IntervalGrid power_w) {
    flex::PlanLine line;
    line.energy = beckn::energy_of_grid(power_w);
    line.cost = beckn::price_of(offer, power_w);
    line.relief_peak = Watts{*std::max_element(power_w.values.begin(), power_w.values.end())};
    line.power_w = std::move(power_w);
    line.offer = std::move(offer);
    return line;
}

Awaitable<std::vector<std::vector<std::int64_t>>> reserved_of(Journal& journal,
                                                              std::vector<flex::Offer> offers,
                                                              risk::PeriodPower need, UtcTime now) {
    auto job = [offers = std::move(offers), need = std::move(need), now](store::Records& records) {
        std::vector<std::vector<std::int64_t>> out;
        for (const flex::Offer& offer : offers) {
            const Result<std::vector<store::Reservation>> held = records.reservations(offer.der, now);
            out.push_back(reserved_slots(need, offer, held ? *held : std::vector<store::Reservation>{}));
        }
        return out;
    };
    co_return co_await journal.records().run(std::move(job));
}

Awaitable<DirectPurchase> buy_directly(Market& market, Journal& journal, DomainClock& clock, EventId id,
                                       std::vector<flex::PlanLine> lines, Caller caller, SpendGate gate) {
    DirectPurchase bought;
    if (lines.empty()) {
        bought.failure = "there is nothing to buy";
        co_return bought;
    }
    flex::Contract contract = contract_for(id, std::move(lines));
    bought.contract = contract;
    if (begin_spending(bought, contract, journal, gate)) {
        bought.contract = contract;
        co_await contract_reserved(market, journal, clock, std::move(contract), std::move(caller), bought);
        if (gate.end) {
            gate.end(bought.contract);
        }
    }
    co_return bought;
}

}  // namespace headroom::agents
