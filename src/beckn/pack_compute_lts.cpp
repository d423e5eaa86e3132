#include "beckn/pack_compute_lts.hpp"

#include "beckn/decimal.hpp"
#include "beckn/lts_words.hpp"
#include "core/json_object.hpp"
#include "core/units.hpp"

namespace headroom::beckn::lts {

namespace {

constexpr int percent_decimals = 4;  // ppm in percent
constexpr int mw_decimals = 6;
constexpr std::int64_t carbon_max_g = 10'000;

}  // namespace

void read_compute_window(const Node& attributes, PackTarget& target) {
    flex::ComputeWindow& window = target.entry->window;
    target.entry->kind = EntryKind::window;
    const Node grid = attributes.member("gridParameters");
    window.grid_area = grid.member("gridArea").text_or_empty(name_max).value_or("");
    window.grid_zone = grid.member("gridZone").text_or_empty(name_max).value_or("");
    if (grid.member("renewableMix").is_there()) {
        window.renewable_ppm =
            number(grid.member("renewableMix"), percent_decimals, 0, whole_ppm, Rounding::nearest)
                .value_or(0);
    }
    if (grid.member("carbonIntensity").is_there()) {
        window.carbon_g_per_kwh =
            number(grid.member("carbonIntensity"), 0, 0, carbon_max_g, Rounding::nearest).value_or(0);
    }
    const Node time = attributes.member("timeWindow");
    window.start = time.member("start").time().value_or(UtcTime{});
    window.end = time.member("end").time().value_or(UtcTime{});
    if (window.start >= window.end) {
        time.member("end").refuse("must be later than start");
    }
    const Node capacity = attributes.member("capacityParameters");
    const bool is_kw = text_at(capacity.member("capacityUnit")) == "kW";
    window.capacity_w =
        number(capacity.member("availableCapacity"), is_kw ? kw_decimals : mw_decimals, 0, power_bound_w)
            .value_or(0);
}

void read_compute_pricing(const Node& attributes, PackTarget& target) {
    flex::ComputeWindow& window = target.entry->window;
    target.entry->kind = EntryKind::window;
    window.currency = attributes.member("currency").text(16).value_or("");
    const bool is_mwh = text_at(attributes.member("unit")) == "per_MWh";
    window.price_per_mwh_micro =
        number(attributes.member("value"), is_mwh ? gbp_decimals : gbp_per_kwh_decimals, -price_bound,
               price_bound)
            .value_or(0);
    window.price_stability = text_at(attributes.member("priceStability"));
}

json::Value write_compute_window(const flex::ComputeWindow& window) {
    return json::object(
        {{"@context", flex_context},
         {"@type", "ComputeEnergyWindow"},
         {"gridParameters",
          json::object({{"gridArea", window.grid_area},
                        {"gridZone", window.grid_zone},
                        {"renewableMix", number_value(window.renewable_ppm, percent_decimals)},
                        {"carbonIntensity", window.carbon_g_per_kwh}})},
         {"timeWindow", json::object({{"start", format_utc(window.start)},
                                      {"end", format_utc(window.end)},
                                      {"duration", format_duration(window.end - window.start)}})},
         {"capacityParameters",
          json::object({{"availableCapacity", number_value(window.capacity_w, mw_decimals)},
                        {"capacityUnit", "MW"}})}});
}

json::Value write_compute_pricing(const flex::ComputeWindow& window) {
    json::Object pricing{{"@context", flex_context},
                         {"@type", "ComputeEnergyPricing"},
                         {"currency", window.currency},
                         {"value", number_value(window.price_per_mwh_micro, gbp_per_kwh_decimals)},
                         {"unit", "per_kWh"}};
    if (!window.price_stability.empty()) {
        pricing.set("priceStability", window.price_stability);
    }
    return pricing;
}

}  // namespace headroom::beckn::lts
