#include "app/cli_parts.hpp"
#include "app/run_status.hpp"

namespace headroom::app {

void add_server_options(CLI::App& command, StatusCommand& options) {
    command
        .add_option("--server", options.server,
                    "Its address (else $HEADROOM_SERVER, else the server of the data directory, else "
                    "http://127.0.0.1 at server.port)")
        ->type_name("URL");
    command.add_option("--data-dir", options.data_dir, "Data directory of the server")->type_name("DIR");
    command.add_option("--key-file", options.key_file, "File with an API key (else $HEADROOM_KEY)")
        ->type_name("FILE");
    command.add_flag("--json", options.is_json, "One JSON object on stdout");
}

}  // namespace headroom::app
