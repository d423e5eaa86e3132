#include "app/cli_table.hpp"

namespace headroom::app {
namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    return out;
}

std::string usage_of(const CommandDoc& command) {
    std::string usage = command.path;
    if (!command.commands.empty()) {
        usage += " COMMAND";
    }
    for (const FlagDoc& flag : command.flags) {
        if (flag.is_argument) {
            usage += flag.is_required ? " " + flag.name : " [" + flag.name + "]";
        }
    }
    return usage + " [flags]";
}

std::string allowed_of(const FlagDoc& flag) {
    std::string text;
    for (const std::string& choice : flag.choices) {
        text += (text.empty() ? "" : ", ") + ("`" + choice + "`");
    }
    return text.empty() ? flag.range : text;
}

void append_flags(std::string& out, const CommandDoc& command) {
    std::string rows;
    for (const FlagDoc& flag : command.flags) {
        if (flag.name == "--help") {
            continue;  // every command has it
        }
        const std::string value =
            flag.value.empty() || flag.is_argument || !flag.choices.empty() ? "" : " " + flag.value;
        rows += "| `" + flag.name + value + "` | " + allowed_of(flag) + " | " +
                (flag.is_required            ? "needed"
                 : flag.default_text.empty() ? ""
                                             : "`" + flag.default_text + "`") +
                " | " + escaped(flag.description) + " |\n";
    }
    if (!rows.empty()) {
        out += "| flag | allowed | default | what it does |\n|---|---|---|---|\n" + rows + "\n";
    }
}

void append_command(std::string& out, const CommandDoc& command) {
    out += "## " + command.path + "\n\n" + command.description + "\n\n    " + usage_of(command) + "\n\n";
    if (!command.commands.empty()) {
        for (const CommandDoc& below : command.commands) {
            out += "- `" + below.name + "`: " + below.description + "\n";
        }
        out += "\n";
    }
    append_flags(out, command);
    if (!command.footer.empty()) {
        out += "```\n" + command.footer + "\n```\n\n";
    }
    for (const CommandDoc& below : command.commands) {
        append_command(out, below);
    }
}

}  // namespace

std::string table_markdown(const CommandDoc& table) {
    std::string out =
        "# The command line\n\n"
        "Made by `scripts/make_docs` from the command line's own table; do not edit. `headroom COMMAND "
        "--help` prints the same.\n\n"
        "Answers go to stdout, talk and errors to stderr. Exit codes stand in "
        "[troubleshooting.md](troubleshooting.md#exit-codes).\n\n";
    append_command(out, table);
    while (out.ends_with("\n\n")) {
        out.pop_back();
    }
    return out;
}

}  // namespace headroom::app
