#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_flex.hpp"
#include "core/json_object.hpp"

#include <algorithm>

namespace headroom::beckn::lts {

namespace {

using json::object;

json::Value quantity_kw(std::int64_t watts) {
    return object({{"@type", "Quantity"}, {"unitCode", "kW"}, {"unitQuantity", number_value(watts, 3)}});
}

json::Value provider_of(const std::string& id) {
    return object({{"id", id}, {"descriptor", descriptor("name", id)}});
}

json::Value commitment(std::string id, std::string_view status, json::Array resources, json::Value offer,
                       json::Value attributes) {
    Members members;
    members.push_back({"id", std::move(id)});
    members.push_back({"status", object({{"descriptor", descriptor("code", status)}})});
    members.push_back({"resources", std::move(resources)});
    members.push_back({"offer", std::move(offer)});
    if (!attributes.is_null()) {
        members.push_back({"commitmentAttributes", std::move(attributes)});
    }
    return finish(std::move(members));
}

json::Value offer_of(const std::string& id, json::Array resource_ids, const std::string& provider) {
    json::Object offer{{"id", id}, {"resourceIds", std::move(resource_ids)}};
    if (!provider.empty()) {
        offer.set("provider", provider_of(provider));
    }
    return offer;
}

json::Value no_commitment_of(const std::string& provider, std::string_view status) {
    const std::string id(no_commitment);
    return commitment(id, status, json::Array{}, offer_of(id, json::Array{}, provider), json::Value());
}

json::Value write_line(const OrderLine& line, const Order& order, bool is_offer) {
    const auto peak = std::max_element(line.power_w.values.begin(), line.power_w.values.end());
    const std::int64_t watts = peak == line.power_w.values.end() ? 0 : *peak;
    json::Array resources{object({{"id", line.item},
                                  {"quantity", quantity_kw(watts)},
                                  {"resourceAttributes", write_flex_line(line)}})};
    return commitment(line.item, commitment_status(order.status), std::move(resources),
                      offer_of(line.item, json::Array{json::Value(line.item)}, order.provider),
                      write_line_series(line, is_offer));
}

/// The most that is offered, or wanted while nothing is offered yet.
std::int64_t peak_of(const NeedLine& line) {
    std::int64_t peak = 0;
    if (line.bid) {
        for (const auto& steps : line.bid->curve) {
            for (const flex::BidStep& step : steps) {
                peak = std::max(peak, step.power_w);
            }
        }
    } else if (line.need) {
        for (const std::int64_t watts : line.need->requested_w.values) {
            peak = std::max(peak, watts);
        }
    }
    return peak;
}

json::Value write_need_line(const NeedLine& line, const Order& order) {
    Members resource;
    resource.push_back({"id", line.resource});
    resource.push_back({"quantity", quantity_kw(peak_of(line))});
    if (line.need) {
        resource.push_back({"resourceAttributes", write_need(line)});
    }
    json::Value offer = offer_of(line.offer, json::Array{json::Value(line.resource)}, order.provider);
    json::Object validity;
    if (line.valid_from) {
        validity.set("startDate", format_utc(*line.valid_from));
    }
    if (line.valid_until) {
        validity.set("endDate", format_utc(*line.valid_until));
    }
    if (!validity.empty()) {
        offer.as_object()->set("validity", std::move(validity));
    }
    offer.as_object()->set("offerAttributes", write_buy_offer(line, false));
    const bool has_bid = line.bid && !line.bid->curve.empty();
    return commitment(line.id.empty() ? line.resource : line.id,
                      line.status.empty() ? commitment_status(order.status) : std::string_view(line.status),
                      json::Array{finish(std::move(resource))}, std::move(offer),
                      has_bid ? write_bid(*line.bid, line.currency) : json::Value());
}

json::Array write_commitments(const Order& order, bool is_offer) {
    json::Array commitments;
    for (const OrderLine& line : order.lines) {
        commitments.push_back(write_line(line, order, is_offer));
    }
    for (const NeedLine& line : order.needs) {
        commitments.push_back(write_need_line(line, order));
    }
    if (commitments.empty()) {
        commitments.push_back(no_commitment_of(order.provider, commitment_status(order.status)));
    }
    return commitments;
}

json::Array write_participants(const Order& order) {
    json::Array parties;
    for (const Participant& party : order.participants) {
        if (party.id.empty()) {
            continue;
        }
        json::Object written{{"id", party.id}};
        if (!party.name.empty()) {
            written.set("descriptor", descriptor("name", party.name));
        }
        if (!order.policy && party.role != PartyRole::none) {
            written.set(
                "participantAttributes",
                object({{"@context", flex_context}, {"@type", flex_party}, {"role", to_string(party.role)}}));
        }
        parties.push_back(std::move(written));
    }
    return parties;
}

json::Array write_considerations(const Order& order) {
    json::Array written;
    const auto add = [&written](std::string_view id, std::string_view code, json::Value attributes) {
        written.push_back(object({{"id", id},
                                  {"status", descriptor("code", code)},
                                  {"considerationAttributes", std::move(attributes)}}));
    };
    if (order.quote) {
        add(quote_id, "QUOTED", write_flex_quote(*order.quote));
    }
    if (!order.policy && !order.flows.empty()) {
        add(flows_id, "SETTLED",
            object({{"@context", flows_context},
                    {"@type", "RevenueFlow"},
                    {"revenueFlows", write_revenue_flows(order.flows)}}));
    }
    const json::Value* others = order.extras.find("consideration");
    if (others != nullptr && others->is_array()) {
        for (const json::Value& other : *others->as_array()) {
            written.push_back(other);
        }
    }
    return written;
}

Result<json::Array> write_evidence(const Order& order) {
    json::Array written;
    if (order.fulfilment != FulfilmentState::none) {
        json::Array ids;
        for (const OrderLine& line : order.lines) {
            ids.push_back(line.item);
        }
        written.push_back(object({{"id", fulfilment_id},
                                  {"status", descriptor("code", to_string(order.fulfilment))},
                                  {"commitmentIds", std::move(ids)}}));
    }
    for (const flex::Performance& performance : order.performance) {
        json::Object entry{{"id", performance.id}};
        if (!performance.state.empty()) {
            entry.set("status", descriptor("code", performance.state));
        }
        entry.set("commitmentIds",
                  json::Array(performance.commitments.begin(), performance.commitments.end()));
        if (!performance.methodology.empty() || !performance.event.empty() || !performance.meters.empty() ||
            performance.page || performance.meters_ref) {
            Result<json::Value> attributes = write_performance(performance);
            if (!attributes) {
                return attributes.error();
            }
            entry.set("performanceAttributes", std::move(*attributes));
        }
        written.push_back(std::move(entry));
    }
    return written;
}

json::Array write_settlements(const Order& order, Action action) {
    json::Array written;
    for (const Settlement& settlement : order.settlements) {
        json::Object entry{{"id", settlement.id}};
        if (!settlement.consideration.empty()) {
            entry.set("considerationId", settlement.consideration);
        }
        if (!settlement.status.empty()) {
            entry.set("status", settlement.status);
        }
        written.push_back(std::move(entry));
    }
    if (written.empty() && action == Action::confirm && order.quote) {
        written.push_back(
            object({{"id", settlement_id}, {"considerationId", quote_id}, {"status", "DRAFT"}}));
    }
    return written;
}

json::Value write_status(const Order& order) {
    if (order.status == OrderStatus::none) {
        return order.draft ? descriptor("code", "DRAFT") : json::Value();
    }
    json::Object status{{"code", std::string(to_string(order.status))}};
    if (!order.cancellation.empty()) {
        status.set("shortDesc", order.cancellation);
    }
    return status;
}

}  // namespace

std::string_view commitment_status(OrderStatus status) {
    switch (status) {
        case OrderStatus::none:
            return "DRAFT";
        case OrderStatus::active:
            return "ACTIVE";
        case OrderStatus::complete:
        case OrderStatus::cancelled:
            return "CLOSED";
    }
    HEADROOM_ASSERT(false);
    return "";
}

Result<json::Value> write_contract(const Order& order, Action action) {
    Members members;
    members.reserve(9);
    if (!order.id.empty()) {
        members.push_back({"id", order.id});
    }
    const json::Value* described = order.extras.find("descriptor");
    members.push_back(
        {"descriptor", described != nullptr ? *described : descriptor("name", flex::to_string(order.kind))});
    if (json::Value status = write_status(order); !status.is_null()) {
        members.push_back({"status", std::move(status)});
    }
    members.push_back({"commitments", write_commitments(order, is_callback(action))});
    const auto add = [&members](std::string_view key, json::Array list) {
        if (!list.empty()) {
            members.emplace_back(key, std::move(list));
        }
    };
    add("consideration", write_considerations(order));
    add("participants", write_participants(order));
    Result<json::Array> evidence = write_evidence(order);
    if (!evidence) {
        return evidence.error();
    }
    add("performance", std::move(*evidence));
    add("settlements", write_settlements(order, action));
    if (order.policy) {
        members.push_back({"contractAttributes", write_deg_contract(order)});
    }
    return finish(std::move(members));
}

json::Value write_contract_reference(const std::string& order_id, json::Object status) {
    Members members;
    members.push_back({"id", order_id});
    if (!status.empty()) {
        members.push_back({"status", std::move(status)});
    }
    members.push_back({"commitments", json::Array{no_commitment_of("", "ACTIVE")}});
    return finish(std::move(members));
}

}  // namespace headroom::beckn::lts
