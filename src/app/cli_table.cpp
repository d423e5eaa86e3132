#include "app/cli_table.hpp"

#include "core/settings_tree.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>

namespace headroom::app {
namespace {

/// "INT:INT in [0 - 65535]:FILE" → its parts.
std::vector<std::string> parts_of(const std::string& type_name) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= type_name.size()) {
        const std::size_t end = std::min(type_name.find(':', begin), type_name.size());
        parts.push_back(type_name.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::vector<std::string> braced_words(const std::string& braced) {
    std::vector<std::string> words;
    std::size_t begin = 1;
    while (begin < braced.size()) {
        const std::size_t end = braced.find_first_of(",}", begin);
        words.push_back(braced.substr(begin, end - begin));
        begin = end == std::string::npos ? braced.size() : end + 1;
    }
    return words;
}

/// "INT in [3 - 5000]" → "3 to 5000".
std::optional<std::string> range_of(const std::string& part) {
    const std::size_t begin = part.find(" in [");
    const std::size_t middle = part.find(" - ");
    if (begin == std::string::npos || middle == std::string::npos || !part.ends_with(']')) {
        return std::nullopt;
    }
    const std::size_t first = begin + 5;
    return part.substr(first, middle - first) + " to " + part.substr(middle + 3, part.size() - middle - 4);
}

std::string value_word(const std::string& type) {
    if (type == "TEXT") {
        return "TEXT";
    }
    return type == "INT" || type == "UINT" || type == "FLOAT" ? "N" : type;
}

bool is_shown(const CLI::Option& option) {
    return !option.get_group().empty();
}

/// Broken between words, so that a line with the names before it fits a wide terminal.
std::string wrapped(const std::string& text) {
    constexpr std::size_t width = 80;
    std::string out;
    std::size_t line = 0;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (line > 0 && line + 1 + word.size() > width) {
            out += '\n';
            line = 0;
        } else if (line > 0) {
            out += ' ';
            ++line;
        }
        out += word;
        line += word.size();
    }
    return out;
}

class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter() { column_width(34); }

    std::string make_option_opts(const CLI::Option* option) const override {
        const FlagDoc flag = flag_of(*option);
        std::string text;
        if (!flag.choices.empty()) {
            for (const std::string& choice : flag.choices) {
                text += (text.empty() ? " " : "|") + choice;
            }
        } else if (!flag.value.empty() && !flag.is_argument) {
            text = " " + flag.value;
        }
        return text;
    }

    std::string make_option_desc(const CLI::Option* option) const override {
        const FlagDoc flag = flag_of(*option);
        std::string text = flag.description;
        if (!flag.range.empty()) {
            text += " (" + flag.range + ")";
        }
        if (!flag.default_text.empty()) {
            text += " [default: " + flag.default_text + "]";
        }
        return wrapped(text + (flag.is_required ? " [needed]" : ""));
    }

    std::string make_subcommand(const CLI::App* command) const override {
        std::stringstream out;
        CLI::detail::format_help(out, command->get_name(), wrapped(command->get_description()),
                                 get_column_width());
        return out.str();
    }
};

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    constexpr std::size_t longest_compared = 64;
    for (const std::string& candidate : candidates) {
        const std::size_t distance =
            word.size() > longest_compared ? best_distance : edit_distance(word, candidate);
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

const CLI::App& deepest_parsed(const CLI::App& app) {
    const CLI::App* here = &app;
    while (!here->get_subcommands().empty()) {
        here = here->get_subcommands().front();
    }
    return *here;
}

std::string command_path(const CLI::App& app) {
    return app.get_parent() != nullptr ? command_path(*app.get_parent()) + " " + app.get_name()
                                       : app.get_name();
}

const CommandDoc* find_command(const CommandDoc& table, const std::string& path) {
    if (table.path == path) {
        return &table;
    }
    for (const CommandDoc& command : table.commands) {
        if (const CommandDoc* found = find_command(command, path)) {
            return found;
        }
    }
    return nullptr;
}

/// Another command that has a flag of this name.
std::string owner_of(const CommandDoc& table, const std::string& flag) {
    for (const FlagDoc& own : table.flags) {
        if (own.name == flag) {
            return table.path;
        }
    }
    for (const CommandDoc& command : table.commands) {
        if (std::string found = owner_of(command, flag); !found.empty()) {
            return found;
        }
    }
    return "";
}

std::string unexpected(const CommandDoc& table, const CommandDoc& command, std::string word) {
    word = word.substr(0, word.find('='));
    std::vector<std::string> candidates;
    const bool is_flag = word.starts_with('-');
    if (is_flag) {
        for (const FlagDoc& flag : command.flags) {
            candidates.push_back(flag.name);
        }
    } else {
        for (const CommandDoc& below : command.commands) {
            candidates.push_back(below.name);
        }
    }
    std::string text = "'" + word + "' is not a " + (is_flag ? "flag" : "command") + " here";
    if (!is_flag && candidates.empty()) {
        text = "'" + word + "' is one argument too many";
    }
    if (const std::string meant = nearest(word, candidates); !meant.empty()) {
        return text + "; did you mean " + meant + "?";
    }
    if (const std::string owner = is_flag ? owner_of(table, word) : ""; !owner.empty()) {
        return text + "; it is one of " + owner;
    }
    return text;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    }
    return text;
}

/// "--port: Value 99999 not in range 0 to 65535", "--authority: x not in {shadow,propose,act}",
/// "--grid: File does not exist: x" as sentences.
std::optional<std::string> refused_value(const std::string& text) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    const std::string flag = text.substr(0, colon);
    const std::string detail = text.substr(colon + 2);
    constexpr std::string_view range_begin = "Value ";
    constexpr std::string_view range_middle = " not in range ";
    if (const std::size_t middle = detail.find(range_middle);
        detail.starts_with(range_begin) && middle != std::string::npos) {
        return flag + " must be from " + detail.substr(middle + range_middle.size()) + ", it is " +
               detail.substr(range_begin.size(), middle - range_begin.size());
    }
    constexpr std::string_view choice_middle = " not in {";
    if (const std::size_t middle = detail.find(choice_middle); middle != std::string::npos) {
        return flag + " must be " + listed(braced_words(detail.substr(middle + choice_middle.size() - 1))) +
               ", it is '" + detail.substr(0, middle) + "'";
    }
    constexpr std::string_view no_file = "File does not exist: ";
    if (detail.starts_with(no_file)) {
        return flag + ": there is no file " + detail.substr(no_file.size());
    }
    return std::nullopt;
}

/// The parser's sentence in ours, where ours is clearer.
std::string sentence_of(const CommandDoc& command, const CLI::ParseError& error) {
    const std::string text = error.what();
    constexpr std::string_view unconvertible = "Could not convert: ";
    if (text.starts_with(unconvertible)) {
        const std::size_t equals = text.find(" = ");
        if (equals != std::string::npos) {
            return text.substr(unconvertible.size(), equals - unconvertible.size()) +
                   " wants a number, it is '" + text.substr(equals + 3) + "'";
        }
    }
    if (text == "A subcommand is required") {
        std::vector<std::string> names;
        for (const CommandDoc& below : command.commands) {
            names.push_back(below.name);
        }
        return "a command is missing: " + listed(names);
    }
    if (const std::optional<std::string> refused = refused_value(text)) {
        return *refused;
    }
    if (const std::size_t needs = text.find(": 1 required "); needs != std::string::npos) {
        return text.substr(0, needs) + " wants a value";
    }
    return text;
}

}  // namespace

FlagDoc flag_of(const CLI::Option& option) {
    FlagDoc flag;
    flag.is_argument = option.get_lnames().empty() && option.get_snames().empty();
    flag.name = flag.is_argument              ? option.get_name()
                : option.get_lnames().empty() ? "-" + option.get_snames().front()
                                              : "--" + option.get_lnames().front();
    flag.description = option.get_description();
    flag.is_required = option.get_required();
    if (option.get_type_size() == 0) {
        return flag;
    }
    flag.default_text = option.get_default_str();
    for (const std::string& part : parts_of(option.get_type_name())) {
        if (part.starts_with('{')) {
            flag.choices = braced_words(part);
        } else if (const std::optional<std::string> range = range_of(part)) {
            flag.range = *range;
        } else if (!part.empty()) {
            flag.value = value_word(part);
        }
    }
    return flag;
}

CommandDoc table_of(const CLI::App& app) {
    CommandDoc command;
    command.path = command_path(app);
    command.name = app.get_name();
    command.description = app.get_description();
    command.footer = app.get_footer();
    for (const CLI::Option* option : app.get_options({})) {
        if (is_shown(*option)) {
            command.flags.push_back(flag_of(*option));
        }
    }
    for (const CLI::App* below : app.get_subcommands({})) {
        if (!below->get_group().empty()) {
            command.commands.push_back(table_of(*below));
        }
    }
    return command;
}

std::shared_ptr<CLI::Formatter> make_help_formatter() {
    return std::make_shared<HelpFormatter>();
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
    const CommandDoc table = table_of(app);
    const std::string path = command_path(deepest_parsed(app));
    const CommandDoc* found = find_command(table, path);
    const CommandDoc& command = found != nullptr ? *found : table;
    const std::vector<std::string> left = app.remaining(true);
    const std::string what = left.empty() ? sentence_of(command, error) : unexpected(table, command, left[0]);
    return command.path + ": " + what + "\nSee: " + command.path + " --help\n";
}

}  // namespace headroom::app
