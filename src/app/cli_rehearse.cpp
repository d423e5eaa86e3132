#include "app/cli_parts.hpp"
#include "app/run_rehearse.hpp"

namespace headroom::app {

void add_rehearse(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand(
        "rehearse", "Walk through your own readings: overloads seen and missed, what would have been bought");
    static RehearseCommand options;
    command
        ->add_option("--readings", options.readings,
                     "Files of readings (CSV, plain or gzip; the formats of headroom replay)")
        ->required()
        ->check(CLI::ExistingFile);
    command
        ->add_option("--grid", options.grid,
                     "Grid CSV with ratings (default: limits from the readings, unverified)")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--ders", options.ders,
                     "DERs that could have been asked, with prices (CSV; default: those of the grid file)")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--covariates", options.covariates,
                     "Tables of weather or prices (CSV or gzip); a file named after a feeder is its own")
        ->check(CLI::ExistingFile);
    command->add_option("--out", options.out, "The report: one HTML file, two printed pages")
        ->type_name("FILE");
    command
        ->add_option("--lead", options.lead, "When each half-hour is forecast: 60min, 30min … or day-ahead")
        ->type_name("LEAD")
        ->capture_default_str();
    command
        ->add_option(
            "--cost-ratio", options.cost_ratio,
            "What a missed overload is worth against a needless purchase; 9 alarms at the 90 % quantile")
        ->check(CLI::Range(1.0, 19.0))
        ->capture_default_str();
    command
        ->add_option("--warm-up-days", options.warm_up_days,
                     "Days at the front that are only learnt from; at most a quarter of the readings")
        ->check(CLI::Range(3.0, 366.0))
        ->capture_default_str();
    command
        ->add_option("--rating-percentile", options.rating_percentile,
                     "Without a grid: the share of its readings that stays within a limit")
        ->check(CLI::Range(50.0, 100.0))
        ->capture_default_str();
    command->add_option("--price", options.price_gbp_per_mwh, "GBP/MWh where no price is given")
        ->check(CLI::Range(0.0, 100'000.0))
        ->capture_default_str();
    command->add_option("--region", options.region, "Whose clock and holidays")
        ->check(CLI::IsMember({"gb", "nl"}))
        ->capture_default_str();
    command->add_option("--seed", options.seed, "Seed of the trees; the same seed gives the same answers")
        ->capture_default_str();
    command->add_flag("--json", options.is_json,
                      "One JSON object on stdout: every overload and every purchase");
    command->footer(
        "Example:\n  headroom rehearse --readings winter.csv.gz --grid grid.csv --ders ders.csv --out "
        "report.html");
    command->callback([&action] { action = [] { return run_rehearse(options); }; });
}

}  // namespace headroom::app
