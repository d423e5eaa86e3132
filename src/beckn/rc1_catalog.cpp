#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"
#include "beckn/v11_terms.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Value;

constexpr std::int64_t million = 1'000'000;

std::optional<grid::DerClass> class_of_word(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    struct Sign {
        std::string_view part;
        grid::DerClass der_class;
    };
    // First one wins: "EV_charger_with_battery" is a charger.
    constexpr Sign signs[] = {
        {"ev", grid::DerClass::ev_charger},       {"heat_pump", grid::DerClass::heat_pump},
        {"heatpump", grid::DerClass::heat_pump},  {"hvac", grid::DerClass::hvac},
        {"battery", grid::DerClass::battery},     {"storage", grid::DerClass::battery},
        {"generator", grid::DerClass::generator}, {"data", grid::DerClass::compute},
        {"compute", grid::DerClass::compute},     {"server", grid::DerClass::compute},
    };
    for (const Sign& sign : signs) {
        if (word.find(sign.part) != std::string::npos) {
            return sign.der_class;
        }
    }
    return grid::parse_der_class(word);
}

grid::DerClass class_of(const Node& capabilities) {
    for (const std::string_view name : {"deviceTypes", "participantType"}) {
        const Node words = field(capabilities, name);
        const json::Array* list = words.is_there() ? words.value()->as_array() : nullptr;
        std::vector<Value> one;
        if (words.is_there() && words.value()->is_string()) {
            one.push_back(*words.value());
        }
        for (const Value& word : list != nullptr ? *list : one) {
            const auto known = word.as_string() == nullptr ? std::nullopt : class_of_word(*word.as_string());
            if (known) {
                return *known;
            }
        }
    }
    return grid::DerClass::other;
}

/// Whether somebody who is not there now offers nothing; told by a fault.
bool is_open(const Node& attributes) {
    const Node status = field(attributes, "subscriptionStatus");
    const json::Value* word = status.value();
    if (word != nullptr && word->as_string() != nullptr && *word->as_string() != "active" &&
        *word->as_string() != "ACTIVE") {
        status.refuse("is '" + *word->as_string() + "', not active");
        return false;
    }
    const Node now = field(field(attributes, "availabilityParameters"), "currentAvailability");
    if (now.value() != nullptr && now.value()->as_bool() == false) {
        now.refuse("says that it is not available");
        return false;
    }
    return true;
}

void read_capacity(const Node& attributes, flex::Offer& offer) {
    const Node load = field(field(attributes, "participantCapabilities"), "loadCapacity");
    const bool is_current = field(load, "currentAvailable").is_there();
    const std::string_view name = is_current ? "currentAvailable" : "max";
    const std::optional<std::int64_t> watts = power_w(load, name);
    offer.power = Watts{watts.value_or(0)};
    if (watts && (*watts < 1 || *watts > flex::offer_power_max.value)) {
        field(load, name).refuse("is not a power that can be offered");
    }
}

void read_incentive(const Node& incentive, flex::Offer& offer) {
    const Node currency = field(incentive, "currency");
    const std::optional<std::string> word = currency.text(16);
    if (word && *word != "GBP") {
        currency.refuse("is " + *word + "; only GBP is settled here");
    }
    offer.utilisation = MicroPoundsPerMwh{
        number(field(incentive, "rate"), gbp_per_kwh_decimals, 0, flex::price_max.value).value_or(0)};
}

std::int64_t read_reliability(const Node& score) {
    if (!score.is_there()) {
        return million;
    }
    // As a share of one, or in per cent.
    const std::int64_t written = number(score, share_decimals, 0, 100 * million).value_or(million);
    return written > million ? written / 100 : written;
}

/// A resource by the published pack alone.
std::optional<flex::Offer> read_published_offer(const Node& item, const Node& attributes) {
    const std::size_t before = item.faults().count();
    const Node available = field(attributes, "availabilityParameters");
    const Node limits = field(available, "operationalConstraints");
    const Node capabilities = field(attributes, "participantCapabilities");
    const Node baseline = field(attributes, "baselineData");
    flex::Offer offer;
    offer.id = field(item, "id").own_id().value_or("");
    const Node consumer = field(attributes, "consumerId");
    offer.der = consumer.is_there() ? consumer.own_id().value_or("") : offer.id;
    offer.der_class = class_of(capabilities);
    read_capacity(attributes, offer);
    read_incentive(field(attributes, "incentiveDetails"), offer);
    offer.available_from = field(available, "availableFrom").time().value_or(UtcTime{});
    offer.available_until = field(available, "availableUntil").time().value_or(UtcTime{});
    offer.duration_max = duration_or_zero(field(available, "maxDuration"));
    const Node notice = field(limits, "minimumNotice");
    offer.notice = duration_or_zero(notice.is_there() ? notice : field(capabilities, "responseTime"));
    offer.baseline_method = field(baseline, "baselineMethod").text_or_empty(64).value_or("");
    offer.reliability_ppm =
        read_reliability(field(field(baseline, "historicalPerformance"), "reliabilityScore"));
    if (item.faults().count() != before) {
        return std::nullopt;
    }
    if (offer.available_from >= offer.available_until) {
        field(available, "availableUntil").refuse("must be later than availableFrom");
        return std::nullopt;
    }
    return offer;
}

std::optional<flex::Offer> read_own_offer(const Node& id, const Node& own) {
    return v11::read_resource(id, Tags::of(own), v11::FeederIs::optional);
}

std::optional<flex::Offer> read_offer(const Node& item) {
    const Node attributes = field(item, "itemAttributes");
    if (attributes.value() == nullptr || !attributes.value()->is_object()) {
        attributes.refuse("is missing");
        return std::nullopt;
    }
    const Node own = attributes.member(own_resource);
    if (own.is_there()) {
        return is_open(attributes) ? read_own_offer(field(item, "id"), own) : std::nullopt;
    }
    if (const std::string type = type_of(attributes);
        type != "DemandFlexibilityResource" && !field(attributes, "participantCapabilities").is_there()) {
        attributes.member("@type").refuse("'" + type.substr(0, 64) + "' is not a pack known here");
        return std::nullopt;
    }
    return is_open(attributes) ? read_published_offer(item, attributes) : std::nullopt;
}

void read_items(const Node& node, const CodecLimits& limits, Catalog& catalog) {
    const std::vector<Node> offers = field(node, "offers").items(limits.items);
    for (const Node& item : field(node, "items").items(limits.items)) {
        const Node provider = field(item, "provider");
        const std::optional<std::string> id = id_of(provider).foreign_id();
        if (!id) {
            continue;
        }
        if (catalog.provider.empty()) {
            catalog.provider = *id;
        }
        if (is_compute_window(field(item, "itemAttributes"))) {
            for (flex::ComputeWindow& window : read_windows(item, offers)) {
                if (window.valid_until == UtcTime{}) {
                    window.valid_until = catalog.expires.value_or(UtcTime{});
                }
                if (catalog.windows.size() < limits.items) {
                    catalog.windows.push_back(std::move(window));
                }
            }
            continue;
        }
        std::optional<flex::Offer> offer = read_offer(item);
        if (offer) {
            offer->provider = *id;
            offer->valid_until = catalog.expires.value_or(UtcTime{});
            catalog.offers.push_back(std::move(*offer));
        }
    }
}

Value write_offer(const flex::Offer& offer, const std::string& provider) {
    const Value load = v11::object({{"max", number(offer.power.value, kw_decimals)},
                                    {"unit", Value("kW")},
                                    {"currentAvailable", number(offer.power.value, kw_decimals)}});
    const Value notice(format_duration(offer.notice));
    const std::string device(grid::to_string(offer.der_class));
    Members available{{"currentAvailability", Value(true)},
                      {"availableFrom", Value(format_utc(offer.available_from))},
                      {"availableUntil", Value(format_utc(offer.available_until))},
                      {"operationalConstraints", v11::object({{"minimumNotice", notice}})}};
    if (offer.duration_max > milliseconds{0}) {
        available.push_back({"maxDuration", Value(format_duration(offer.duration_max))});
    }
    Members baseline{{"historicalPerformance",
                      v11::object({{"reliabilityScore", number(offer.reliability_ppm, share_decimals)}})}};
    add_text(baseline, "baselineMethod", offer.baseline_method);
    Members attributes;
    attributes.push_back({"beckn:subscriptionStatus", Value("active")});
    attributes.push_back({"beckn:participantCapabilities", v11::object({{"deviceTypes", Array{Value(device)}},
                                                                        {"loadCapacity", load},
                                                                        {"controlType", Value("automated")},
                                                                        {"responseTime", notice}})});
    attributes.push_back({"beckn:availabilityParameters", v11::object(std::move(available))});
    attributes.push_back({"beckn:baselineData", v11::object(std::move(baseline))});
    attributes.push_back({"beckn:incentiveDetails",
                          v11::object({{"rate", number(offer.utilisation.value, gbp_per_kwh_decimals)},
                                       {"currency", Value("GBP")},
                                       {"type", Value("per_kWh_reduced")}})});
    attributes.emplace_back(own_resource, values(v11::write_resource(offer)));
    Members members;
    members.push_back({"beckn:id", Value(offer.id)});
    members.push_back({"beckn:descriptor", described(device + " " + offer.der)});
    members.push_back(
        {"beckn:availabilityWindow", Array{period(offer.available_from, offer.available_until)}});
    members.push_back({"beckn:provider",
                       v11::object({{"beckn:id", Value(provider)}, {"beckn:descriptor", described({})}})});
    members.push_back({"beckn:itemAttributes",
                       typed(flexibility_context, "DemandFlexibilityResource", std::move(attributes))});
    return typed(core_context, "Item", std::move(members));
}

}  // namespace

std::optional<Catalog> read_catalog(const Node& node, const Context& context, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    Catalog catalog;
    catalog.id = field(node, "id").text_or_empty(id_max).value_or("");
    if (field(node, "providerId").is_there()) {
        catalog.provider = id_text(field(node, "providerId"));
    }
    catalog.provider_name =
        field(field(node, "descriptor"), "name").text_or_empty(v11::name_max).value_or("");
    catalog.bpp_id =
        field(node, "bppId").is_there() ? field(node, "bppId").foreign_id().value_or("") : context.bpp_id;
    catalog.bpp_uri = field(node, "bppUri").is_there() ? field(node, "bppUri").text(v11::uri_max).value_or("")
                                                       : context.bpp_uri;
    if (field(field(node, "validity"), "endDate").is_there()) {
        catalog.expires = field(field(node, "validity"), "endDate").time();
    }
    const json::Value* open = field(node, "isActive").value();
    if (open != nullptr && open->as_bool() == false) {
        return catalog;  // nothing of it can be had
    }
    read_items(node, limits, catalog);
    if (v11::drop_repeated(catalog.offers)) {
        node.refuse("lists an item id twice; the first stands");
    }
    return catalog;
}

Value write_catalog(const Catalog& catalog, const Context& context) {
    Array items;
    for (const flex::Offer& offer : catalog.offers) {
        items.push_back(write_offer(offer, offer.provider.empty() ? catalog.provider : offer.provider));
    }
    Array offers;
    std::vector<std::pair<std::string_view, std::string_view>> listed;  // (provider, resource)
    for (const flex::ComputeWindow& window : catalog.windows) {
        const std::pair<std::string_view, std::string_view> resource{window.provider, window.resource};
        if (std::find(listed.begin(), listed.end(), resource) == listed.end()) {
            listed.push_back(resource);
            items.push_back(write_window_item(window));
        }
        offers.push_back(write_window_offer(window));
    }
    Members members;
    members.push_back({"beckn:id", Value(catalog.id.empty() ? "catalog-" + catalog.provider : catalog.id)});
    members.push_back({"beckn:descriptor", described(catalog.provider_name)});
    add_text(members, "beckn:providerId", catalog.provider);
    members.push_back({"beckn:bppId", Value(catalog.bpp_id.empty() ? context.bpp_id : catalog.bpp_id)});
    members.push_back({"beckn:bppUri", Value(catalog.bpp_uri.empty() ? context.bpp_uri : catalog.bpp_uri)});
    if (catalog.expires) {
        members.push_back({"beckn:validity", period(std::nullopt, *catalog.expires)});
    }
    members.push_back({"beckn:items", std::move(items)});
    if (!offers.empty()) {
        members.push_back({"beckn:offers", std::move(offers)});
    }
    return typed(core_context, "Catalog", std::move(members));
}

}  // namespace headroom::beckn::rc1
