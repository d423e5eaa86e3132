#pragma once

#include "beckn/envelope.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::beckn {

/// The two published ways to settle a contract of demand flexibility.
enum class SettlementRule : std::uint8_t {
    fixed_price,   ///< the buyer's price by slot, and a penalty on what was offered and not delivered
    pay_as_clear,  ///< the price at which the market cleared, on no more than was cleared
};
/// "fixed_price", "pay_as_clear"
[[nodiscard]] std::string_view to_string(SettlementRule rule);

/// One slot: powers in W, money in micro-units of the currency, each rounded for itself and for reading only:
/// the total is made of the exact products.
struct SettledSlot {
    UtcTime start{};
    std::int64_t delivered_w = 0;  ///< over all meters, what each gave above nothing
    std::int64_t promised_w = 0;   ///< offered, or cleared
    std::int64_t paid_micro = 0;
    std::int64_t penalty_micro = 0;
};

struct PolicySettlement {
    SettlementRule rule = SettlementRule::fixed_price;
    std::string currency;
    std::vector<SettledSlot> slots;
    std::vector<flex::RevenueFlow> flows;  ///< buyer and seller, net zero
    std::vector<std::string> remarks;  ///< what a reader should know: slots left out, a price below an ask
};

/// Settles an order's only need by the policy that the contract names; without one, by what it holds: a
/// clearing price or a price of the buyer's.
///
/// Per slot of h hours: delivered = Σ over meters of max(0, baseline − usage).
/// fixed_price: min(delivered, offered)·h·price − max(0, offered − delivered)·h·penalty.
/// pay_as_clear: min(delivered, cleared)·h·clearing price − max(0, cleared − delivered)·h·penalty rate.
/// All in integers; the sum is rounded once, to the micro-unit, halves away from zero.
///
/// Errors: `invalid` with the pointer when the order has no need, no bid, no evidence that can be settled, or
/// grids that differ; when usage is missing under a fixed price; when pages are still to come or the meters
/// lie elsewhere.
/// Source: deg.contracts.demand_flex and deg.contracts.demand_flex_pac, in words in docs/formats/beckn-2.0.md
[[nodiscard]] Result<PolicySettlement> settle_by_policy(const Order& order);

/// {rule, currency, flows: [{role, value, currency}], slots, remarks}; money as decimal strings.
[[nodiscard]] json::Value to_json(const PolicySettlement& settlement);

}  // namespace headroom::beckn
