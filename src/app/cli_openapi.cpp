#include "app/cli_parts.hpp"
#include "app/run_openapi.hpp"

namespace headroom::app {

void add_openapi(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("openapi", "Print the OpenAPI document of the server's routes");
    command->footer("Example:\n  headroom openapi > schemas/openapi.json");
    command->callback([&action] { action = [] { return run_openapi(); }; });
}

}  // namespace headroom::app
