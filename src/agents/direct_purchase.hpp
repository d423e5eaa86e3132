#pragma once

#include "agents/commitment.hpp"
#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "flex/contract.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// Purchases outside of any event carry an id that begins so: nobody is dispatched by us for them, the
/// provider delivers by itself, and their contracts stand until they end.
inline constexpr std::string_view direct_purchase_prefix = "buy-";
[[nodiscard]] bool is_direct_purchase(const EventId& id);
/// An id for a purchase of `what` at `at`; the same for the same two.
[[nodiscard]] EventId direct_purchase_id(const std::string& what, UtcTime at);

struct DirectPurchase {
    flex::Contract contract;
    bool is_made = false;
    std::string failure;  ///< why not, or not all of it
};

/// A line that buys `power_w` of the offer.
[[nodiscard]] flex::PlanLine line_of(flex::Offer offer, flex::IntervalGrid power_w);

/// What others have been promised of these offers' DERs in each half-hour of the need: parallel to `offers`,
/// as a plan's input wants it.
Awaitable<std::vector<std::vector<std::int64_t>>> reserved_of(Journal& journal,
                                                              std::vector<flex::Offer> offers,
                                                              risk::PeriodPower need, UtcTime now);

/// One contract with one provider for all of the lines, which are its own and on one grid, through the same
/// market as every event: what is bought is reserved, the caller's order is in the log before a confirm can
/// leave, and the contract is in the log once it is made. What was reserved is given back when nothing was
/// bought. With a `gate` the operator's rules judge it once more where it is confirmed: lines that they do
/// not let pass by then are not bought, and the failure names the rule.
Awaitable<DirectPurchase> buy_directly(Market& market, Journal& journal, DomainClock& clock, EventId id,
                                       std::vector<flex::PlanLine> lines, Caller caller, SpendGate gate = {});

}  // namespace headroom::agents
