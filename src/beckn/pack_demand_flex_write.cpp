#include "beckn/decimal.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_time_series.hpp"
#include "core/json_object.hpp"

namespace headroom::beckn::lts {

namespace {

std::string per_kwh(const std::string& currency) {
    return currency.empty() ? "PER_KWH" : currency + "_PER_KWH";
}

Members attributes(std::string_view context, std::string_view type) {
    Members members;
    members.push_back({"@context", json::Value(context)});
    members.push_back({"@type", json::Value(type)});
    return members;
}

json::Value id_or_null(const std::string& id) {
    return id.empty() ? json::Value() : json::Value(id);
}

json::Value write_policy(const Policy& policy) {
    return json::object({{"url", policy.url}, {"queryPath", policy.query_path}});
}

json::Value write_buyer(const NeedLine& line) {
    json::Object inputs;
    if (!line.currency.empty()) {
        inputs.set("currency", line.currency);
    }
    if (line.baseline_out_of > 0 || line.baseline_best_of > 0) {
        inputs.set("baselineMethodology",
                   json::object({{"bestOf", line.baseline_best_of}, {"outOf", line.baseline_out_of}}));
    }
    if (line.shortfall_per_mwh) {
        inputs.set("penaltyRate", number_value(*line.shortfall_per_mwh, gbp_per_kwh_decimals));
    }
    for (const auto& [key, value] : line.buyer_extras.members()) {
        inputs.set(key, value);
    }
    json::Object role{{"role", "buyer"}, {"participantId", id_or_null(line.buyer)}};
    if (!inputs.empty() || !line.buyer.empty()) {
        role.set("inputs", std::move(inputs));
    }
    return role;
}

json::Value write_seller(const NeedLine& line) {
    json::Object inputs;
    if (!line.meters.empty()) {
        inputs.set("participatingMeters", json::Array(line.meters.begin(), line.meters.end()));
    }
    for (const auto& [key, value] : line.seller_extras.members()) {
        inputs.set(key, value);
    }
    json::Object role{{"role", "seller"}, {"participantId", id_or_null(line.seller)}};
    if (!inputs.empty() || !line.seller.empty()) {
        role.set("inputs", std::move(inputs));
    }
    return role;
}

json::Value role_of(std::string_view role, const std::string& id) {
    return json::object({{"role", role}, {"participantId", id_or_null(id)}});
}

void append_clearing(std::vector<WrittenColumn>& columns, const flex::Bid& bid, const std::string& currency) {
    if (bid.cleared_w) {
        columns.push_back({.type = "CAPACITY_CLEARED",
                           .units = "KW",
                           .inserted_by = "buyer",
                           .values = kw_values(*bid.cleared_w)});
    }
    if (bid.clearing_per_mwh) {
        columns.push_back({.type = "CLEARING_PRICE",
                           .units = per_kwh(currency),
                           .inserted_by = "buyer",
                           .values = per_kwh_values(*bid.clearing_per_mwh)});
    }
}

}  // namespace

json::Value write_need(const NeedLine& line) {
    const flex::Need& need = *line.need;
    Members members = attributes(need_context, "DemandFlexNeed");
    if (!line.location.is_null()) {
        members.push_back({"location", line.location});
    }
    std::vector<WrittenColumn> columns;
    columns.push_back({.type = "CAPACITY_REQUESTED",
                       .units = "KW",
                       .inserted_by = "buyer",
                       .values = kw_values(need.requested_w)});
    if (need.price_per_mwh) {
        columns.push_back({.type = "PRICE",
                           .units = per_kwh(line.currency),
                           .inserted_by = "buyer",
                           .values = per_kwh_values(*need.price_per_mwh)});
    }
    if (need.shortfall_per_mwh) {
        columns.push_back({.type = "SHORTFALL_PENALTY",
                           .units = per_kwh(line.currency),
                           .inserted_by = "buyer",
                           .values = per_kwh_values(*need.shortfall_per_mwh)});
    }
    append_series(members, need.requested_w.start, need.requested_w.step, need.requested_w.values.size(),
                  std::move(columns));
    return finish(std::move(members));
}

json::Value write_buy_offer(const NeedLine& line, bool is_catalog) {
    Members members = attributes(buy_offer_context, "DemandFlexBuyOffer");
    if (is_catalog && line.policy) {
        Members terms = attributes(contract_context, "DEGContract");
        terms.push_back({"roles", json::Array{role_of("buyer", line.buyer), role_of("seller", line.seller)}});
        terms.push_back({"policy", write_policy(*line.policy)});
        members.push_back({"contractAttributes", finish(std::move(terms))});
    }
    members.push_back({"inputs", json::Array{write_buyer(line), write_seller(line)}});
    return finish(std::move(members));
}

json::Value write_bid(const flex::Bid& bid, const std::string& currency) {
    Members members = attributes(series_context, "TimeSeries");
    std::vector<json::Array> powers;
    std::vector<json::Array> prices;
    for (const std::vector<flex::BidStep>& steps : bid.curve) {
        json::Array step_powers;
        json::Array step_prices;
        for (const flex::BidStep& step : steps) {
            step_powers.push_back(number_value(step.power_w, kw_decimals));
            step_prices.push_back(number_value(step.price_per_mwh, gbp_per_kwh_decimals));
        }
        powers.push_back(std::move(step_powers));
        prices.push_back(std::move(step_prices));
    }
    std::vector<WrittenColumn> columns;
    if (bid.is_priced) {
        columns.push_back({.type = "OFFER_PRICE",
                           .units = per_kwh(currency),
                           .inserted_by = "seller",
                           .values = std::move(prices)});
    }
    columns.push_back(
        {.type = "CAPACITY_OFFERED", .units = "KW", .inserted_by = "seller", .values = std::move(powers)});
    append_clearing(columns, bid, currency);
    append_series(members, bid.start, bid.step, bid.curve.size(), std::move(columns));
    return finish(std::move(members));
}

json::Value write_deg_contract(const Order& order) {
    Members members = attributes(contract_context, "DEGContract");
    json::Array roles;
    for (const Participant& party : order.participants) {
        if (party.role != PartyRole::none) {
            roles.push_back(role_of(to_string(party.role), party.id));
        }
    }
    members.push_back({"roles", std::move(roles)});
    members.push_back({"policy", write_policy(*order.policy)});
    if (!order.flows.empty()) {
        members.push_back({"revenueFlows", write_revenue_flows(order.flows)});
    }
    return finish(std::move(members));
}

json::Array write_revenue_flows(const std::vector<flex::RevenueFlow>& flows) {
    json::Array written;
    for (const flex::RevenueFlow& flow : flows) {
        json::Object object{{"role", flow.role},
                            {"value", number_value(flow.value_micro, gbp_decimals)},
                            {"currency", flow.currency}};
        if (!flow.description.empty()) {
            object.set("description", flow.description);
        }
        written.push_back(std::move(object));
    }
    return written;
}

}  // namespace headroom::beckn::lts
