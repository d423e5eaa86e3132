#include "app/cli_parts.hpp"
#include "app/run_feeds.hpp"

namespace headroom::app {

void add_feeds(CLI::App& app, Action& action) {
    static FeedsCommand options;
    static SettingsFlags flags;
    auto* feeds = app.add_subcommand("feeds", "Public data from elsewhere: weather, carbon, prices, network");
    feeds->require_subcommand(1);
    feeds->footer("Example:\n  headroom feeds fetch weather --hours 24\n  headroom feeds status");
    const auto add_common = [&](CLI::App& command, int (*run)(const FeedsCommand&)) {
        flags.add_to(command);
        command.add_option("--data-dir", options.data_dir, "Where answers are kept, in its folder feeds")
            ->type_name("DIR");
        command.add_flag("--json", options.is_json, "One JSON object on stdout");
        command.callback([&action, run] {
            action = [run] {
                options.sources = flags.sources();
                return run(options);
            };
        });
    };
    auto* status =
        feeds->add_subcommand("status", "What each source answered last, and what is wrong with it");
    add_common(*status, run_feeds_status);
    status->footer("Example:\n  headroom feeds status --json");

    auto* fetch = feeds->add_subcommand("fetch", "Ask a source, or take a young answer that was kept");
    add_common(*fetch, run_feeds_fetch);
    fetch->add_option("what", options.what, "What to fetch")
        ->required()
        ->check(CLI::IsMember({"weather", "carbon", "carbon_region", "system_prices", "market_index",
                               "demand", "agile", "live_faults", "dispatches", "primary_sites", "neso"}));
    fetch->add_option("--hours", options.hours, "How far ahead; back for market_index and dispatches")
        ->check(CLI::Range(1, 24 * 400))
        ->capture_default_str();
    fetch->add_option("--resource", options.resource, "Table of the NESO data portal, a UUID")
        ->type_name("UUID");
    fetch->add_flag("--refresh", options.is_refresh, "Ask even where a young answer is kept");
    fetch->footer(
        "Exit: 0 fresh, 1 an old answer or the climatology stands in (said on stderr), 2 nothing.\nExample:\n"
        "  headroom feeds fetch weather --hours 24\n  headroom feeds fetch carbon_region --json\n"
        "  headroom feeds fetch neso --resource dad63c1b-8a8e-47de-9922-7880384ef104");
}

}  // namespace headroom::app
