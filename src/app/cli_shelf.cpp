#include "app/cli_shelf.hpp"

#include "app/run_shelf.hpp"

namespace headroom::app {
namespace {

void add_shelf_verb(CLI::App& shelf, const std::string& what, const std::string& about,
                    const std::string& examples, Action& action) {
    auto* command = shelf.add_subcommand(what, about);
    static ShelfCommand options;
    static SettingsFlags flags;
    flags.add_to(*command);
    add_server_options(*command, options.server);
    if (what == "list") {
        command->add_option("--cover", options.cover, "Only these")
            ->check(CLI::IsMember({"covered", "partly", "uncovered"}));
        command->add_option("--kind", options.kind, "Only these")
            ->check(CLI::IsMember({"feeder", "substation"}));
    } else {
        command->add_option("element", options.element, "Feeder or substation")
            ->required()
            ->type_name("ELEMENT");
    }
    if (what == "carry-out") {
        command->add_option("--reason", options.reason, "Why, for the audit log")->required();
    } else {
        command->add_option("--grid", options.grid, "A grid file instead of a server: a study")
            ->type_name("FILE");
        command->add_option("--loads", options.loads, "With --grid: CSV element_id,phase,load_kw")
            ->type_name("FILE");
        command->add_option("--now", options.now, "With --grid: when it is lost (left out: now)")
            ->type_name("TIME");
    }
    command->footer("Example:\n" + examples);
    command->callback([&action, what] {
        action = [what] {
            options.what = what;
            options.server.sources = flags.sources();
            return run_shelf(options);
        };
    });
}

}  // namespace

void add_shelf(CLI::App& app, Action& action) {
    auto* shelf = app.add_subcommand("shelf", "Ready plans for the loss of each feeder and substation");
    shelf->require_subcommand(1);
    add_shelf_verb(*shelf, "list", "All of them, the uncovered first",
                   "  headroom shelf list --cover uncovered\n"
                   "  headroom shelf list --grid grid.csv --loads loads.csv",
                   action);
    add_shelf_verb(*shelf, "show", "One of them: switching, receivers, orders, pathways",
                   "  headroom shelf show F-0012\n"
                   "  headroom shelf show F-1 --grid grid.csv --loads loads.csv --json",
                   action);
    add_shelf_verb(*shelf, "carry-out", "Begin the orders of a used plan that waits for somebody",
                   "  headroom shelf carry-out F-0012 --reason \"as forecast: the sensor is at fault\"",
                   action);
    shelf->footer("Example:\n  headroom shelf list --cover uncovered\n  headroom shelf show F-0012");
}

}  // namespace headroom::app
