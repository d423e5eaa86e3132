#include "app/cli_parts.hpp"
#include "app/run_models.hpp"

namespace headroom::app {
namespace {

void add_models_verb(CLI::App& models, const std::string& what, const std::string& about,
                     const std::string& example, Action& action) {
    auto* command = models.add_subcommand(what, about);
    static ModelsCommand options;
    static SettingsFlags flags;
    flags.add_to(*command);
    add_server_options(*command, options.server);
    if (what == "show" || what == "promote") {
        command->add_option("id", options.id, "Model, as list shows it")->required()->type_name("ID");
    }
    if (what == "promote" || what == "revert") {
        command->add_option("--reason", options.reason, "Why; it is written down")->required();
    }
    command->footer("Example:\n  headroom models " + example);
    command->callback([&action, what] {
        action = [what] {
            options.what = what;
            options.server.sources = flags.sources();
            return run_models(options);
        };
    });
}

}  // namespace

void add_models(CLI::App& app, Action& action) {
    auto* models = app.add_subcommand("models", "Forecast models of a running server: which serves, and why");
    models->require_subcommand(1);
    add_models_verb(*models, "list", "Kept models, newest first, and what the nightly learning is at", "list",
                    action);
    add_models_verb(*models, "show", "One model: its data, and how it won", "show 3f9a2c71d0e4b685", action);
    add_models_verb(*models, "promote", "Let a kept model serve",
                    "promote 3f9a2c71d0e4b685 --reason \"the newer one forecasts too low\"", action);
    add_models_verb(*models, "revert", "Go back to the model that served before",
                    "revert --reason \"it forecasts too low\"", action);
    models->footer(
        "Example:\n  headroom models list\n  headroom models revert --reason \"it forecasts too low\"");
}

}  // namespace headroom::app
