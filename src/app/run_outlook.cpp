#include "app/run_outlook.hpp"

#include "app/backtest_shared.hpp"
#include "core/json.hpp"
#include "forecast/outlook_score.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

/// So that the seventh day is there whole.
constexpr std::int64_t days_walked = forecast::outlook_days_max;

Result<json::Object> outlook_answer(const BacktestCommand& command) {
    const auto begun = std::chrono::steady_clock::now();
    const Result<forecast::Region> region = forecast::parse_region(command.region);
    if (!region) {
        return region.error();
    }
    const Result<BacktestReadings> readings = read_backtest(command);
    if (!readings) {
        return readings.error();
    }
    const forecast::Panel& panel = readings->panel;
    const Result<forecast::OutlookBacktest> result =
        forecast::backtest_outlook(panel, readings->truth, days_walked, *region);
    if (!result) {
        return result.error();
    }
    std::vector<std::string> names;
    std::vector<forecast::BacktestRow> rows;
    for (const forecast::Panel::Series& series : panel.series) {
        names.push_back(series.name);
    }
    for (const forecast::OutlookRow& row : result->rows) {
        rows.push_back(
            {.series = row.series, .origin_s = row.origin_s, .target_s = row.target_s, .load = row.load});
    }
    if (const Result<void> written = write_forecast(command.out, names, rows); !written) {
        return written.error();
    }
    json::Array leads;
    for (const forecast::OutlookScore& score : result->scores) {
        leads.emplace_back(json::Object{{"days", score.days},
                                        {"rows", static_cast<std::int64_t>(score.rows)},
                                        {"mae_share", score.mae_share},
                                        {"rcrps", score.rcrps},
                                        {"within_p90", score.within_p90},
                                        {"within_p10", score.within_p10},
                                        {"naive_mae_share", score.naive_mae_share},
                                        {"naive_rcrps", score.naive_rcrps},
                                        {"naive_within_p90", score.naive_within_p90}});
    }
    return json::Object{
        {"series", static_cast<std::int64_t>(panel.series.size())},
        {"rows", static_cast<std::int64_t>(rows.size())},
        {"outlooks", static_cast<std::int64_t>(result->origins)},
        {"refused", static_cast<std::int64_t>(result->refused)},
        {"refused_because", result->refused_because},
        {"leads", std::move(leads)},
        {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()}};
}

}  // namespace

int run_outlook_backtest(const BacktestCommand& command) {
    const Result<json::Object> done = outlook_answer(command);
    if (const std::optional<int> ended = end_backtest(done, command.is_json)) {
        return *ended;
    }
    const json::Value view(*done);
    std::cout << fmt::format("{} outlooks of {} series in {:.1f} s; written to {}\n",
                             view.integer("/outlooks"), view.integer("/series"), view.number("/seconds"),
                             command.out.string());
    if (view.integer("/refused") > 0) {
        std::cout << fmt::format("  none from {} more origins: {}\n", view.integer("/refused"),
                                 view.text("/refused_because"));
    }
    for (const json::Value& lead : *view.get("leads")->as_array()) {
        std::cout << fmt::format(
            "  {} days ahead: rCRPS {:.4f}, of last week's half-hour {:.4f}; mean error {:.4f} of the range, "
            "{:.4f}; "
            "{:.1f} % at or below P90, {:.1f} %; {} rows\n",
            lead.integer("/days"), lead.number("/rcrps"), lead.number("/naive_rcrps"),
            lead.number("/mae_share"), lead.number("/naive_mae_share"), 100.0 * lead.number("/within_p90"),
            100.0 * lead.number("/naive_within_p90"), lead.integer("/rows"));
    }
    return 0;
}

}  // namespace headroom::app
