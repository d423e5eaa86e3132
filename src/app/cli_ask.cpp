#include "app/cli_parts.hpp"
#include "app/run_ask.hpp"

namespace headroom::app {

void add_ask(CLI::App& app, Action& action) {
    static AskCommand options;
    static SettingsFlags flags;
    auto* command = app.add_subcommand("ask", "Ask a running server about its state, in words");
    flags.add_to(*command);
    add_server_options(*command, options.server);
    command->add_option("question", options.question, "In words")->required()->type_name("TEXT");
    command->footer(
        "Reads only. Without a language model (llm.enabled) it answers a fixed family of questions.\nExit: 0 "
        "answered from sources, 1 without a source or refused, 2 no answer.\nExample:\n  headroom ask "
        "\"Which "
        "feeders are tightest?\"\n  headroom ask \"Why this plan for ev-20270114-abcdefgh?\" --json");
    command->callback([&action] {
        action = [] {
            options.server.sources = flags.sources();
            return run_ask(options);
        };
    });
}

}  // namespace headroom::app
