#include "app/run_scenario_backtest.hpp"

#include "app/commands.hpp"
#include "app/scenario_backtest_data.hpp"
#include "core/json_object.hpp"

#include <fmt/format.h>

#include <iostream>

namespace headroom::app {
namespace {

constexpr double error_max_percent = 10.0;

/// What is asked of the engine: over the data sets' own splits, where it learns from the past alone.
struct Verdict {
    double error_sum = 0.0;
    double season_mean_sum = 0.0;
    int cases = 0;
    bool beats_each = true;

    void add(const scenario::BacktestReport& report) {
        error_sum += report.error_percent;
        season_mean_sum += report.season_mean_error_percent;
        beats_each = beats_each && report.error_percent < report.season_mean_error_percent;
        ++cases;
    }
    [[nodiscard]] double error_percent() const { return error_sum / cases; }
    [[nodiscard]] double season_mean_percent() const { return season_mean_sum / cases; }
    [[nodiscard]] bool is_good() const { return error_percent() <= error_max_percent && beats_each; }
};

void print_backtest(const scenario::BacktestReport& report) {
    std::cout << fmt::format(
        "{:<22} {} days  hot {:5.2f} %  cold {:5.2f} %  all {:5.2f} %  season's mean peak {:5.2f} %  {}\n",
        report.name, report.days.size(), report.hot_error_percent, report.cold_error_percent,
        report.error_percent, report.season_mean_error_percent, report.split);
}

}  // namespace

int run_scenario_backtest(const ScenarioBacktestCommand& command) {
    const Result<std::vector<BacktestCase>> cases = read_backtest_cases(command.data);
    if (!cases) {
        std::cerr << "headroom scenario backtest: " << cases.error().message << "\n";
        return exit_code_of(cases.error());
    }
    json::Array reports;
    Verdict verdict;
    for (const BacktestCase& one : *cases) {
        for (const bool strict : {true, false}) {
            scenario::BacktestOptions options{.days = command.days};
            if (strict) {
                options.train_until = one.train_until;
            }
            const Result<scenario::BacktestReport> report =
                scenario::backtest(one.name, one.history, options);
            if (!report) {
                std::cerr << "headroom scenario backtest: " << report.error().message << "\n";
                return exit_code_of(report.error());
            }
            if (strict) {
                verdict.add(*report);
            }
            if (command.is_json) {
                reports.emplace_back(scenario::to_json(*report));
            } else {
                print_backtest(*report);
            }
        }
    }
    if (command.is_json) {
        std::cout << json::write(json::object({{"weather", "the weather that came"},
                                               {"error_max_percent", error_max_percent},
                                               {"error_percent", verdict.error_percent()},
                                               {"season_mean_error_percent", verdict.season_mean_percent()},
                                               {"good", verdict.is_good()},
                                               {"reports", std::move(reports)}}))
                  << "\n";
    } else {
        std::cout << fmt::format(
            "learnt from the past alone: {:.2f} % on average, season's mean peak {:.2f} %\n",
            verdict.error_percent(), verdict.season_mean_percent());
    }
    return verdict.is_good() ? 0 : 1;
}

void add_scenario_backtest(CLI::App& scenario, std::function<int()>& action) {
    static ScenarioBacktestCommand options;
    auto* backtest = scenario.add_subcommand(
        "backtest", "How well daily peaks of the hottest and coldest days are projected");
    backtest->add_option("--data", options.data, "Folder that holds stentaway and nl_feeders")
        ->type_name("DIR")
        ->required();
    backtest->add_option("--days", options.days, "Hottest days, and as many of the coldest")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    backtest->add_flag("--json", options.is_json, "One JSON object on stdout, with every day");
    backtest->footer(
        "The weather is the one that came, as the data sets hold it.\n"
        "Exit: 0 when, learnt from the past alone, peaks are within 10 % on average and each\n"
        "case is better than the season's mean peak; 1 when not.\n"
        "Example:\n  headroom scenario backtest --data ../shared/data");
    backtest->callback([&action] { action = [] { return run_scenario_backtest(options); }; });
}

}  // namespace headroom::app
