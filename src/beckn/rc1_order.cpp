#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Value;

constexpr std::string_view fulfilment_id = "F1";

/// "INPROGRESS" for "In-Progress" and "IN_PROGRESS".
std::string plain_word(std::string word) {
    std::erase_if(word, [](char c) { return c == '_' || c == '-' || c == ' '; });
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return word;
}

/// Words of others mean no more than "not yet told".
void read_status(const Node& node, Order& order) {
    const json::Value* told = node.value();
    const std::string word =
        told == nullptr || told->as_string() == nullptr ? "" : plain_word(*told->as_string());
    if (word == "CONFIRMED" || word == "ONHOLD") {
        order.status = OrderStatus::active;
    } else if (word == "INPROGRESS" || word == "PARTIALLYFULFILLED") {
        order.status = OrderStatus::active;
        order.fulfilment = FulfilmentState::active;
    } else if (word == "COMPLETED") {
        order.status = OrderStatus::complete;
        order.fulfilment = FulfilmentState::completed;
    } else if (word == "CANCELLED" || word == "REJECTED" || word == "FAILED" || word == "RETURNED" ||
               word == "REFUNDED") {
        order.status = OrderStatus::cancelled;
    } else {
        order.draft = word == "CREATED" || word == "QUOTEREQUESTED" || word == "INITIALIZED";
    }
}

std::string_view status_word(const Order& order) {
    switch (order.status) {
        case OrderStatus::none:
            return order.draft ? "CREATED" : "PENDING";
        case OrderStatus::active:
            return order.fulfilment == FulfilmentState::active ? "INPROGRESS" : "CONFIRMED";
        case OrderStatus::complete:
            return "COMPLETED";
        case OrderStatus::cancelled:
            return "CANCELLED";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<FulfilmentState> parse_state(std::string_view text) {
    for (const FulfilmentState state :
         {FulfilmentState::armed, FulfilmentState::active, FulfilmentState::completed}) {
        if (text == to_string(state)) {
            return state;
        }
    }
    return std::nullopt;
}

/// Our own terms, where they stand, say exactly what the published words only suggest.
void read_terms(const Node& terms, Order& order) {
    if (!terms.is_there()) {
        return;
    }
    if (terms.member("kind").is_there()) {
        order.kind =
            v11::word(terms.member("kind"), flex::parse_contract_kind).value_or(flex::ContractKind::spot);
    }
    const json::Value* draft = terms.member("draft").value();
    order.draft = draft != nullptr && draft->as_string() != nullptr && *draft->as_string() == "true";
    order.fulfilment = FulfilmentState::none;
    if (terms.member("state").is_there()) {
        order.fulfilment = v11::word(terms.member("state"), parse_state).value_or(FulfilmentState::none);
    }
    order.cancellation = terms.member("cancellation").text_or_empty(v11::sentence_max).value_or("");
}

Value write_terms(const Order& order) {
    NamedValues list;
    list.emplace_back("kind", flex::to_string(order.kind));
    if (order.draft) {
        list.push_back({"draft", "true"});
    }
    if (order.fulfilment != FulfilmentState::none) {
        list.emplace_back("state", to_string(order.fulfilment));
    }
    if (!order.cancellation.empty()) {
        list.push_back({"cancellation", order.cancellation});
    }
    return values(std::move(list));
}

std::optional<MicroPounds> read_money(const Node& price) {
    const Node currency = field(price, "currency");
    const std::optional<std::string> word = currency.text(16);
    if (word && *word != "GBP") {
        currency.refuse("is " + *word + "; only GBP is settled here");
    }
    const Node value = field(price, "value");
    const std::optional<std::int64_t> amount =
        number(value.is_there() ? value : field(price, "price"), gbp_decimals, 0, money_max);
    return word && amount ? std::optional(MicroPounds{*amount}) : std::nullopt;
}

void read_quote(const Node& node, const std::vector<Node>& items, Order& order) {
    const Node total = field(node, "orderValue");
    if (!total.is_there()) {
        return;
    }
    Quote quote;
    quote.total = read_money(total).value_or(MicroPounds{});
    if (total.member(own_ttl).is_there()) {
        quote.ttl = total.member(own_ttl).duration();
    }
    for (const Node& item : items) {
        const Node price = field(item, "price");
        if (price.is_there()) {
            quote.breakup.push_back({.item = id_of(field(item, "orderedItem")).own_id().value_or(""),
                                     .price = read_money(price).value_or(MicroPounds{})});
        }
    }
    order.quote = std::move(quote);
}

Value write_quote(const Quote& quote) {
    Members members{{"currency", Value("GBP")}, {"value", number(quote.total.value, gbp_decimals)}};
    if (quote.ttl) {
        members.emplace_back(own_ttl, Value(format_duration(*quote.ttl)));
    }
    return v11::object(std::move(members));
}

/// A buyer who is not the BAP itself.
void read_buyer(const Node& node, const Context& context, Order& order) {
    const Node buyer = field(node, "buyer");
    if (!buyer.is_there()) {
        return;
    }
    Participant participant{.role = PartyRole::buyer, .id = id_text(buyer)};
    if (buyer.value()->is_object()) {
        participant.name = field(buyer, "displayName").text_or_empty(v11::name_max).value_or("");
    }
    if (participant.id != context.bap_id || !participant.name.empty()) {
        order.participants.push_back(std::move(participant));
    }
}

Value write_buyer(const Order& order, const Context& context) {
    std::string id = context.bap_id;
    std::string name;
    for (const Participant& participant : order.participants) {
        if (participant.role == PartyRole::buyer) {
            id = participant.id;
            name = participant.name;
        }
    }
    Members members{{"beckn:id", Value(id)}, {"beckn:role", Value("BUYER")}};
    add_text(members, "beckn:displayName", name);
    return typed(core_context, "Buyer", std::move(members));
}

Value write_fulfilment(const Order& order, bool is_callback) {
    UtcTime start = UtcTime::max();
    UtcTime end = UtcTime::min();
    std::int64_t total = 0;
    for (const OrderLine& line : order.lines) {
        if (line.power_w.values.empty()) {
            continue;
        }
        start = std::min(start, line.power_w.start);
        end = std::max(end, line.power_w.end());
        total += *std::max_element(line.power_w.values.begin(), line.power_w.values.end());
    }
    Members members{{"beckn:id", Value(fulfilment_id)}, {"beckn:mode", Value("RESERVATION")}};
    if (order.fulfilment != FulfilmentState::none) {
        members.push_back({"beckn:fulfillmentStatus", Value(to_string(order.fulfilment))});
    }
    if (start < end) {
        const std::string key =
            is_callback ? "beckn:totalCommittedReduction" : "beckn:totalRequestedReduction";
        Members event{{"beckn:eventStartTime", Value(format_utc(start))},
                      {"beckn:eventEndTime", Value(format_utc(end))}};
        event.emplace_back(key, number(total, kw_decimals));
        event.emplace_back(key + "Unit", Value("kW"));
        members.push_back({"beckn:deliveryAttributes",
                           typed(flexibility_context, "DemandFlexibilityEvent", std::move(event))});
    }
    return typed(core_context, "Fulfillment", std::move(members));
}

Value write_order_attributes(const Order& order) {
    Members members;
    members.emplace_back(own_contract, write_terms(order));
    if (!order.performance.empty()) {
        members.emplace_back(own_performance, write_performance(order.performance));
    }
    return typed(flexibility_context, "DemandFlexibilityOrder", std::move(members));
}

}  // namespace

std::optional<Order> read_order(const Node& node, const Context& context, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    const std::size_t before = node.faults().count();
    Order order;
    if (field(node, "id").is_there()) {
        order.id = field(node, "id").foreign_id().value_or("");
    }
    read_status(field(node, "orderStatus"), order);
    const Node seller = field(node, "seller");
    if (seller.is_there()) {
        order.provider = id_text(seller);
    }
    read_buyer(node, context, order);
    const Node delivery = field(field(node, "fulfillment"), "deliveryAttributes");
    const std::vector<Node> items = field(node, "orderItems").items(limits.order_lines);
    for (const Node& item : items) {
        std::optional<OrderLine> line = read_line(item, delivery, items.size() == 1);
        if (line) {
            order.lines.push_back(std::move(*line));
        }
    }
    read_quote(node, items, order);
    read_terms(field(node, "orderAttributes").member(own_contract), order);
    if (node.faults().count() != before) {
        return std::nullopt;
    }
    // Evidence that cannot be read is told and left out: the order stands without it.
    order.performance = read_performance(node, limits);
    order.flows = read_flows(node);
    return order;
}

Value write_order(const Order& order, const Context& context) {
    const bool is_answer = is_callback(context.action);
    Array items;
    items.reserve(order.lines.size());
    for (const OrderLine& line : order.lines) {
        items.push_back(write_line(line, items.size() + 1, order, is_answer));
    }
    Members members;
    add_text(members, "beckn:id", order.id);
    members.push_back({"beckn:orderStatus", Value(status_word(order))});
    members.push_back({"beckn:seller", Value(order.provider.empty() ? context.bpp_id : order.provider)});
    members.push_back({"beckn:buyer", write_buyer(order, context)});
    members.push_back({"beckn:orderItems", std::move(items)});
    if (order.quote) {
        members.push_back({"beckn:orderValue", write_quote(*order.quote)});
    }
    if (!order.flows.empty()) {
        members.push_back({"beckn:payment", write_payment(order)});
    }
    members.push_back({"beckn:fulfillment", write_fulfilment(order, is_answer)});
    members.push_back({"beckn:orderAttributes", write_order_attributes(order)});
    return typed(core_context, "Order", std::move(members));
}

Value write_bare_order(std::string_view id, std::string_view status, const Context& context, Members more) {
    Members members;
    members.push_back({"beckn:id", Value(id)});
    members.push_back({"beckn:orderStatus", Value(status)});
    members.push_back({"beckn:seller", Value(context.bpp_id)});
    members.push_back({"beckn:buyer", write_buyer(Order{}, context)});
    // The schema wants one; the answer is about none in particular.
    members.push_back({"beckn:orderItems", Array{v11::object({{"beckn:orderedItem", Value(id)}})}});
    for (auto& member : more) {
        members.push_back(std::move(member));
    }
    return typed(core_context, "Order", std::move(members));
}

}  // namespace headroom::beckn::rc1
