#include "app/cli_beckn.hpp"

#include "app/run_beckn_keygen.hpp"

#include <iostream>

namespace headroom::app {

void add_beckn_keygen(CLI::App& group, Action& action) {
    auto* command = group.add_subcommand(
        "keygen", "Make the keys that a network knows this server by; keys that are there are only shown");
    static BecknKeygenCommand options;
    static SettingsFlags flags;
    flags.add_to(*command);
    command
        ->add_option("--data-dir", options.data_dir,
                     "Data folder; the keys lie in keys/ below it (default: the setting data.dir)")
        ->type_name("DIR");
    command
        ->add_option("--out", options.file,
                     "Keep the signing key in this file, and the encryption key beside it as FILE.x25519")
        ->type_name("FILE");
    command
        ->add_option("--key-id", options.key_id,
                     "Name of the key in the registry (default: made from the public key)")
        ->type_name("ID");
    command
        ->add_option("--import", options.import_from,
                     "Take the signing key from this file: Base64 of 32 bytes, or of 64 with the public key")
        ->check(CLI::ExistingFile)
        ->type_name("FILE");
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom beckn keygen --data-dir headroom-data --json");
    command->callback([&action] {
        action = [] {
            if (options.file.empty() && options.data_dir.empty()) {
                const Result<LoadedSettings> loaded = load_settings(flags.sources());
                if (!loaded) {
                    std::cerr << loaded.error().message << "\n";
                    return exit_usage;
                }
                options.data_dir = loaded->settings.data.dir;
            }
            return run_beckn_keygen(options);
        };
    });
}

namespace {

/// An id, a key, an address or a file without a letter is a slip of whoever calls, a variable of a script
/// that was not set: what is not wanted is left out.
void refuse_empty_values(CLI::App& command) {
    const CLI::Validator not_empty(
        [](std::string& value) {
            return value.find_first_not_of(" \t\r\n") == std::string::npos ? std::string("must not be empty")
                                                                           : std::string();
        },
        "");
    for (CLI::Option* option : command.get_options([](const CLI::Option* one) {
             return one->get_type_size_max() > 0;  // a flag takes no value
         })) {
        option->check(not_empty);
    }
    for (CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
        refuse_empty_values(*below);
    }
}

}  // namespace

void add_beckn(CLI::App& app, Action& action) {
    auto* group = app.add_subcommand("beckn", "Beckn networks: keys, signatures, registry and messages");
    group->require_subcommand(1);
    add_beckn_keygen(*group, action);
    add_beckn_serve_bpp(*group, action);
    add_beckn_doctor(*group, action);
    add_beckn_registry(*group, action);
    add_beckn_subscribe(*group, action);
    add_beckn_capture(*group, action);
    add_beckn_verbs(*group, action);
    add_beckn_publish(*group, action);
    add_beckn_settle(*group, action);
    add_beckn_export(*group, action);
    add_beckn_need(*group, action);
    add_beckn_bid(*group, action);
    refuse_empty_values(*group);
    group->footer("Example:\n  headroom beckn keygen --data-dir headroom-data");
}

}  // namespace headroom::app
