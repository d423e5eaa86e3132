#include "app/feed_values_json.hpp"

namespace headroom::app {
namespace {

json::Value text(const std::optional<UtcTime>& time) {
    return time ? json::Value(format_utc(*time)) : json::Value();
}

}  // namespace

json::Value feed_value_json(const feeds::WeatherStep& value) {
    return json::Object{{"at", format_utc(value.at)},
                        {"temperature_c", value.temperature_c},
                        {"apparent_temperature_c", value.apparent_temperature_c},
                        {"wind_m_per_s", value.wind_m_per_s},
                        {"cloud_share", value.cloud_share},
                        {"radiation_w_per_m2", value.radiation_w_per_m2},
                        {"precipitation_mm", value.precipitation_mm},
                        {"snowfall_mm", value.snowfall_mm}};
}

json::Value feed_value_json(const feeds::carbon_intensity::CarbonPeriod& value) {
    json::Object fuels;
    for (const auto& [fuel, share] : value.fuel_shares) {
        fuels.set(fuel, share);
    }
    return json::Object{{"from", format_utc(value.from)},
                        {"region_id", value.region_id == 0 ? json::Value() : json::Value(value.region_id)},
                        {"region", value.region.empty() ? json::Value() : json::Value(value.region)},
                        {"forecast_g_per_kwh", value.forecast_g_per_kwh},
                        {"actual_g_per_kwh", value.actual_g_per_kwh},
                        {"index", value.index},
                        {"fuel_shares", fuels.empty() ? json::Value() : json::Value(std::move(fuels))}};
}

json::Value feed_value_json(const feeds::elexon::SystemPrice& value) {
    return json::Object{
        {"start", format_utc(value.start)},         {"settlement_date", format_date(value.period.date)},
        {"settlement_period", value.period.number}, {"sell_gbp_per_mwh", value.sell_gbp_per_mwh},
        {"buy_gbp_per_mwh", value.buy_gbp_per_mwh}, {"imbalance_mwh", value.imbalance_mwh}};
}

json::Value feed_value_json(const feeds::elexon::MarketPrice& value) {
    return json::Object{{"start", format_utc(value.start)},
                        {"gbp_per_mwh", value.gbp_per_mwh},
                        {"volume_mwh", value.volume_mwh}};
}

json::Value feed_value_json(const feeds::elexon::DemandForecast& value) {
    return json::Object{{"start", format_utc(value.start)},
                        {"published", format_utc(value.published)},
                        {"national_mw", value.national_mw},
                        {"transmission_mw", value.transmission_mw}};
}

json::Value feed_value_json(const feeds::octopus_agile::UnitRate& value) {
    return json::Object{{"from", format_utc(value.from)},
                        {"until", text(value.until)},
                        {"gbp_per_mwh", value.gbp_per_mwh},
                        {"gbp_per_mwh_without_vat", value.gbp_per_mwh_without_vat}};
}

json::Value feed_value_json(const feeds::ukpn::LiveFault& value) {
    return json::Object{
        {"reference", value.reference},
        {"kind", value.kind},
        {"reported", text(value.reported)},
        {"restoration_expected", text(value.restoration_expected)},
        {"restored", text(value.restored)},
        {"customers", value.customers},
        {"postcode_sectors", json::Array(value.postcode_sectors.begin(), value.postcode_sectors.end())},
        {"lat", value.lat},
        {"lon", value.lon},
        {"message", value.message}};
}

json::Value feed_value_json(const feeds::ukpn::FlexibilityDispatch& value) {
    return json::Object{{"start", format_utc(value.start)},
                        {"end", format_utc(value.end)},
                        {"zone", value.zone},
                        {"kind", value.kind},
                        {"requested_mw", value.requested_mw},
                        {"requested_mwh", value.requested_mwh},
                        {"utilisation_gbp_per_mwh", value.utilisation_gbp_per_mwh},
                        {"availability_gbp_per_mw_h", value.availability_gbp_per_mw_h},
                        {"product", value.product},
                        {"technology", value.technology},
                        {"company", value.company},
                        {"unit", value.unit}};
}

json::Value feed_value_json(const feeds::ukpn::PrimarySite& value) {
    return json::Object{{"id", value.id},
                        {"name", value.name},
                        {"kind", value.kind},
                        {"rating_summer_mva", value.rating_summer_mva},
                        {"rating_winter_mva", value.rating_winter_mva},
                        {"peak_summer_mw", value.peak_summer_mw},
                        {"peak_winter_mw", value.peak_winter_mw},
                        {"lat", value.lat},
                        {"lon", value.lon}};
}

json::Value feed_value_json(const feeds::neso_portal::Table& value) {
    json::Array rows;
    for (const std::vector<json::Value>& row : value.rows) {
        rows.emplace_back(json::Array(row.begin(), row.end()));
    }
    return json::Object{{"columns", json::Array(value.columns.begin(), value.columns.end())},
                        {"rows", std::move(rows)},
                        {"total", static_cast<std::int64_t>(value.total)}};
}

}  // namespace headroom::app
