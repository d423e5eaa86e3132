#include "app/cli_parts.hpp"
#include "app/cli_plan.hpp"
#include "app/run_backtest.hpp"
#include "app/run_explain.hpp"
#include "app/run_models.hpp"
#include "app/run_train.hpp"

namespace headroom::app {
namespace {

/// The tables beside the readings, the same for all three commands.
template <class Command>
void add_covariate_options(CLI::App& command, Command& options) {
    command
        .add_option(
            "--covariates", options.covariates,
            "Tables of weather, prices, measured generation (CSV or gzip); a file named after a series "
            "is its own")
        ->check(CLI::ExistingFile);
    command
        .add_option("--known-ahead", options.known_ahead,
                    "Covariate columns that are known before their time (default: by name)")
        ->type_name("COLUMN")
        ->delimiter(',');
    command
        .add_option("--measured", options.measured,
                    "Covariate columns that are known only once measured (default: by name)")
        ->type_name("COLUMN")
        ->delimiter(',');
}

template <class Command>
void add_hierarchy(CLI::App& command, Command& options) {
    command
        .add_option("--hierarchy", options.hierarchy,
                    "Which feeders add up to which substation (CSV: substation,feeder): forecasts that agree")
        ->check(CLI::ExistingFile);
}

template <class Command>
void add_region_and_seed(CLI::App& command, Command& options) {
    command.add_option("--region", options.region, "Whose clock and holidays")
        ->check(CLI::IsMember({"gb", "nl"}))
        ->capture_default_str();
    command.add_option("--seed", options.seed, "Seed of the trees; the same seed gives the same answers")
        ->capture_default_str();
    command.add_flag("--json", options.is_json, "One JSON object on stdout");
}

void add_train(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("train", "Learn a forecast model from readings");
    static TrainCommand options;
    command->add_option("--history", options.history, "Readings (CSV or gzip: series,timestamp,value; UTC)")
        ->required()
        ->check(CLI::ExistingFile);
    add_covariate_options(*command, options);
    command->add_option("--out", options.out, "Model file, see docs/formats/model.md")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--ramp", options.ramp,
                     "Learn ramps (change a minute at 5, 15, 30 and 60 min) as well, into this file")
        ->type_name("FILE");
    add_region_and_seed(*command, options);
    command->footer("Example:\n  headroom train --history history.csv --out feeders.model");
    command->callback([&action] { action = [] { return run_train(options); }; });
}

void add_forecast_command(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("forecast", "Forecast every series from its newest reading");
    static ForecastCommand options;
    static LiveForecastCommand live;
    static SettingsFlags flags;
    flags.add_to(*command);
    command->add_option("--model", options.model, "Model file, from headroom train")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--history", options.history,
                     "Readings up to now (CSV or gzip: series,timestamp,value; UTC)")
        ->check(CLI::ExistingFile);
    command
        ->add_option(
            "--live", live.feeder,
            "A feeder of a running server instead of files: its forecast as the control room makes it")
        ->type_name("FEEDER");
    command->add_option("--phase", live.phase, "With --live: L1, L2, L3 or sum")->capture_default_str();
    command->add_option("--server", live.server.server, "With --live: address of the server")
        ->type_name("URL");
    command->add_option("--data-dir", live.server.data_dir, "With --live: data directory of the server")
        ->type_name("DIR");
    command->add_option("--key-file", live.server.key_file, "With --live: file with an API key")
        ->type_name("FILE");
    add_covariate_options(*command, options);
    add_hierarchy(*command, options);
    command->add_option("--series", options.series, "Only this one");
    command->add_option("--hours", options.hours, "How far")
        ->check(CLI::Range(0.05, 48.0))
        ->capture_default_str();
    auto* as_json = command->add_flag("--json", options.is_json, "JSON on stdout instead of CSV");
    command->add_flag("--plot", options.is_plot, "A fan drawn in the terminal instead of CSV")
        ->excludes(as_json);
    command->footer(
        "Example:\n  headroom forecast --model feeders.model --history history.csv --plot\n  "
        "headroom forecast --live F-0130 --plot");
    command->callback([&action] {
        if (live.feeder.empty() && (options.model.empty() || options.history.empty())) {
            throw CLI::RequiredError("--model and --history, or --live");
        }
        action = [] {
            if (live.feeder.empty()) {
                return run_forecast(options);
            }
            live.server.sources = flags.sources();
            live.server.is_json = options.is_json;
            live.hours = options.hours;
            live.is_plot = options.is_plot;
            return run_live_forecast(live);
        };
    });
}

void add_explain(CLI::App& app, Action& action) {
    auto* group = app.add_subcommand("explain", "Why something came out as it did");
    group->footer(
        "Example:\n  headroom explain plan/ev-20270114-7i3whrtl.1\n  headroom explain forecast F-0017 "
        "--model "
        "feeders.model --readings history.csv");
    add_explain_plan(*group, action);
    auto* command = group->add_subcommand("forecast", "What each column and each model adds to a forecast");
    static ExplainForecastCommand options;
    command->add_option("SERIES", options.series, "As in the readings")->required();
    command->add_option("--model", options.model, "Model file, from headroom train")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option("--readings", options.readings,
                     "Readings up to now (CSV or gzip: series,timestamp,value; UTC)")
        ->required()
        ->check(CLI::ExistingFile);
    add_covariate_options(*command, options);
    command->add_option("--hours", options.hours, "How far behind the newest reading")
        ->check(CLI::Range(0.05, 48.0))
        ->capture_default_str();
    command->add_option("--most", options.most, "Columns that are shown one by one")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "One JSON object on stdout, every column in it");
    command->footer(
        "Example:\n  headroom explain forecast F-017 --model feeders.model --readings history.csv --hours 4");
    command->callback([&action] { action = [] { return run_explain_forecast(options); }; });
}

void add_backtest(CLI::App& app, Action& action) {
    auto* command =
        app.add_subcommand("backtest", "Forecast a past again, each origin with only what was known then");
    static BacktestCommand options;
    command
        ->add_option("--history", options.history,
                     "Readings before the test (CSV or gzip: series,timestamp,value; UTC)")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option("--truth", options.truth,
                     "Readings of the test, in the same form; each is forecast once")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option(
            "--lead", options.lead,
            "day-ahead: day D from 06:00 UTC on day D-1. 5min, 15min, 60min …: every instant from so long "
            "before, as far as the readings' step allows. week-ahead: every half-hour from two to eight days "
            "ahead, "
            "from the weeks before alone, scored. ramp: changes a minute, scored; --out is their model")
        ->required()
        ->type_name("LEAD");
    add_covariate_options(*command, options);
    command->add_option("--out", options.out, "Forecasts (CSV), see docs/formats/backtest.md")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--alarms", options.alarms,
                     "Overload alarms (CSV) at the quantile that the costs ask for, see "
                     "docs/formats/backtest.md")
        ->type_name("FILE");
    command
        ->add_option("--cost-ratio", options.cost_ratio,
                     "For --alarms: what a missed overload costs, in needless purchases")
        ->check(CLI::Range(0.1, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--alarm-aim", options.alarm_aim,
                     "For --alarms: best by the F measure that weighs a miss so (f), or by what misses and "
                     "needless purchases cost (cost)")
        ->check(CLI::IsMember({"f", "cost"}))
        ->capture_default_str();
    add_hierarchy(*command, options);
    command->add_option("--relearn-days", options.relearn_days, "Days between two lessons")
        ->check(CLI::Range(0.5, 366.0))
        ->capture_default_str();
    add_region_and_seed(*command, options);
    command->footer(
        "Example:\n  headroom backtest --history history.csv --truth truth.csv --lead 60min --covariates "
        "weather.csv.gz --out forecast.csv");
    command->callback([&action] { action = [] { return run_backtest(options); }; });
}

}  // namespace

void add_forecast(CLI::App& app, Action& action) {
    add_train(app, action);
    add_forecast_command(app, action);
    add_backtest(app, action);
    add_explain(app, action);
}

}  // namespace headroom::app
