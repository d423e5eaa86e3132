#include "app/cli_table.hpp"

#include <functional>

namespace headroom::app {
namespace {

void for_each_command(const CommandDoc& command, const std::function<void(const CommandDoc&)>& visit) {
    visit(command);
    for (const CommandDoc& below : command.commands) {
        for_each_command(below, visit);
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

/// Everything that may follow the command: its subcommands and its flags.
std::string words_after(const CommandDoc& command) {
    std::vector<std::string> words;
    for (const CommandDoc& below : command.commands) {
        words.push_back(below.name);
    }
    for (const FlagDoc& flag : command.flags) {
        if (!flag.is_argument) {
            words.push_back(flag.name);
        }
    }
    return joined(words);
}

/// For single quotes of a shell.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out + "'";
}

/// bash, and zsh by its bashcompinit.
std::string bash_script(const CommandDoc& table) {
    std::string paths;
    std::string words;
    std::string values;
    for_each_command(table, [&](const CommandDoc& command) {
        words += "        '" + command.path + "') words='" + words_after(command) + "' ;;\n";
        if (&command != &table) {
            paths += (paths.empty() ? "'" : "|'") + command.path + "'";
        }
        for (const FlagDoc& flag : command.flags) {
            if (flag.is_argument || (flag.value.empty() && flag.choices.empty())) {
                continue;
            }
            values +=
                "        '" + command.path + " " + flag.name + "') " +
                (flag.choices.empty() ? "is_value=1" : "is_value=1; words='" + joined(flag.choices) + "'") +
                " ;;\n";
        }
    });
    return "# Completion of headroom, made from its own table. Load it with: source <(headroom completion "
           "bash)\n"
           "_headroom() {\n"
           "    local word path=headroom words='' is_value='' i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=\"$path ${COMP_WORDS[i]}\"\n"
           "        case \"$word\" in " +
           paths +
           ") path=$word ;; esac\n"
           "    done\n"
           "    case \"$path ${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
           values +
           "    esac\n"
           "    if [ -z \"$is_value\" ]; then\n"
           "        case \"$path\" in\n" +
           words +
           "        esac\n"
           "    fi\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _headroom headroom\n";
}

std::string fish_condition(const CommandDoc& command, const CommandDoc& table) {
    std::string seen;
    const std::string below = command.path.substr(std::min(command.path.size(), table.path.size() + 1));
    std::size_t begin = 0;
    while (begin < below.size()) {
        const std::size_t end = std::min(below.find(' ', begin), below.size());
        seen += (seen.empty() ? "" : "; and ") +
                ("__fish_seen_subcommand_from " + below.substr(begin, end - begin));
        begin = end + 1;
    }
    std::vector<std::string> names;
    for (const CommandDoc& sub : command.commands) {
        names.push_back(sub.name);
    }
    if (!names.empty()) {
        seen += (seen.empty() ? "" : "; and ") + ("not __fish_seen_subcommand_from " + joined(names));
    }
    return seen;
}

std::string fish_script(const CommandDoc& table) {
    std::string out =
        "# Completion of headroom, made from its own table. Load it with: headroom completion fish | "
        "source\n";
    for_each_command(table, [&](const CommandDoc& command) {
        const std::string when = "complete -c headroom -n " + quoted(fish_condition(command, table));
        for (const CommandDoc& below : command.commands) {
            out += when + " -f -a " + below.name + " -d " + quoted(below.description) + "\n";
        }
        for (const FlagDoc& flag : command.flags) {
            if (flag.is_argument || !flag.name.starts_with("--")) {
                continue;
            }
            out += when + " -l " + flag.name.substr(2);
            if (!flag.choices.empty()) {
                out += " -x -a " + quoted(joined(flag.choices));
            } else if (!flag.value.empty()) {
                out += " -r";
            }
            out += " -d " + quoted(flag.description) + "\n";
        }
    });
    return out;
}

}  // namespace

std::string completion_script(const CommandDoc& table, const std::string& shell) {
    if (shell == "fish") {
        return fish_script(table);
    }
    if (shell == "zsh") {
        return "#compdef headroom\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(table);
    }
    return bash_script(table);
}

}  // namespace headroom::app
