#include "app/cli_parts.hpp"
#include "app/run_quality.hpp"
#include "app/run_status.hpp"

namespace headroom::app {

void add_status(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("status", "Ask a running server how it is");
    static StatusCommand options;
    static SettingsFlags flags;
    flags.add_to(*command);
    command
        ->add_option("--server", options.server,
                     "Its address (else $HEADROOM_SERVER, else the server of the data directory, else "
                     "http://127.0.0.1 at server.port)")
        ->type_name("URL");
    command->add_option("--data-dir", options.data_dir, "Data directory of the server")->type_name("DIR");
    command->add_option("--key-file", options.key_file, "File with an API key (else $HEADROOM_KEY)")
        ->type_name("FILE");
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Exit: 0 ok, 1 degraded, 2 down.\nExample:\n  headroom status\n  headroom status --server "
        "http://127.0.0.1:8000 --json");
    command->callback([&action] {
        action = [] {
            options.sources = flags.sources();
            return run_status(options);
        };
    });
}

void add_quality(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("quality", "Ask a running server how good its data is");
    static StatusCommand options;
    static SettingsFlags flags;
    flags.add_to(*command);
    command
        ->add_option("--server", options.server,
                     "Its address (else $HEADROOM_SERVER, else the server of the data directory, else "
                     "http://127.0.0.1 at server.port)")
        ->type_name("URL");
    command->add_option("--data-dir", options.data_dir, "Data directory of the server")->type_name("DIR");
    command->add_option("--key-file", options.key_file, "File with an API key (else $HEADROOM_KEY)")
        ->type_name("FILE");
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer(
        "Exit: 0 nothing is wrong now, 1 something is, 2 no answer.\nExample:\n  headroom quality\n  "
        "headroom "
        "quality --json");
    command->callback([&action] {
        action = [] {
            options.sources = flags.sources();
            return run_quality(options);
        };
    });
}

}  // namespace headroom::app
