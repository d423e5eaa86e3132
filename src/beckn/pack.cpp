#include "beckn/pack.hpp"

#include "beckn/lts_words.hpp"
#include "beckn/pack_compute_lts.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_flex.hpp"

#include <array>

namespace headroom::beckn::lts {

namespace {

constexpr std::array<Pack, 12> rows{{
    {flex_resource, Part::resource, read_flex_resource},
    {flex_line, Part::resource, read_flex_line},
    {flex_offer, Part::offer, read_flex_offer},
    {flex_quote, Part::consideration, read_flex_quote},
    {"DemandFlexNeed", Part::resource, read_need},
    {"DemandFlexBuyOffer", Part::offer, read_buy_offer},
    {"TimeSeries", Part::commitment, read_commitment_series},
    {"DemandFlexPerformance", Part::performance, read_performance},
    {"DEGContract", Part::contract, read_deg_contract},
    {"RevenueFlow", Part::consideration, read_revenue_flows},
    {"ComputeEnergyWindow", Part::resource, read_compute_window},
    {"ComputeEnergyPricing", Part::offer, read_compute_pricing},
}};

}  // namespace

std::span<const Pack> packs() {
    return rows;
}

bool read_pack(const Node& attributes, Part part, PackTarget& target) {
    if (!attributes.is_there()) {
        return false;
    }
    const std::string type = type_of(attributes);
    for (const Pack& pack : packs()) {
        if (pack.part == part && pack.type == type) {
            pack.read(attributes, target);
            return true;
        }
    }
    return false;
}

}  // namespace headroom::beckn::lts
