#include "app/run_backtest.hpp"

#include "app/commands.hpp"
#include "app/progress_bar.hpp"
#include "app/time_text.hpp"
#include "core/csv.hpp"
#include "core/json.hpp"
#include "forecast/backtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>
#include <unordered_map>

namespace headroom::app {
namespace {

using forecast::BacktestResult;
using forecast::Covariate;
using forecast::Knowledge;
using forecast::Panel;

std::string_view word_of(Knowledge knowledge) {
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

Result<void> write_forecast(const std::filesystem::path& file, const Panel& panel,
                            const BacktestResult& result) {
    std::vector<std::string> names;
    for (const Panel::Series& series : panel.series) {
        std::string name;
        append_csv_text(name, series.name);
        names.push_back(std::move(name));
    }
    std::string text = "series,origin,timestamp";
    for (const double quantile : forecast::quantiles) {
        text += fmt::format(",q{:g}", quantile);
    }
    text += '\n';
    for (const forecast::BacktestRow& row : result.rows) {
        text += names[static_cast<std::size_t>(row.series)];
        text += ',' + time_text(row.origin_s) + ',' + time_text(row.target_s);
        for (const double load : row.load) {
            fmt::format_to(std::back_inserter(text), ",{:.6g}", load);
        }
        text += '\n';
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) {
        return Error{Errc::unavailable, file.string() + " cannot be written"};
    }
    return {};
}

constexpr std::array<std::string_view, forecast::member_count> member_names{
    "base", "trees_all", "ridge_all", "trees_own", "ridge_own_loose", "ridge_own_tight"};

json::Object summary(const Panel& panel, const std::vector<Covariate>& covariates,
                     const BacktestResult& result, double seconds) {
    json::Array columns;
    for (const Covariate& covariate : covariates) {
        columns.emplace_back(json::Object{{"name", covariate.name}, {"known", word_of(covariate.knowledge)}});
    }
    json::Object blend;
    for (std::size_t i = 0; i < result.blend.size(); ++i) {
        blend.set(std::string(member_names[i]), result.blend[i]);
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

Result<json::Object> answer(const BacktestCommand& command) {
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
    std::vector<forecast::SeriesFile> files;
    for (const std::filesystem::path& file : {command.history, command.truth}) {
        Result<forecast::SeriesFile> read = forecast::read_series_file(file);
        if (!read) {
            return read.error();
        }
        files.push_back(std::move(*read));
    }
    const Result<Panel> panel = forecast::make_panel(files);
    if (!panel) {
        return panel.error();
    }
    const Result<std::vector<Covariate>> covariates = forecast::read_covariates(
        command.covariates, *panel, {.ahead = command.known_ahead, .measured = command.measured});
    if (!covariates) {
        return covariates.error();
    }
    ProgressBar bar("backtest");
    const Result<BacktestResult> result =
        forecast::backtest(*panel, *covariates, files[1], options,
                           [&bar](double done, std::string_view what) { bar.show(done, what); });
    if (!result) {
        return result.error();
    }
    if (const Result<void> written = write_forecast(command.out, *panel, *result); !written) {
        return written.error();
    }
    return summary(*panel, *covariates, *result,
                   std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
}

}  // namespace

int run_backtest(const BacktestCommand& command) {
    const Result<json::Object> done = answer(command);
    if (!done) {
        std::cerr << "headroom backtest: " << done.error().message << "\n";
        return exit_code_of(done.error());
    }
    const json::Value view(*done);
    if (command.is_json) {
        std::cout << json::write(view) << "\n";
        return 0;
    }
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
    for (const json::Value& covariate : *view.get("covariates")->as_array()) {
        std::cout << fmt::format("  covariate {}: {}\n", covariate.text("/name"), covariate.text("/known"));
    }
    return 0;
}

}  // namespace headroom::app
