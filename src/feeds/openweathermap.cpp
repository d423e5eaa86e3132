#include "feeds/openweathermap.hpp"

#include <fmt/format.h>

namespace headroom::feeds::openweathermap {
namespace {

constexpr std::int64_t epoch_max_s = 7'258'118'400;  // the year 2200

/// A member of a member; an empty object stands for one that is missing.
const json::Value& inside(const json::Value& row, std::string_view name) {
    static const json::Value nothing{json::Object{}};
    const json::Value* value = row.get(name);
    return value != nullptr && value->is_object() ? *value : nothing;
}

}  // namespace

FeedRequest forecast(double lat, double lon) {
    return {"/data/2.5/forecast",
            {{"lat", fmt::format("{:.4f}", lat)}, {"lon", fmt::format("{:.4f}", lon)}, {"units", "metric"}}};
}

Result<FeedValues<WeatherStep>> decode_forecast(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<std::vector<const json::Value*>> rows =
        answer ? items_at(*answer, "/list") : Result<std::vector<const json::Value*>>(answer.error());
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    FeedValues<WeatherStep> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const json::Value& row = *(*rows)[i];
        const std::string at = fmt::format("/list/{}", i);
        RowReader step(row, at, faults);
        const UtcTime when{seconds{step.integer("dt", 0, epoch_max_s)}};
        if (!step.ok()) {
            continue;
        }
        const auto [low, high] = believable_temperature_c(when);
        RowReader air(inside(row, "main"), at + "/main", faults);
        RowReader wind(inside(row, "wind"), at + "/wind", faults);
        RowReader clouds(inside(row, "clouds"), at + "/clouds", faults);
        RowReader rain(inside(row, "rain"), at + "/rain", faults);
        RowReader snow(inside(row, "snow"), at + "/snow", faults);
        const std::optional<double> cloud = clouds.maybe("all", 0.0, 100.0);
        // Rain and snow are left out when there is none.
        const double rain_mm = rain.maybe("3h", 0.0, precipitation_max_mm).value_or(0.0);
        const double snow_mm = snow.maybe("3h", 0.0, precipitation_max_mm).value_or(0.0);
        out.values.push_back({.at = when,
                              .temperature_c = air.maybe("temp", low, high),
                              .apparent_temperature_c = air.maybe("feels_like", low - 20.0, high + 15.0),
                              .wind_m_per_s = wind.maybe("speed", 0.0, wind_max_m_per_s),
                              .cloud_share = cloud ? std::optional(*cloud / 100.0) : std::nullopt,
                              .radiation_w_per_m2 = {},
                              .precipitation_mm = rain_mm + snow_mm,
                              .snowfall_mm = snow_mm});
    }
    faults.give(out);
    return out;
}

}  // namespace headroom::feeds::openweathermap
