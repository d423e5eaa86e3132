#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"
#include "beckn/v11_terms.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Value;

/// One slot of this power; a fault at `node` when nobody could be held to it.
std::optional<flex::IntervalGrid> one_slot(const Node& node, std::optional<std::int64_t> watts,
                                           std::optional<UtcTime> start, milliseconds length) {
    if (!watts || !start) {
        return std::nullopt;
    }
    if (*watts < 0 || *watts > flex::offer_power_max.value) {
        node.refuse("is not a power that can be asked or committed");
        return std::nullopt;
    }
    if (!v11::is_slot_length(length)) {
        node.refuse("must last between one minute and one day");
        return std::nullopt;
    }
    return flex::IntervalGrid{.start = *start, .step = length, .values = {*watts}};
}

std::optional<flex::IntervalGrid> read_activation(const Node& attributes) {
    const Node length = field(attributes, "duration");
    const std::optional<UtcTime> start = field(attributes, "activationTime").time();
    const std::optional<milliseconds> duration = length.duration();
    if (!duration) {
        return std::nullopt;
    }
    return one_slot(attributes, power_w(attributes, "requestedReduction"), start, *duration);
}

/// A commitment says how much; when stands in the event.
std::optional<flex::IntervalGrid> read_commitment(const Node& attributes, const Node& event) {
    const std::optional<UtcTime> start = field(event, "eventStartTime").time();
    const std::optional<UtcTime> end = field(event, "eventEndTime").time();
    const json::Value* status = field(attributes, "participationStatus").value();
    const bool is_declined =
        status != nullptr && status->as_string() != nullptr && *status->as_string() == "declined";
    const std::optional<std::int64_t> watts =
        is_declined ? std::optional<std::int64_t>(0) : power_w(attributes, "committedReduction");
    if (!start || !end) {
        return std::nullopt;
    }
    return one_slot(attributes, watts, start, *end - *start);
}

/// Of a window: what is reserved, or what the load takes, or all of it.
std::optional<flex::IntervalGrid> read_reservation(const Node& attributes, const Node& delivery,
                                                   bool is_alone) {
    const Node capacity = field(attributes, "capacityParameters");
    const bool is_reserved = field(capacity, "reservedCapacity").is_there();
    const bool is_loaded = !is_reserved && is_alone && field(delivery, "computeLoad").is_there();
    const Node time =
        field(is_loaded && field(delivery, "timeWindow").is_there() ? delivery : attributes, "timeWindow");
    const std::optional<std::int64_t> watts =
        is_loaded ? power_w(delivery, "computeLoad")
                  : power_w(capacity, is_reserved ? "reservedCapacity" : "availableCapacity", "capacityUnit");
    const std::optional<UtcTime> start = field(time, "start").time();
    const std::optional<UtcTime> end = field(time, "end").time();
    if (!start || !end) {
        return std::nullopt;
    }
    return one_slot(time, watts, start, *end - *start);
}

std::optional<flex::IntervalGrid> read_power(const Node& item, const Node& delivery, bool is_alone) {
    const Node attributes = field(item, "orderItemAttributes");
    if (!attributes.is_there()) {
        // A compute window is chosen whole; how much of it is used comes with the load.
        if (is_alone && field(delivery, "computeLoad").is_there()) {
            return read_reservation(attributes, delivery, is_alone);
        }
        return flex::IntervalGrid{};
    }
    if (const Node own = attributes.member(own_grid); own.is_there()) {
        return v11::read_grid(Tags::of(own));
    }
    if (field(attributes, "requestedReduction").is_there()) {
        return read_activation(attributes);
    }
    if (field(attributes, "committedReduction").is_there() ||
        field(attributes, "participationStatus").is_there()) {
        return read_commitment(attributes, delivery);
    }
    if (is_compute_window(attributes)) {
        return read_reservation(attributes, delivery, is_alone);
    }
    attributes.member("@type").refuse("'" + type_of(attributes).substr(0, 64) +
                                      "' says nothing of a power that is asked or committed");
    return std::nullopt;
}

milliseconds length_of(const flex::IntervalGrid& grid) {
    return grid.end() - grid.start;
}

Value write_attributes(const OrderLine& line, const Order& order, bool is_callback) {
    std::int64_t peak = 0;
    for (const std::int64_t watts : line.power_w.values) {
        peak = std::max(peak, watts);
    }
    Members members;
    if (is_callback) {
        const bool is_declined = peak == 0;
        members.push_back({"beckn:committedReduction", number(peak, kw_decimals)});
        members.push_back({"beckn:committedReductionUnit", Value("kW")});
        members.push_back({"beckn:participationStatus",
                           Value(is_declined ? "declined" : (order.draft ? "offered" : "confirmed"))});
    } else {
        members.push_back({"beckn:requestedReduction", number(peak, kw_decimals)});
        members.push_back({"beckn:requestedReductionUnit", Value("kW")});
        members.push_back({"beckn:activationTime", Value(format_utc(line.power_w.start))});
        members.push_back({"beckn:duration", Value(format_duration(length_of(line.power_w)))});
    }
    members.emplace_back(own_grid, values(v11::write_line_terms(line)));
    return typed(flexibility_context,
                 is_callback ? "DemandFlexibilityParticipation" : "DemandFlexibilityActivation",
                 std::move(members));
}

}  // namespace

std::optional<OrderLine> read_line(const Node& item, const Node& delivery, bool is_alone) {
    const std::size_t before = item.faults().count();
    OrderLine line;
    line.item = id_of(field(item, "orderedItem")).own_id().value_or("");
    const Node own = field(item, "orderItemAttributes").member(own_grid);
    if (own.is_there() && own.member("feeder_id").is_there()) {
        line.feeder = own.member("feeder_id").own_id().value_or("");
    }
    std::optional<flex::IntervalGrid> power = read_power(item, delivery, is_alone);
    if (item.faults().count() != before || !power) {
        return std::nullopt;
    }
    line.power_w = std::move(*power);
    return line;
}

Value write_line(const OrderLine& line, std::size_t number_of_line, const Order& order, bool is_callback) {
    Members members;
    members.push_back({"beckn:lineId", Value(std::to_string(number_of_line))});
    members.push_back({"beckn:orderedItem", Value(line.item)});
    if (order.quote) {
        for (const QuoteLine& priced : order.quote->breakup) {
            if (priced.item == line.item) {
                members.push_back(
                    {"beckn:price", v11::object({{"currency", Value("GBP")},
                                                 {"value", number(priced.price.value, gbp_decimals)}})});
                break;
            }
        }
    }
    if (!line.power_w.values.empty()) {
        members.push_back({"beckn:orderItemAttributes", write_attributes(line, order, is_callback)});
    }
    return v11::object(std::move(members));
}

}  // namespace headroom::beckn::rc1
