#include "app/cli_beckn.hpp"
#include "app/run_beckn_settle.hpp"

namespace headroom::app {

void add_beckn_settle(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "settle", "Who receives and pays what for a contract of demand flexibility, by its published policy");
    static BecknSettleCommand options;
    command
        ->add_option(
            "file", options.file,
            "A 2.0 message with the contract and its evidence, a contract alone, or a capture (JSON lines)")
        ->type_name("FILE")
        ->required();
    command->add_flag(
        "--json", options.is_json,
        "One JSON object on stdout: rule, currency, flows, slots, remarks; money as decimal strings");
    command->footer(
        "Exit: 0 settled, otherwise what is missing is named by its JSON Pointer.\nExample:\n  headroom "
        "beckn "
        "settle on_status.json --json");
    command->callback([&action] { action = [] { return run_beckn_settle(options); }; });
}

}  // namespace headroom::app
