#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace headroom::app {

/// A flag or an argument of a command, taken from the parser's own table.
struct FlagDoc {
    std::string name;                  ///< "--port", or "EVENT" for an argument
    std::string value;                 ///< what it wants: "N", "FILE"; empty for a switch
    std::vector<std::string> choices;  ///< the only words it takes
    std::string range;                 ///< "0 to 65535"
    std::string default_text;
    std::string description;
    bool is_required = false;
    bool is_argument = false;
};

struct CommandDoc {
    std::string path;  ///< "headroom audit verify"
    std::string name;  ///< "verify"
    std::string description;
    std::string footer;
    std::vector<FlagDoc> flags;
    std::vector<CommandDoc> commands;
};

/// The table of `app` and everything below it, without what is hidden.
[[nodiscard]] CommandDoc table_of(const CLI::App& app);
[[nodiscard]] FlagDoc flag_of(const CLI::Option& option);

/// How help is printed: values, choices, ranges and defaults as in the table.
[[nodiscard]] std::shared_ptr<CLI::Formatter> make_help_formatter();

/// What a wrong command line is answered with: what is wrong, the nearest right name, where help is.
[[nodiscard]] std::string usage_message(const CLI::App& app, const CLI::ParseError& error);

/// docs/cli.md
[[nodiscard]] std::string table_markdown(const CommandDoc& table);
/// A completion script for bash, zsh or fish.
[[nodiscard]] std::string completion_script(const CommandDoc& table, const std::string& shell);

}  // namespace headroom::app
