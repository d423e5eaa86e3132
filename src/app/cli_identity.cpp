#include "app/cli_parts.hpp"
#include "app/run_identity.hpp"
#include "desk/identity/role.hpp"

#include <iostream>

namespace headroom::app {
namespace {

using IdentityRun = int (*)(const IdentityCommand&);

/// The flags of all these commands; one process runs one of them.
IdentityCommand& shared() {
    static IdentityCommand command;
    return command;
}

/// Where the data lies: the flag, or what the settings say.
bool find_data_dir(IdentityCommand& command) {
    if (!command.data_dir.empty()) {
        return true;
    }
    const Result<LoadedSettings> loaded = load_settings(SettingsFlags{}.sources());
    if (!loaded) {
        std::cerr << loaded.error().message << "\n";
        return false;
    }
    command.data_dir = loaded->settings.data.dir;
    return true;
}

CLI::App* add(CLI::App& parent, Action& action, const std::string& name, const std::string& what,
              IdentityRun run, const std::string& example) {
    CLI::App* const command = parent.add_subcommand(name, what);
    command->add_option("--data-dir", shared().data_dir, "Data folder (default: the setting data.dir)")
        ->type_name("DIR");
    command->add_flag("--json", shared().is_json, "One JSON object on stdout");
    command->footer("Example:\n  " + example);
    command->callback(
        [&action, run] { action = [run] { return find_data_dir(shared()) ? run(shared()) : exit_usage; }; });
    return command;
}

void add_name(CLI::App& command, const std::string& what) {
    command.add_option("NAME", shared().name, what)->required();
}

void add_role(CLI::App& command, bool is_key) {
    std::vector<std::string> words;
    std::string shown;
    for (const desk::identity::Role role : desk::identity::person_roles) {
        words.emplace_back(to_string(role));
    }
    if (is_key) {
        words.emplace_back(to_string(desk::identity::Role::device));
    }
    for (const std::string& word : words) {
        shown += (shown.empty() ? "" : ", ") + word;
    }
    command.add_option("--role", shared().role, "One of " + shown)
        ->required()
        ->check(CLI::IsMember(words))
        ->type_name("ROLE");
}

void add_password(CLI::App& command) {
    command
        .add_option("--password-file", shared().password_file,
                    "File whose one line is the password, at least 12 characters; - reads standard input")
        ->required()
        ->type_name("FILE");
}

}  // namespace

void add_identity(CLI::App& app, Action& action) {
    CLI::App* const user = app.add_subcommand(
        "user", "People who sign in; works beside a running server, which follows within a second");
    user->require_subcommand(1);
    user->footer("Example:\n  headroom user add op-17 --role operator --password-file password.txt");
    CLI::App* command = add(*user, action, "add", "Add a person", run_user_add,
                            "headroom user add op-17 --role operator --password-file password.txt");
    add_name(*command,
             "Id of the person, such as op-17: it stays in the audit log for ever, so no real name");
    add_role(*command, false);
    add_password(*command);
    add(*user, action, "list", "Print who may sign in", run_user_list, "headroom user list --json");
    command = add(*user, action, "remove", "Remove a person; sessions end at once", run_user_remove,
                  "headroom user remove op-17");
    add_name(*command, "Id of the person");
    command = add(*user, action, "passwd", "Give a person a new password; sessions end at once",
                  run_user_password, "printf %s \"$NEW\" | headroom user passwd op-17 --password-file -");
    add_name(*command, "Id of the person");
    add_password(*command);
    command = add(*user, action, "role", "Give a person another role", run_user_role,
                  "headroom user role op-17 --role approver");
    add_name(*command, "Id of the person");
    add_role(*command, false);

    CLI::App* const key = app.add_subcommand(
        "key", "Keys of programs; works beside a running server, which follows within a second");
    key->require_subcommand(1);
    key->footer("Example:\n  headroom key add meters-1 --role operator");
    command = add(*key, action, "add", "Make a key and print it, once", run_key_add,
                  "headroom key add meters-1 --role operator --json | jq -r .key");
    add_name(*command, "Id of the program, such as meters-1");
    add_role(*command, true);
    add(*key, action, "list", "Print which keys there are", run_key_list, "headroom key list");
    command = add(*key, action, "revoke", "Revoke a key; it opens nothing any more", run_key_revoke,
                  "headroom key revoke meters-1");
    add_name(*command, "Id of the program");
}

}  // namespace headroom::app
