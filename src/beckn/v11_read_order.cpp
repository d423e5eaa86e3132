#include "beckn/decimal.hpp"
#include "beckn/v11_parts.hpp"
#include "beckn/v11_terms.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

constexpr std::int64_t money_max = 1'000'000'000'000'000;  // a thousand million pounds in µ£

/// Whose price a line of the breakup is; an absent node for fees and taxes, which count in the total only. In
/// 0.9 the line has a title alone: the item's id.
Node priced_item(const Dialect& dialect, const Node& line, const std::vector<OrderLine>& ordered) {
    Node id = line.member("item").member("id");
    if (id.is_there() || !dialect.is_flat()) {
        return id;
    }
    Node title = line.member("title");
    const std::string* text = title.is_there() ? title.value()->as_string() : nullptr;
    const auto is_it = [text](const OrderLine& known) { return text != nullptr && known.item == *text; };
    return std::any_of(ordered.begin(), ordered.end(), is_it) ? title : id;
}

std::optional<Quote> read_quote(const Dialect& dialect, const Node& node,
                                const std::vector<OrderLine>& ordered, const CodecLimits& limits) {
    const std::size_t before = node.faults().count();
    Quote quote;
    quote.total = read_price(node.member("price")).value_or(MicroPounds{});
    for (const Node& line : node.member("breakup").items(limits.order_lines)) {
        const Node item = priced_item(dialect, line, ordered);
        if (!item.is_there()) {
            continue;
        }
        quote.breakup.push_back({.item = item.foreign_id().value_or(""),
                                 .price = read_price(line.member("price")).value_or(MicroPounds{})});
    }
    if (node.member("ttl").is_there()) {
        quote.ttl = node.member("ttl").duration();
    }
    return node.faults().count() == before ? std::optional(std::move(quote)) : std::nullopt;
}

std::optional<OrderStatus> parse_status(std::string_view text) {
    for (const OrderStatus status : {OrderStatus::active, OrderStatus::complete, OrderStatus::cancelled}) {
        if (text == to_string(status)) {
            return status;
        }
    }
    return std::nullopt;
}

FulfilmentState read_state(const Node& fulfilment) {
    const Node code = fulfilment.member("state").member("descriptor").member("code");
    const std::string* text = code.is_there() ? code.value()->as_string() : nullptr;
    for (const FulfilmentState state :
         {FulfilmentState::armed, FulfilmentState::active, FulfilmentState::completed}) {
        if (text != nullptr && *text == to_string(state)) {
            return state;
        }
    }
    return FulfilmentState::none;
}

/// Words of others mean no more than "not yet told".
FulfilmentState read_fulfilment(const Dialect& dialect, const Node& order) {
    if (dialect.is_flat()) {
        return read_state(order.member("fulfillment"));
    }
    for (const Node& fulfilment : order.member("fulfillments").items(8)) {
        const FulfilmentState state = read_state(fulfilment);
        if (state != FulfilmentState::none) {
            return state;
        }
    }
    return FulfilmentState::none;
}

std::vector<OrderLine> read_lines(const Node& items, const CodecLimits& limits) {
    std::vector<OrderLine> lines;
    for (const Node& item : items.items(limits.order_lines)) {
        const Tags tags = Tags::find(item, flex_grid);
        if (!tags.is_there()) {
            item.member("tags").refuse("has no group " + std::string(flex_grid));
            continue;
        }
        OrderLine line;
        line.item = item.member("id").own_id().value_or("");
        if (tags.value("feeder_id").is_there()) {
            line.feeder = tags.value("feeder_id").own_id().value_or("");
        }
        line.power_w = read_grid(tags).value_or(flex::IntervalGrid{});
        lines.push_back(std::move(line));
    }
    return lines;
}

/// The kind of contract, whether it is a draft, and why it was cancelled.
void read_terms(const Dialect& dialect, const Node& node, Order& order) {
    const Tags terms = Tags::find(dialect.is_flat() ? node.member("fulfillment") : node, flex_contract);
    if (terms.value("kind").is_there()) {
        order.kind = word(terms.value("kind"), flex::parse_contract_kind).value_or(flex::ContractKind::spot);
    }
    if (dialect.is_flat()) {
        order.draft = terms.value("draft").is_there() && terms.value("draft").text(8) == "true";
        order.cancellation = terms.value("cancellation").text_or_empty(sentence_max).value_or("");
        return;
    }
    const json::Value* type = node.member("type").value();
    order.draft = type != nullptr && type->as_string() != nullptr && *type->as_string() == "DRAFT";
    const Node reason = node.member("cancellation").member("reason").member("descriptor");
    order.cancellation = reason.member("short_desc").text_or_empty(sentence_max).value_or("");
}

}  // namespace

std::optional<MicroPounds> read_price(const Node& node) {
    const std::optional<std::string> currency = node.member("currency").text(16);
    if (currency && *currency != "GBP") {
        node.member("currency").refuse("is " + *currency + "; only GBP is settled here");
        return std::nullopt;
    }
    const std::optional<std::int64_t> value = node.member("value").decimal(gbp_decimals, 0, money_max);
    if (!currency || !value) {
        return std::nullopt;
    }
    return MicroPounds{*value};
}

std::optional<Order> read_order(const Dialect& dialect, const Node& node, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    const std::size_t before = node.faults().count();
    Order order;
    if (node.member("id").is_there()) {
        order.id = node.member("id").foreign_id().value_or("");
    }
    const Node status = node.member(dialect.is_flat() ? "state" : "status");
    if (status.is_there()) {
        order.status = word(status, parse_status).value_or(OrderStatus::none);
    }
    if (node.member("provider").member("id").is_there()) {
        order.provider = node.member("provider").member("id").foreign_id().value_or("");
    }
    order.lines = read_lines(node.member("items"), limits);
    if (node.member("quote").is_there()) {
        order.quote = read_quote(dialect, node.member("quote"), order.lines, limits);
    }
    order.fulfilment = read_fulfilment(dialect, node);
    read_terms(dialect, node, order);
    return node.faults().count() == before ? std::optional(std::move(order)) : std::nullopt;
}

}  // namespace headroom::beckn::v11
