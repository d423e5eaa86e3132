#include "app/run_backtest.hpp"

#include "app/backtest_shared.hpp"
#include "app/commands.hpp"
#include "app/progress_bar.hpp"
#include "app/run_outlook.hpp"
#include "app/run_ramp.hpp"
#include "app/time_text.hpp"
#include "core/csv.hpp"
#include "core/json.hpp"
#include "forecast/alarms.hpp"
#include "forecast/backtest.hpp"
#include "forecast/coherence.hpp"
#include "forecast/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>
#include <unordered_map>

namespace headroom::app {
namespace {

using forecast::BacktestResult;
using forecast::Covariate;
using forecast::Knowledge;
using forecast::Panel;

std::string_view knowledge_word(Knowledge knowledge) {
    switch (knowledge) {
        case Knowledge::ahead:
            return "known ahead";
        case Knowledge::day_ahead:
            return "known from 13:00 UTC the day before";
        case Knowledge::measured:
            return "known when measured";
    }
    return "known when measured";
}

/// `mean` is the load of the alarm's quantile, so that what reads forecasts can judge the alarms by it.
Result<void> write_alarms(const std::filesystem::path& file, const Panel& panel,
                          std::span<const forecast::BacktestRow> rows, const forecast::AlarmResult& alarms) {
    std::string text = "series,origin,timestamp,mean,limit,chance,quantile,alarm\n";
    for (const forecast::AlarmRow& alarm : alarms.rows) {
        const forecast::BacktestRow& row = rows[alarm.row];
        append_csv_text(text, panel.series[static_cast<std::size_t>(row.series)].name);
        fmt::format_to(std::back_inserter(text), ",{},{},{:.6g},{:.6g},{:.4f},{:.4f},{}\n",
                       time_text(row.origin_s), time_text(row.target_s), alarm.load, alarm.limit,
                       alarm.chance, alarm.level, alarm.is_raised ? 1 : 0);
    }
    return write_text(file, text);
}

json::Object alarm_summary(const forecast::AlarmResult& alarms, double cost_ratio, const std::string& aim) {
    return json::Object{{"aim", aim},
                        {"cost_ratio", cost_ratio},
                        {"quantile", alarms.quantile},
                        {"overloads", static_cast<std::int64_t>(alarms.hits + alarms.missed)},
                        {"hits", static_cast<std::int64_t>(alarms.hits)},
                        {"missed", static_cast<std::int64_t>(alarms.missed)},
                        {"needless", static_cast<std::int64_t>(alarms.needless)},
                        {"precision", alarms.precision()},
                        {"recall", alarms.recall()},
                        {"f2", alarms.f2()},
                        {"cost_share", alarms.cost_share(cost_ratio)}};
}

json::Object summary(const Panel& panel, const std::vector<Covariate>& covariates,
                     const BacktestResult& result, double seconds) {
    json::Array columns;
    for (const Covariate& covariate : covariates) {
        columns.emplace_back(
            json::Object{{"name", covariate.name}, {"known", knowledge_word(covariate.knowledge)}});
    }
    json::Object blend;
    for (std::size_t i = 0; i < result.blend.size(); ++i) {
        blend.set(std::string(forecast::member_names[i]), result.blend[i]);
    }
    return json::Object{{"series", static_cast<std::int64_t>(panel.series.size())},
                        {"step_s", panel.step_s},
                        {"rows", static_cast<std::int64_t>(result.rows.size())},
                        {"rows_without_model", static_cast<std::int64_t>(result.by_naive)},
                        {"left_out", static_cast<std::int64_t>(result.left_out)},
                        {"lessons", static_cast<std::int64_t>(result.lessons)},
                        {"blend_all", std::move(blend)},
                        {"covariates", std::move(columns)},
                        {"seconds", seconds}};
}

Result<json::Object> backtest_answer(const BacktestCommand& command) {
    const auto begun = std::chrono::steady_clock::now();
    forecast::BacktestOptions options;
    const Result<forecast::LeadRule> lead = forecast::parse_lead_rule(command.lead);
    const Result<forecast::Region> region = forecast::parse_region(command.region);
    if (!lead || !region) {
        return lead ? region.error() : lead.error();
    }
    options.lead = *lead;
    options.region = *region;
    options.learn.seed = command.seed;
    options.learn.threads = std::max(1U, std::thread::hardware_concurrency());
    options.relearn_days = command.relearn_days;
    const Result<BacktestReadings> readings = read_backtest(command);
    if (!readings) {
        return readings.error();
    }
    const Panel& panel = readings->panel;
    const Result<std::vector<Covariate>> covariates = forecast::read_covariates(
        command.covariates, panel, {.ahead = command.known_ahead, .measured = command.measured});
    if (!covariates) {
        return covariates.error();
    }
    ProgressBar bar("backtest");
    const Result<BacktestResult> result =
        forecast::backtest(panel, *covariates, readings->truth, options,
                           [&bar](double done, std::string_view what) { bar.show(done, what); });
    if (!result) {
        return result.error();
    }
    forecast::Hierarchy hierarchy;
    if (!command.hierarchy.empty()) {
        Result<forecast::Hierarchy> read = forecast::read_hierarchy(command.hierarchy);
        if (!read) {
            return read.error();
        }
        hierarchy = std::move(*read);
    }
    Result<forecast::CoherentRows> coherent = forecast::make_coherent(panel, result->rows, hierarchy);
    if (!coherent) {
        return coherent.error();
    }
    if (const Result<void> written = write_forecast(command.out, coherent->names, coherent->rows); !written) {
        return written.error();
    }
    json::Object out =
        summary(panel, *covariates, *result,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    if (!command.hierarchy.empty()) {
        out.set("coherent", json::Object{{"instants", static_cast<std::int64_t>(coherent->instants)},
                                         {"left_as_is", static_cast<std::int64_t>(coherent->left_as_is)}});
    }
    if (!command.alarms.empty()) {
        // A substation without readings has no limit.
        std::erase_if(coherent->rows, [&panel](const forecast::BacktestRow& row) {
            return static_cast<std::size_t>(row.series) >= panel.series.size();
        });
        const forecast::AlarmResult alarms = forecast::raise_alarms(
            panel, coherent->rows,
            {.aim = forecast::parse_alarm_aim(command.alarm_aim).value(), .cost_ratio = command.cost_ratio});
        if (const Result<void> written = write_alarms(command.alarms, panel, coherent->rows, alarms);
            !written) {
            return written.error();
        }
        out.set("alarms", alarm_summary(alarms, command.cost_ratio, command.alarm_aim));
    }
    return out;
}

}  // namespace

Result<void> write_forecast(const std::filesystem::path& file, std::span<const std::string> series,
                            std::span<const forecast::BacktestRow> rows) {
    std::vector<std::string> names;
    for (const std::string& plain : series) {
        std::string name;
        append_csv_text(name, plain);
        names.push_back(std::move(name));
    }
    std::string text = "series,origin,timestamp";
    for (const double quantile : forecast::quantiles) {
        text += fmt::format(",q{:g}", quantile);
    }
    text += '\n';
    for (const forecast::BacktestRow& row : rows) {
        text += names[static_cast<std::size_t>(row.series)];
        text += ',' + time_text(row.origin_s) + ',' + time_text(row.target_s);
        for (const double load : row.load) {
            fmt::format_to(std::back_inserter(text), ",{:.6g}", load);
        }
        text += '\n';
    }
    return write_text(file, text);
}

int run_backtest(const BacktestCommand& command) {
    if (command.lead == "ramp") {
        return run_ramp_backtest(command);
    }
    if (command.lead == "week-ahead") {
        return run_outlook_backtest(command);
    }
    const Result<json::Object> done = backtest_answer(command);
    if (const std::optional<int> ended = end_backtest(done, command.is_json)) {
        return *ended;
    }
    const json::Value view(*done);
    std::cout << fmt::format("{} forecasts of {} series in {:.1f} s, {} lessons; written to {}\n",
                             view.integer("/rows"), view.integer("/series"), view.number("/seconds"),
                             view.integer("/lessons"), command.out.string());
    if (view.integer("/rows_without_model") > 0 || view.integer("/left_out") > 0) {
        std::cout << fmt::format(
            "  {} before a model could be learnt: the base, as wide as the load has varied; {} left out, "
            "because "
            "nothing was known\n",
            view.integer("/rows_without_model"), view.integer("/left_out"));
    }
    if (view.get("alarms") != nullptr) {
        std::cout << fmt::format(
            "  alarms best by {} where a miss weighs as {:g} needless ones: {} of {} overloads, {} needless; "
            "precision {:.3f}, recall {:.3f}, F2 {:.3f}; cost {:.3f} of never raising one\n",
            command.alarm_aim == "f" ? "the F measure" : "cost", command.cost_ratio,
            view.integer("/alarms/hits"), view.integer("/alarms/overloads"), view.integer("/alarms/needless"),
            view.number("/alarms/precision"), view.number("/alarms/recall"), view.number("/alarms/f2"),
            view.number("/alarms/cost_share"));
    }
    for (const json::Value& covariate : *view.get("covariates")->as_array()) {
        std::cout << fmt::format("  covariate {}: {}\n", covariate.text("/name"), covariate.text("/known"));
    }
    return 0;
}

}  // namespace headroom::app
