#include "app/cli_parts.hpp"
#include "app/run_scenario.hpp"
#include "app/run_scenario_backtest.hpp"
#include "app/run_scenario_recompute.hpp"

namespace headroom::app {

void add_scenario(CLI::App& app, Action& action) {
    static ScenarioCommand options;
    static SettingsFlags flags;
    auto* scenario = app.add_subcommand(
        "scenario", "What would happen: heatwaves, floods, cold snaps, losses, over a place's assets");
    scenario->require_subcommand(1);
    scenario->footer(
        "Example:\n  headroom scenario list\n  headroom scenario run london_heatwave_3d --seed 7");
    const auto add_common = [&](CLI::App& command, int (*run)(const ScenarioCommand&)) {
        flags.add_to(command);
        command.add_option("--assets", options.assets_file, "Assets instead of the settings'")
            ->type_name("FILE");
        command.add_flag("--json", options.is_json, "One JSON object on stdout");
        command.callback([&action, run] {
            action = [run] {
                options.sources = flags.sources();
                return run(options);
            };
        });
    };
    auto* list =
        scenario->add_subcommand("list", "Scenarios that can be run by their id, and places with assets");
    add_common(*list, run_scenario_list);
    list->footer("Example:\n  headroom scenario list --json");

    auto* run = scenario->add_subcommand("run", "Project assets through a scenario, here, without a server");
    add_common(*run, run_scenario_run);
    run->add_option("scenario", options.what, "A file (TOML or JSON), or the id of a listed scenario")
        ->required()
        ->type_name("FILE|ID");
    run->add_option("--seed", options.seed, "The same seed gives the same result")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{9'007'199'254'740'991}))
        ->capture_default_str();
    run->add_option("--start", options.start, "Instead of the scenario's own first half-hour")
        ->type_name("TIME");
    run->add_option("--against", options.against, "Another scenario, set beside it")->type_name("FILE|ID");
    run->add_option("--lines", options.lines, "Lines of the table")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
        ->capture_default_str();
    run->add_flag(
        "--ask-services", options.asks_services,
        "Ask the weather services of the settings; otherwise the climatology, so that a run repeats");
    run->add_option("--data-dir", options.data_dir, "Where answers of services are kept, in its folder feeds")
        ->type_name("DIR");
    run->footer(
        "Exit: 0, 1 for a place without assets, 2 for what does not fit.\nExample:\n"
        "  headroom scenario run london_heatwave_3d --against london_heatwave_5d\n"
        "  headroom scenario run storm.toml --assets assets.json --json");

    add_scenario_backtest(*scenario, action);
    add_scenario_recompute(*scenario, action);

    auto* assets = scenario->add_subcommand("assets", "Read and check a file of assets, or fetch them");
    add_common(*assets, run_scenario_assets);
    assets->add_flag("--ukpn", options.is_ukpn,
                     "Grid and primary sites of UK Power Networks' open data, through feeds.ukpn_url");
    assets
        ->add_option(
            "--near-km", options.near_km,
            "With --ukpn: also secondary sites and low-voltage feeders so near feeds.lat and feeds.lon")
        ->type_name("KM")
        ->check(CLI::Range(0.0, 20.0));
    assets->add_option("--out", options.out, "Write them there, for scenario.assets_file")->type_name("FILE");
    assets->add_option("--data-dir", options.data_dir, "Where answers are kept, in its folder feeds")
        ->type_name("DIR");
    assets->footer(
        "Example:\n  headroom scenario assets --assets assets.json\n"
        "  headroom scenario assets --ukpn --near-km 2 --out ukpn.json");
}

}  // namespace headroom::app
