#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "core/units.hpp"
#include "forecast/load_forecast.hpp"
#include "risk/assess.hpp"
#include "risk/risk_json.hpp"

#include <utility>

namespace headroom::risk {
namespace {

constexpr std::size_t recent_max = 64;

json::Value rules_json(const RiskRules& rules) {
    return json::object({{"id", rules.id},
                         {"version", rules.version},
                         {"alarm_quantile_ppm", rules.alarm_quantile_ppm},
                         {"live_persistence", rules.live_persistence},
                         {"live_window", rules.live_window},
                         {"instant_ppm", rules.instant_ppm},
                         {"clear_ppm", rules.clear_ppm},
                         {"clear_readings", rules.clear_readings},
                         {"live_horizon_periods", rules.live_horizon_periods},
                         {"forecast_horizon_periods", rules.forecast_horizon_periods},
                         {"fastest_response_ms", rules.fastest_response.count()}});
}

Result<RiskRules> rules_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    RiskRules rules;
    rules.id = read.text("id", 64, 1);
    rules.version = read.integer("version", 0, 1'000'000'000);
    rules.alarm_quantile_ppm = read.integer("alarm_quantile_ppm", 0, whole_ppm);
    rules.live_persistence = read.integer("live_persistence", 1, recent_max);
    rules.live_window = read.integer("live_window", 1, recent_max);
    rules.instant_ppm = read.integer("instant_ppm", whole_ppm, 10 * whole_ppm);
    rules.clear_ppm = read.integer("clear_ppm", 0, whole_ppm);
    rules.clear_readings = read.integer("clear_readings", 1, 1000);
    rules.live_horizon_periods = read.integer("live_horizon_periods", 1, periods_max);
    rules.forecast_horizon_periods = read.integer("forecast_horizon_periods", 0, periods_max);
    rules.fastest_response = milliseconds{read.integer("fastest_response_ms", 0, 86'400'000)};
    read.refuse_unknown();
    return read.ok() ? Result<RiskRules>(std::move(rules)) : read.error();
}

std::vector<RecentLoad> read_recent(json::ObjectReader& read) {
    std::vector<RecentLoad> recent;
    const json::Array& rows = read.array("recent", recent_max);
    for (std::size_t i = 0; i < rows.size() && read.ok(); ++i) {
        json::ObjectReader row(rows[i], read.path("recent", i));
        recent.push_back({.at = row.time("at"), .w = row.integer("w", -load_max_w, load_max_w)});
        row.refuse_unknown();
        if (!row.ok()) {
            read.keep(row.error());
        }
    }
    return recent;
}

std::vector<std::vector<std::int64_t>> read_forecast(json::ObjectReader& read) {
    std::vector<std::vector<std::int64_t>> forecast;
    const json::Array& rows = read.array("forecast_w", periods_max);
    for (std::size_t i = 0; i < rows.size() && read.ok(); ++i) {
        const json::Array* row = rows[i].as_array();
        if (row == nullptr || row->size() != forecast::quantile_count) {
            read.keep(Error{Errc::invalid,
                            "must be a list of " + std::to_string(forecast::quantile_count) + " loads",
                            read.path("forecast_w", i)});
            break;
        }
        std::vector<std::int64_t>& loads = forecast.emplace_back();
        for (const json::Value& load : *row) {
            const std::optional<std::int64_t> w = load.is_int() ? load.as_int() : std::nullopt;
            if (!w || *w < -load_max_w || *w > load_max_w) {
                read.keep(Error{Errc::invalid, "must be whole watts", read.path("forecast_w", i)});
                break;
            }
            loads.push_back(*w);
        }
    }
    return forecast;
}

}  // namespace

json::Value to_json(const RiskInput& input) {
    json::Array recent;
    for (const RecentLoad& load : input.recent) {
        recent.push_back(json::object({{"at", format_utc(load.at)}, {"w", load.w}}));
    }
    json::Array forecast;
    forecast.reserve(input.forecast_w.size());
    for (const std::vector<std::int64_t>& row : input.forecast_w) {
        forecast.emplace_back(json::Array(row.begin(), row.end()));
    }
    return json::object({{"feeder", input.feeder},
                         {"limit", limit_json(input.limit)},
                         {"limit_w", input.limit_w},
                         {"now", format_utc(input.now)},
                         {"recent", std::move(recent)},
                         {"forecast_start", format_utc(input.forecast_start)},
                         {"forecast_w", std::move(forecast)},
                         {"rules", rules_json(input.rules)},
                         {"source", input.source}});
}

Result<RiskInput> risk_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    RiskInput input;
    input.feeder = read.text("feeder", 64, 1);
    input.limit = read.take("limit", limit_from_json(read.value("limit")));
    input.limit_w = read.integer("limit_w", 1, load_max_w);
    input.now = read.time("now");
    input.recent = read_recent(read);
    input.forecast_start = read.time("forecast_start");
    input.forecast_w = read_forecast(read);
    input.rules = read.take("rules", rules_from_json(read.value("rules")));
    input.source = read.text("source", 1024);
    read.refuse_unknown();
    return read.ok() ? Result<RiskInput>(std::move(input)) : read.error();
}

}  // namespace headroom::risk
