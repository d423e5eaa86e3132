#include "app/cli_parts.hpp"
#include "app/cli_table.hpp"
#include "app/version.hpp"

#include <iostream>

namespace headroom::app {
namespace {

const CLI::App& root_of(const CLI::App& app) {
    return app.get_parent() != nullptr ? root_of(*app.get_parent()) : app;
}

const CLI::App* find_below(const CLI::App& app, const std::string& name) {
    for (const CLI::App* below : app.get_subcommands({})) {
        if (below->get_name() == name) {
            return below;
        }
    }
    return nullptr;
}

int print_help(const CLI::App& app, const std::vector<std::string>& topic) {
    const CLI::App* here = &app;
    for (const std::string& name : topic) {
        const CLI::App* below = find_below(*here, name);
        if (below == nullptr) {
            std::cerr << "headroom help: there is no command '" << name << "'\nSee: headroom --help\n";
            return exit_usage;
        }
        here = below;
    }
    std::string parents = here->get_parent() != nullptr ? "headroom" : "";
    for (std::size_t i = 0; i + 1 < topic.size(); ++i) {
        parents += " " + topic[i];
    }
    std::cout << here->help(parents);
    return 0;
}

void add_version(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("version", "Print what this binary was built from");
    static bool is_json = false;
    command->add_flag("--json", is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom version --json");
    command->callback([&action] {
        action = [] {
            const json::Object version = version_json();
            if (is_json) {
                std::cout << json::write(version) << "\n";
                return 0;
            }
            const BuildInfo build = build_info();
            std::cout << "headroom " HEADROOM_VERSION " ("
                      << (build.commit.empty() ? "not built from git"
                                               : "commit " + std::string(build.commit.substr(0, 12)) +
                                                     (build.is_modified ? ", modified" : ""))
                      << ", " << *version.find("compiler")->as_string() << ", " << build.build_type << ")\n";
            return 0;
        };
    });
}

void add_completion(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("completion", "Print a completion script for a shell");
    static std::string shell;
    command->add_option("SHELL", shell, "Which shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer(
        "Example:\n  source <(headroom completion bash)\n  headroom completion fish > "
        "~/.config/fish/completions/headroom.fish");
    command->callback([&action, &app] {
        action = [&app] {
            std::cout << completion_script(table_of(root_of(app)), shell);
            return 0;
        };
    });
}

}  // namespace

void add_help(CLI::App& app, Action& action) {
    add_version(app, action);
    add_completion(app, action);
    auto* command = app.add_subcommand("help", "Print the help of a command");
    static std::vector<std::string> topic;
    static bool is_markdown = false;
    command->add_option("COMMAND", topic, "Which, such as: audit verify");
    command->add_flag("--markdown", is_markdown, "The whole command line as docs/cli.md")->group("");
    command->footer("Example:\n  headroom help audit verify");
    command->callback([&action, &app] {
        action = [&app] {
            if (is_markdown) {
                std::cout << table_markdown(table_of(app));
                return 0;
            }
            return print_help(app, topic);
        };
    });
}

}  // namespace headroom::app
