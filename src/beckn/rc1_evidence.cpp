#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"
#include "beckn/v11_terms.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Value;

constexpr std::size_t flows_max = 64;
constexpr std::size_t readings_max = flex::grid_slots_max;

/// Readings at even distances, oldest first, each for the time that follows it. A fault when they are not so.
std::optional<flex::IntervalGrid> read_readings(const Node& metering) {
    const std::vector<Node> readings = field(metering, "intervalData").items(readings_max);
    flex::IntervalGrid grid;
    grid.step = milliseconds{0};
    UtcTime previous{};
    for (const Node& reading : readings) {
        const std::optional<UtcTime> time = field(reading, "timestamp").time();
        // The unit stands beside the list.
        const Node unit = field(metering, "intervalUnit");
        std::optional<std::int64_t> watts = power_w(reading, "load");
        if (!time || !watts) {
            return std::nullopt;
        }
        const json::Value* word = unit.value();
        if (word != nullptr && word->as_string() != nullptr && *word->as_string() == "MW") {
            *watts *= 1000;
        }
        if (std::abs(*watts) > flex::offer_power_max.value) {
            field(reading, "load").refuse("is more than a site can take");
            return std::nullopt;
        }
        if (grid.values.empty()) {
            grid.start = *time;
        } else if (grid.values.size() == 1) {
            grid.step = *time - previous;
        }
        if ((grid.values.size() >= 1 && *time - previous != grid.step) || grid.step < milliseconds{0}) {
            reading.refuse("does not follow at an even distance");
            return std::nullopt;
        }
        previous = *time;
        grid.values.push_back(*watts);
    }
    if (grid.values.size() < 2 || !v11::is_slot_length(grid.step)) {
        return std::nullopt;
    }
    return grid;
}

std::optional<flex::MeterSeries> read_meter(const Node& item) {
    const Node attributes = field(item, "orderItemAttributes");
    const Node metering = field(attributes, "meteringData");
    if (!metering.is_there()) {
        return std::nullopt;
    }
    flex::MeterSeries series;
    const Node consumer = field(attributes, "consumerId");
    series.meter = id_text(consumer.is_there() ? consumer : field(item, "orderedItem"));
    series.usage_w = read_readings(metering);
    if (!series.usage_w || series.meter.empty()) {
        return std::nullopt;
    }
    if (field(attributes, "baselineLoad").is_there()) {
        const std::optional<std::int64_t> watts = power_w(attributes, "baselineLoad");
        if (watts && std::abs(*watts) <= flex::offer_power_max.value) {
            series.baseline_w = *series.usage_w;
            std::fill(series.baseline_w->values.begin(), series.baseline_w->values.end(), *watts);
        }
    }
    return series;
}

/// As the published pack says it: by line.
std::vector<flex::Performance> read_published_readings(const Node& order, const CodecLimits& limits) {
    const Node event = field(field(order, "fulfillment"), "deliveryAttributes");
    flex::Performance performance;
    for (const Node& item : field(order, "orderItems").items(limits.order_lines)) {
        if (std::optional<flex::MeterSeries> series = read_meter(item)) {
            performance.meters.push_back(std::move(*series));
            if (performance.methodology.empty()) {
                performance.methodology = field(field(item, "orderItemAttributes"), "baselineMethod")
                                              .text_or_empty(64)
                                              .value_or("");
            }
        }
    }
    if (performance.meters.empty()) {
        return {};
    }
    performance.id = field(field(order, "fulfillment"), "id").text_or_empty(id_max).value_or("");
    performance.event = field(event, "eventId").text_or_empty(id_max).value_or("");
    performance.state = field(event, "eventStatus").text_or_empty(64).value_or("");
    return {std::move(performance)};
}

std::optional<flex::IntervalGrid> read_series(const Node& node) {
    if (!node.is_there()) {
        return std::nullopt;
    }
    return v11::read_grid(Tags::of(node), -flex::offer_power_max.value);
}

std::vector<flex::Performance> read_own_readings(const Node& list, const CodecLimits& limits) {
    std::vector<flex::Performance> all;
    for (const Node& node : list.items(limits.order_lines)) {
        flex::Performance performance;
        performance.id = node.member("id").text_or_empty(id_max).value_or("");
        performance.state = node.member("state").text_or_empty(64).value_or("");
        performance.event = node.member("event").text_or_empty(id_max).value_or("");
        performance.methodology = node.member("methodology").text_or_empty(64).value_or("");
        for (const Node& meter : node.member("meters").items(limits.order_lines)) {
            flex::MeterSeries series;
            series.meter = id_text(meter.member("meter"));
            series.baseline_w = read_series(meter.member("baseline"));
            series.usage_w = read_series(meter.member("usage"));
            if (!series.meter.empty()) {
                performance.meters.push_back(std::move(series));
            }
        }
        all.push_back(std::move(performance));
    }
    return all;
}

Value write_series(const flex::IntervalGrid& grid) {
    NamedValues list;
    v11::add_grid(list, grid);
    return values(std::move(list));
}

std::optional<flex::RevenueFlow> read_flow(const Node& node) {
    const std::optional<std::string> role = node.member("role").text(32);
    const std::optional<std::string> currency = node.member("currency").text(3);
    const std::optional<std::int64_t> value =
        number(node.member("value"), gbp_decimals, -money_max, money_max);
    if (!role || !currency || !value) {
        return std::nullopt;
    }
    flex::RevenueFlow flow;
    flow.role = *role;
    flow.value_micro = *value;
    flow.currency = *currency;
    flow.description = node.member("description").text_or_empty(v11::name_max).value_or("");
    return flow;
}

}  // namespace

std::vector<flex::Performance> read_performance(const Node& order, const CodecLimits& limits) {
    const Node own = field(order, "orderAttributes").member(own_performance);
    return own.is_there() ? read_own_readings(own, limits) : read_published_readings(order, limits);
}

Value write_performance(const std::vector<flex::Performance>& performance) {
    Array all;
    for (const flex::Performance& evidence : performance) {
        Array meters;
        for (const flex::MeterSeries& series : evidence.meters) {
            Members members{{"meter", Value(series.meter)}};
            if (series.baseline_w && !series.baseline_w->values.empty()) {
                members.push_back({"baseline", write_series(*series.baseline_w)});
            }
            if (series.usage_w && !series.usage_w->values.empty()) {
                members.push_back({"usage", write_series(*series.usage_w)});
            }
            meters.push_back(v11::object(std::move(members)));
        }
        Members members;
        add_text(members, "id", evidence.id);
        add_text(members, "state", evidence.state);
        add_text(members, "event", evidence.event);
        add_text(members, "methodology", evidence.methodology);
        members.push_back({"meters", std::move(meters)});
        all.push_back(v11::object(std::move(members)));
    }
    return all;
}

std::vector<flex::RevenueFlow> read_flows(const Node& order) {
    const Node terms = field(field(order, "payment"), "paymentAttributes");
    std::vector<flex::RevenueFlow> flows;
    if (const Node own = terms.member(own_flows); own.is_there()) {
        for (const Node& node : own.items(flows_max)) {
            if (std::optional<flex::RevenueFlow> flow = read_flow(node)) {
                flows.push_back(std::move(*flow));
            }
        }
        return flows;
    }
    if (type_of(terms) != "DemandFlexibilitySettlement") {
        return flows;  // an estimate settles nothing
    }
    const Node amount = field(terms, "settlementAmount").is_there() ? field(terms, "settlementAmount")
                                                                    : field(terms, "totalSettlementAmount");
    const std::optional<std::int64_t> value = number(amount, gbp_decimals, -money_max, money_max);
    const std::optional<std::string> currency = field(terms, "currency").text(3);
    if (value && currency) {
        for (const std::string_view role : {"buyer", "seller"}) {
            flex::RevenueFlow flow;
            flow.role = std::string(role);
            flow.value_micro = role == "seller" ? *value : -*value;
            flow.currency = *currency;
            flows.push_back(std::move(flow));
        }
    }
    return flows;
}

Value write_payment(const Order& order) {
    Array list;
    Members terms;
    for (const flex::RevenueFlow& flow : order.flows) {
        Members members{{"role", Value(flow.role)},
                        {"value", Value(format_decimal(flow.value_micro, gbp_decimals))},
                        {"currency", Value(flow.currency)}};
        add_text(members, "description", flow.description);
        list.push_back(v11::object(std::move(members)));
        if (flow.role == "seller" && terms.empty()) {
            terms.push_back({"beckn:settlementAmount", number(flow.value_micro, gbp_decimals)});
            terms.push_back({"beckn:currency", Value(flow.currency)});
        }
    }
    terms.emplace_back(own_flows, std::move(list));
    const bool is_over = order.status == OrderStatus::complete;
    Members members{{"beckn:paymentStatus", Value(is_over ? "SETTLED" : "PENDING")}};
    members.push_back({"beckn:paymentAttributes",
                       typed(flexibility_context, "DemandFlexibilitySettlement", std::move(terms))});
    return typed(core_context, "Payment", std::move(members));
}

}  // namespace headroom::beckn::rc1
