#include "beckn/v11_shapes.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

Value write_line(const Dialect& dialect, const OrderLine& line) {
    std::int64_t peak = 0;
    for (const std::int64_t watts : line.power_w.values) {
        peak = std::max(peak, watts);
    }
    Value fulfilment = dialect.is_flat() ? Value(fulfilment_id) : Value(Array{Value(fulfilment_id)});
    Value quantity = measure_kw(dialect, peak);
    if (!dialect.is_flat()) {
        quantity = object({{"selected", std::move(quantity)}});
    }
    return object({{"id", line.item},
                   {dialect.is_flat() ? "fulfillment_id" : "fulfillment_ids", std::move(fulfilment)},
                   {"quantity", std::move(quantity)},
                   {"tags", tags(dialect, flex_grid, write_line_terms(line))}});
}

Value write_quote(const Dialect& dialect, const Quote& quote) {
    Array breakup;
    breakup.reserve(quote.breakup.size());
    for (const QuoteLine& line : quote.breakup) {
        if (dialect.is_flat()) {
            breakup.push_back(object({{"title", line.item}, {"price", gbp(line.price)}}));
            continue;
        }
        breakup.push_back(object({{"item", object({{"id", line.item}})},
                                  {"title", Value("flexibility")},
                                  {"price", gbp(line.price)}}));
    }
    std::vector<Object::Member> members;
    members.push_back({"price", gbp(quote.total)});
    members.push_back({"breakup", std::move(breakup)});
    if (quote.ttl) {
        members.push_back({"ttl", format_duration(*quote.ttl)});
    }
    return object(std::move(members));
}

/// What has no field of its own: in 1.1 the kind only.
NamedValues write_terms(const Dialect& dialect, const Order& order) {
    NamedValues list;
    list.emplace_back("kind", flex::to_string(order.kind));
    if (dialect.is_flat() && order.draft) {
        list.push_back({"draft", "true"});
    }
    if (dialect.is_flat() && !order.cancellation.empty()) {
        list.push_back({"cancellation", order.cancellation});
    }
    return list;
}

Value write_fulfilment(const Dialect& dialect, const Order& order) {
    UtcTime start = UtcTime::max();
    UtcTime end = UtcTime::min();
    for (const OrderLine& line : order.lines) {
        start = std::min(start, line.power_w.start);
        end = std::max(end, line.power_w.end());
    }
    std::vector<Object::Member> members;
    members.push_back({"id", Value(fulfilment_id)});
    members.push_back({"type", Value("FLEX")});
    if (order.fulfilment != FulfilmentState::none) {
        members.push_back({"state", object({{"descriptor", descriptor(to_string(order.fulfilment))}})});
    }
    if (!order.lines.empty()) {
        add_stops(dialect, members, start, end);
    }
    if (dialect.is_flat()) {
        members.push_back({"tags", tags(dialect, flex_contract, write_terms(dialect, order))});
    }
    return object(std::move(members));
}

}  // namespace

Value write_order(const Dialect& dialect, const Order& order) {
    std::vector<Object::Member> members;
    members.reserve(10);
    if (!order.id.empty()) {
        members.push_back({"id", order.id});
    }
    if (order.status != OrderStatus::none) {
        members.emplace_back(dialect.is_flat() ? "state" : "status", Value(to_string(order.status)));
    }
    if (!dialect.is_flat()) {
        members.push_back({"type", Value(order.draft ? "DRAFT" : "DEFAULT")});
    }
    if (!order.provider.empty()) {
        members.push_back({"provider", object({{"id", order.provider}})});
    }
    Array items;
    items.reserve(order.lines.size());
    for (const OrderLine& line : order.lines) {
        items.push_back(write_line(dialect, line));
    }
    members.push_back({"items", std::move(items)});
    if (dialect.is_flat()) {
        members.push_back({"fulfillment", write_fulfilment(dialect, order)});
    } else {
        members.push_back({"fulfillments", Array{write_fulfilment(dialect, order)}});
    }
    if (order.quote) {
        members.push_back({"quote", write_quote(dialect, *order.quote)});
    }
    if (dialect.is_flat()) {
        return object(std::move(members));
    }
    if (!order.cancellation.empty()) {
        const Value reason = object({{"short_desc", order.cancellation}});
        members.push_back({"cancellation", object({{"reason", object({{"descriptor", reason}})}})});
    }
    members.push_back({"tags", tags(dialect, flex_contract, write_terms(dialect, order))});
    return object(std::move(members));
}

}  // namespace headroom::beckn::v11
