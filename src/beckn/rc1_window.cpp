#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Value;

constexpr int percent_decimals = 4;  // ppm in per cent
constexpr std::int64_t carbon_max = 100'000;
constexpr std::int64_t share_max_ppm = 1'000'000;

struct Price {
    std::int64_t per_mwh_micro = 0;
    std::string currency;
};

/// A price per kWh: {"currency", "value" or "price" or "spotPrice"}.
std::optional<Price> read_price_per_kwh(const Node& node) {
    Node value = field(node, "value");
    for (const std::string_view name : {"price", "spotPrice"}) {
        value = value.is_there() ? value : field(node, name);
    }
    const std::optional<std::string> currency = field(node, "currency").text(3);
    const std::optional<std::int64_t> price = number(value, gbp_per_kwh_decimals, 0, flex::price_max.value);
    return currency && price ? std::optional(Price{*price, *currency}) : std::nullopt;
}

std::string price_stability(const Node& attributes) {
    return field(attributes, "priceStability").text_or_empty(64).value_or("");
}

std::string name_of(const Node& described) {
    return field(field(described, "descriptor"), "name").text_or_empty(v11::name_max).value_or("");
}

/// Everything but the price.
std::optional<flex::ComputeWindow> read_window(const Node& item) {
    const std::size_t before = item.faults().count();
    const Node attributes = field(item, "itemAttributes");
    const Node grid = field(attributes, "gridParameters");
    const Node time = field(attributes, "timeWindow");
    flex::ComputeWindow window;
    window.resource = field(item, "id").own_id().value_or("");
    window.provider = id_text(field(item, "provider"));
    window.name = name_of(item);
    window.grid_area = field(grid, "gridArea").text_or_empty(v11::name_max).value_or("");
    window.grid_zone = field(grid, "gridZone").text_or_empty(v11::name_max).value_or("");
    window.start = field(time, "start").time().value_or(UtcTime{});
    window.end = field(time, "end").time().value_or(UtcTime{});
    window.capacity_w =
        power_w(field(attributes, "capacityParameters"), "availableCapacity", "capacityUnit").value_or(0);
    if (field(grid, "renewableMix").is_there()) {
        window.renewable_ppm =
            number(field(grid, "renewableMix"), percent_decimals, 0, share_max_ppm).value_or(0);
    }
    if (field(grid, "carbonIntensity").is_there()) {
        window.carbon_g_per_kwh = number(field(grid, "carbonIntensity"), 0, 0, carbon_max).value_or(0);
    }
    if (item.faults().count() != before) {
        return std::nullopt;
    }
    if (window.start >= window.end) {
        field(time, "end").refuse("must be later than the start");
        return std::nullopt;
    }
    if (window.capacity_w < 0) {
        field(attributes, "capacityParameters").refuse("has less than no capacity");
        return std::nullopt;
    }
    return window;
}

/// Whether an offer is for this window's resource: by its provider as well, when it says one.
bool is_for(const Node& offer, const flex::ComputeWindow& window) {
    const json::Value* provider = id_of(field(offer, "provider")).value();
    if (provider != nullptr && provider->as_string() != nullptr &&
        *provider->as_string() != window.provider) {
        return false;
    }
    const json::Value* items = field(offer, "items").value();
    const json::Array* list = items == nullptr ? nullptr : items->as_array();
    return list != nullptr && std::any_of(list->begin(), list->end(), [&window](const Value& id) {
               return id.as_string() != nullptr && *id.as_string() == window.resource;
           });
}

bool set_price(flex::ComputeWindow& window, const Node& price, const Node& terms) {
    const std::optional<Price> read = read_price_per_kwh(price);
    if (!read) {
        return false;
    }
    window.price_per_mwh_micro = read->per_mwh_micro;
    window.currency = read->currency;
    window.price_stability = price_stability(terms);
    return true;
}

Value power_in_mw(std::int64_t watts) {
    return v11::object({{"availableCapacity", number(watts, 6)}, {"capacityUnit", Value("MW")}});
}

}  // namespace

bool is_compute_window(const Node& attributes) {
    const std::string type = type_of(attributes);
    return type == "ComputeEnergyWindow" || (type.empty() && field(attributes, "gridParameters").is_there());
}

std::vector<flex::ComputeWindow> read_windows(const Node& item, const std::vector<Node>& offers) {
    std::vector<flex::ComputeWindow> windows;
    const std::optional<flex::ComputeWindow> window = read_window(item);
    if (!window) {
        return windows;
    }
    bool is_offered = false;
    for (const Node& offer : offers) {
        if (!is_for(offer, *window)) {
            continue;
        }
        is_offered = true;
        flex::ComputeWindow offered = *window;
        const std::optional<std::string> id = field(offer, "id").own_id();
        if (!id || !set_price(offered, field(offer, "price"), field(offer, "offerAttributes"))) {
            continue;
        }
        offered.id = *id;
        if (field(field(offer, "validity"), "endDate").is_there()) {
            offered.valid_until = field(field(offer, "validity"), "endDate").time().value_or(UtcTime{});
        }
        windows.push_back(std::move(offered));
    }
    if (!is_offered) {
        flex::ComputeWindow offered = *window;
        const Node terms = field(field(item, "itemAttributes"), "pricingParameters");
        const Node price = field(item, "price").is_there() ? field(item, "price") : terms;
        if (set_price(offered, price, terms)) {
            offered.id = offered.resource;
            windows.push_back(std::move(offered));
        }
    }
    return windows;
}

Value write_window_item(const flex::ComputeWindow& window) {
    Members grid;
    add_text(grid, "gridArea", window.grid_area);
    add_text(grid, "gridZone", window.grid_zone);
    grid.push_back({"renewableMix", number(window.renewable_ppm, percent_decimals)});
    grid.push_back({"renewableMixUnit", Value("percent")});
    grid.push_back({"carbonIntensity", Value(window.carbon_g_per_kwh)});
    grid.push_back({"carbonIntensityUnit", Value("gCO2/kWh")});
    Members attributes;
    attributes.push_back({"beckn:gridParameters", v11::object(std::move(grid))});
    attributes.push_back(
        {"beckn:timeWindow", v11::object({{"start", Value(format_utc(window.start))},
                                          {"end", Value(format_utc(window.end))},
                                          {"duration", Value(format_duration(window.end - window.start))}})});
    attributes.push_back({"beckn:capacityParameters", power_in_mw(window.capacity_w)});
    Members members;
    members.push_back({"beckn:id", Value(window.resource)});
    members.push_back({"beckn:descriptor", described(window.name)});
    members.push_back({"beckn:availabilityWindow", Array{period(window.start, window.end)}});
    members.push_back({"beckn:provider", v11::object({{"beckn:id", Value(window.provider)},
                                                      {"beckn:descriptor", described({})}})});
    members.push_back(
        {"beckn:itemAttributes", typed(compute_context, "ComputeEnergyWindow", std::move(attributes))});
    return typed(core_context, "Item", std::move(members));
}

Value write_window_offer(const flex::ComputeWindow& window) {
    Members terms{{"beckn:unit", Value("per_kWh")}};
    add_text(terms, "beckn:priceStability", window.price_stability);
    Members members;
    members.push_back({"beckn:id", Value(window.id)});
    members.push_back({"beckn:descriptor", described(window.name)});
    members.push_back({"beckn:provider", Value(window.provider)});
    members.push_back({"beckn:items", Array{Value(window.resource)}});
    if (window.valid_until != UtcTime{}) {
        members.push_back({"beckn:validity", period(std::nullopt, window.valid_until)});
    }
    members.push_back(
        {"beckn:price", v11::object({{"currency", Value(window.currency)},
                                     {"value", number(window.price_per_mwh_micro, gbp_per_kwh_decimals)},
                                     {"applicableQuantity", v11::object({{"unitText", Value("kWh")},
                                                                         {"unitQuantity", Value(1)}})}})});
    members.push_back(
        {"beckn:offerAttributes", typed(compute_context, "ComputeEnergyPricing", std::move(terms))});
    return typed(core_context, "Offer", std::move(members));
}

}  // namespace headroom::beckn::rc1
