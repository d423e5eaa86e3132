#include "app/cli_parts.hpp"
#include "app/run_backtest.hpp"

namespace headroom::app {

void add_forecast(CLI::App& app, Action& action) {
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
        ->add_option("--lead", options.lead,
                     "day-ahead: day D from 06:00 UTC on day D-1. 60min: every instant from an hour before")
        ->required()
        ->check(CLI::IsMember({"day-ahead", "60min"}));
    command
        ->add_option(
            "--covariates", options.covariates,
            "Tables of weather, prices, measured generation (CSV or gzip); a file named after a series "
            "is its own")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--known-ahead", options.known_ahead,
                     "Covariate columns that are known before their time (default: by name)")
        ->type_name("COLUMN")
        ->delimiter(',');
    command
        ->add_option("--measured", options.measured,
                     "Covariate columns that are known only once measured (default: by name)")
        ->type_name("COLUMN")
        ->delimiter(',');
    command->add_option("--out", options.out, "Forecasts (CSV), see docs/formats/backtest.md")
        ->required()
        ->type_name("FILE");
    command->add_option("--region", options.region, "Whose clock and holidays")
        ->check(CLI::IsMember({"gb", "nl"}))
        ->capture_default_str();
    command->add_option("--relearn-days", options.relearn_days, "Days between two lessons")
        ->check(CLI::Range(0.5, 366.0))
        ->capture_default_str();
    command->add_option("--seed", options.seed, "Seed of the trees; the same seed gives the same forecasts")
        ->capture_default_str();
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Example:\n  headroom backtest --history history.csv --truth truth.csv --lead 60min --covariates "
        "weather.csv.gz --out forecast.csv");
    command->callback([&action] { action = [] { return run_backtest(options); }; });
}

}  // namespace headroom::app
