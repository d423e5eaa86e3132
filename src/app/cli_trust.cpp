#include "app/cli_parts.hpp"
#include "app/run_trust_desk.hpp"

namespace headroom::app {
namespace {

/// What a command of this folder needs to stand until it runs.
struct HeldTrustOptions {
    TrustDeskCommand options;
    SettingsFlags flags;
};

using TrustRun = int (*)(const TrustDeskCommand&);

void bind(CLI::App& command, HeldTrustOptions& held, Action& action, TrustRun run) {
    command.callback([&action, &held, run] {
        action = [&held, run] {
            held.options.server.sources = held.flags.sources();
            return run(held.options);
        };
    });
}

void add_apply(CLI::App& corrections, Action& action) {
    auto* command =
        corrections.add_subcommand("apply", "Apply what an incident proposes, or a correction of one's own");
    static HeldTrustOptions held;
    add_server_options(*command, held.options.server);
    held.flags.add_to(*command);
    auto* incident =
        command->add_option("--incident", held.options.incident, "Its proposal is applied")->type_name("ID");
    auto* meter = command->add_option("--meter", held.options.meter, "Feeder or substation")
                      ->type_name("ID")
                      ->excludes(incident);
    command->add_option("--kind", held.options.kind, "What is wrong with it")
        ->check(CLI::IsMember({"reversed", "unit", "phase_order"}))
        ->needs(meter);
    command->add_option("--factor", held.options.factor, "Of L1, L2 and L3")->expected(3)->needs(meter);
    command
        ->add_option("--order", held.options.order,
                     "The meter's phase that L1, L2 and L3 are taken from, 1 to 3")
        ->expected(3)
        ->needs(meter);
    command->add_option("--reason", held.options.reason, "Why, for the audit log")->required();
    command->add_flag("--dry-run", held.options.is_dry_run, "Say what would be done");
    command->footer(
        "Exit: 0 in force, 1 refused, 2 no answer.\nExample:\n  headroom trust corrections apply --incident "
        "T-20261120T1210-1f3a9c02 --reason \"CTs are reversed, seen on site\"\n  headroom trust corrections "
        "apply --meter F-0130 --kind reversed --factor -1 -1 -1 --reason \"CTs are reversed\"");
    bind(*command, held, action, run_correction_apply);
}

void add_revert(CLI::App& corrections, Action& action) {
    auto* command = corrections.add_subcommand("revert", "Take a correction back");
    static HeldTrustOptions held;
    add_server_options(*command, held.options.server);
    held.flags.add_to(*command);
    command->add_option("id", held.options.id, "The correction")->required();
    command->add_option("--reason", held.options.reason, "Why, for the audit log")->required();
    command->add_flag("--dry-run", held.options.is_dry_run, "Say what would be done");
    command->footer(
        "Exit: 0 taken back, 1 refused, 2 no answer.\nExample:\n  headroom trust corrections revert "
        "C-1f3a9c02b7d4 --reason \"the CTs were turned round\"");
    bind(*command, held, action, run_correction_revert);
}

}  // namespace

void add_trust_desk(CLI::App& trust, Action& action) {
    auto* report =
        trust.add_subcommand("report", "Ask a running server which readings are in doubt, and why");
    static HeldTrustOptions held_report;
    add_server_options(*report, held_report.options.server);
    held_report.flags.add_to(*report);
    report->footer(
        "Exit: 0 every reading is believed, 1 some are in doubt, 2 no answer.\nExample:\n  headroom trust "
        "report\n  headroom trust report --json");
    bind(*report, held_report, action, run_trust_report);

    auto* corrections =
        trust.add_subcommand("corrections", "Corrections of meters: what is in force, apply, revert");
    corrections->require_subcommand(1);
    corrections->footer("Example:\n  headroom trust corrections list");
    auto* list = corrections->add_subcommand("list", "Corrections in force");
    static HeldTrustOptions held_list;
    add_server_options(*list, held_list.options.server);
    held_list.flags.add_to(*list);
    list->footer("Example:\n  headroom trust corrections list --json");
    bind(*list, held_list, action, run_corrections_list);
    add_apply(*corrections, action);
    add_revert(*corrections, action);
}

}  // namespace headroom::app
