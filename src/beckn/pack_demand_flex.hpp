#pragma once

#include "beckn/pack.hpp"

#include <vector>

// The published packs of demand flexibility: DemandFlexNeed, DemandFlexBuyOffer, TimeSeries, DEGContract,
// DemandFlexPerformance, RevenueFlow.
namespace headroom::beckn::lts {

void read_need(const Node& attributes, PackTarget& target);
void read_buy_offer(const Node& attributes, PackTarget& target);
/// A commitment's series: the bid for a need, or the power of one of our own lines.
void read_commitment_series(const Node& attributes, PackTarget& target);
void read_performance(const Node& attributes, PackTarget& target);
void read_deg_contract(const Node& attributes, PackTarget& target);
void read_revenue_flows(const Node& attributes, PackTarget& target);

[[nodiscard]] json::Value write_need(const NeedLine& line);
/// `is_catalog`: with the template of the contract that will follow.
[[nodiscard]] json::Value write_buy_offer(const NeedLine& line, bool is_catalog);
[[nodiscard]] json::Value write_bid(const flex::Bid& bid, const std::string& currency);
/// Errors: `invalid` when a meter has neither baseline nor usage.
[[nodiscard]] Result<json::Value> write_performance(const flex::Performance& performance);
[[nodiscard]] json::Value write_deg_contract(const Order& order);
[[nodiscard]] json::Array write_revenue_flows(const std::vector<flex::RevenueFlow>& flows);

}  // namespace headroom::beckn::lts
