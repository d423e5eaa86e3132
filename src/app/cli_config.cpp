#include "app/cli_parts.hpp"
#include "app/run_config.hpp"

namespace headroom::app {

void SettingsFlags::add_to(CLI::App& command) {
    command.add_option("--config", file, "Settings file (TOML); headroom init writes one")->type_name("FILE");
    command.add_option("--env-file", env_file, "File of NAME=VALUE lines (default .env, when it is there)")
        ->type_name("FILE");
    command.add_option("--set", overrides, "One setting; may be repeated")->type_name("SECTION.KEY=VALUE");
}

SettingsSources SettingsFlags::sources() const {
    SettingsSources sources = process_sources();
    if (!file.empty()) {
        sources.file = file;
    }
    if (!env_file.empty()) {
        sources.env_file = env_file;
    }
    sources.flags = overrides;
    return sources;
}

namespace {

void add_check(CLI::App& config, Action& action) {
    auto* command = config.add_subcommand(
        "check", "Say everything that is wrong with the settings, and what is set but not used");
    static SettingsFlags flags;
    static bool is_json = false;
    flags.add_to(*command);
    command->add_flag("--json", is_json, "One JSON object on stdout");
    command->footer("Exit: 0 valid, 1 not.\nExample:\n  headroom config check --config headroom.toml");
    command->callback([&action] { action = [] { return run_config_check(flags.sources(), is_json); }; });
}

void add_config_show(CLI::App& config, Action& action) {
    auto* command = config.add_subcommand("show", "Print every setting in force; secrets are masked");
    static SettingsFlags flags;
    static bool with_origin = false;
    static bool is_json = false;
    flags.add_to(*command);
    command->add_flag("--origin", with_origin, "Say where each value came from");
    command->add_flag("--json", is_json, "One JSON object on stdout, origins included");
    command->footer("Example:\n  headroom config show --origin\n  PORT=9000 headroom config show --json");
    command->callback(
        [&action] { action = [] { return run_config_show(flags.sources(), with_origin, is_json); }; });
}

void add_schema(CLI::App& config, Action& action) {
    auto* command =
        config.add_subcommand("schema", "Print the JSON Schema of the settings file, for editors");
    static bool is_markdown = false;
    command->add_flag("--markdown", is_markdown, "The same as docs/settings.md")->group("");
    command->footer("Example:\n  headroom config schema > headroom.schema.json");
    command->callback([&action] { action = [] { return run_config_schema(is_markdown); }; });
}

}  // namespace

void add_config(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("config", "Check and show the settings");
    command->require_subcommand(1);
    command->footer("Example:\n  headroom config show --origin");
    add_check(*command, action);
    add_config_show(*command, action);
    add_schema(*command, action);

    auto* init = app.add_subcommand("init", "Write a settings file with every key, its default and meaning");
    static std::string path = "headroom.toml";
    init->add_option("FILE", path, "Where to; an existing file is left alone")->capture_default_str();
    init->footer("Example:\n  headroom init\n  headroom init /etc/headroom/config.toml");
    init->callback([&action] { action = [] { return run_init(path); }; });
}

}  // namespace headroom::app
