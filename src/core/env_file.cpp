#include "core/env_file.hpp"

#include "core/utf8.hpp"

#include <map>
#include <optional>

namespace headroom {
namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
constexpr bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// No terminal and no HTTP header wants these in a value.
constexpr bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// Reads one line; `fault` is set when it cannot be read.
class LineReader {
  public:
    explicit LineReader(std::string_view text) : text_(text) {}

    /// Nothing for an empty line, a comment, or a fault.
    std::optional<EnvLine> read() {
        skip_blanks();
        if (at_end() || here() == '#') {
            return std::nullopt;
        }
        take_export();
        EnvLine line;
        line.name = take_name();
        if (line.name.empty()) {
            return fail("must begin with a name of letters, digits and _, as in NAME=VALUE");
        }
        if (line.name.size() > env_name_bytes_max) {
            return fail("has a name longer than " + std::to_string(env_name_bytes_max) + " bytes");
        }
        skip_blanks();
        if (at_end() || here() != '=') {
            return fail("has no = behind the name");
        }
        ++at_;
        skip_blanks();
        const bool is_read =
            at_end() || (here() != '\'' && here() != '"') ? take_bare(line.value) : take_quoted(line.value);
        if (!is_read) {
            return std::nullopt;
        }
        if (line.value.size() > env_value_bytes_max) {
            return fail("has a value longer than " + std::to_string(env_value_bytes_max) + " bytes");
        }
        return line;
    }

    std::optional<EnvFault> fault;

  private:
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char here() const { return text_[at_]; }
    void skip_blanks() {
        while (!at_end() && is_blank(here())) {
            ++at_;
        }
    }

    std::nullopt_t fail(std::string message) {
        fault = EnvFault{.line = 0, .column = at_ + 1, .message = std::move(message)};
        return std::nullopt;
    }

    /// `export NAME=VALUE` is what shells source.
    void take_export() {
        constexpr std::string_view word = "export";
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with(word) && rest.size() > word.size() && is_blank(rest[word.size()])) {
            at_ += word.size();
            skip_blanks();
        }
    }

    std::string take_name() {
        const std::size_t begin = at_;
        while (!at_end() && (is_letter(here()) || (at_ > begin && is_digit(here())))) {
            ++at_;
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    /// Up to a # with a blank before it, without blanks at the end.
    bool take_bare(std::string& value) {
        const std::size_t begin = at_;
        while (!at_end() && !(here() == '#' && (at_ == begin || is_blank(text_[at_ - 1])))) {
            ++at_;
        }
        std::size_t end = at_;
        while (end > begin && is_blank(text_[end - 1])) {
            --end;
        }
        value = text_.substr(begin, end - begin);
        return true;
    }

    bool take_quoted(std::string& value) {
        const char quote = here();
        ++at_;
        while (!at_end() && here() != quote) {
            if (quote == '"' && here() == '\\') {
                if (!take_escape(value)) {
                    return false;
                }
            } else {
                value += here();
                ++at_;
            }
        }
        if (at_end()) {
            fail(std::string("has no closing ") + quote + "; a value ends on its line");
            return false;
        }
        ++at_;
        const std::size_t end = at_;
        skip_blanks();
        if (!at_end() && (here() != '#' || at_ == end)) {
            fail("goes on behind the closing quote; a comment needs a blank before #");
            return false;
        }
        return true;
    }

    bool take_escape(std::string& value) {
        ++at_;
        constexpr std::string_view names = "nrt\\\"$";
        constexpr std::string_view meant = "\n\r\t\\\"$";
        const std::size_t index = at_end() ? std::string_view::npos : names.find(here());
        if (index == std::string_view::npos) {
            fail(R"(has a \ that is none of \n \r \t \\ \" \$; single quotes take everything as it is)");
            return false;
        }
        value += meant[index];
        ++at_;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// What makes a line unreadable before its grammar is looked at.
std::optional<EnvFault> unreadable(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (is_control(line[i])) {
            return EnvFault{.line = 0, .column = i + 1, .message = "holds a control character"};
        }
    }
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t length = utf8_character_length(line.substr(i));
        if (length == 0) {
            return EnvFault{.line = 0, .column = i + 1, .message = "is not UTF-8"};
        }
        i += length;
    }
    return std::nullopt;
}

}  // namespace

EnvFile read_env_text(std::string_view text) {
    EnvFile file;
    if (text.size() > env_file_bytes_max) {
        file.faults.push_back(
            {1, 1, "the file is longer than " + std::to_string(env_file_bytes_max) + " bytes"});
        return file;
    }
    constexpr std::string_view leading_mark = "\xEF\xBB\xBF";
    if (text.starts_with(leading_mark)) {
        text.remove_prefix(leading_mark.size());
    }
    std::map<std::string, std::size_t> seen;
    for (std::size_t number = 1; !text.empty() && file.faults.size() < env_faults_max; ++number) {
        const std::size_t end = text.find('\n');
        std::string_view raw = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (raw.ends_with('\r')) {
            raw.remove_suffix(1);
        }
        std::optional<EnvFault> fault = unreadable(raw);
        std::optional<EnvLine> line;
        if (!fault) {
            LineReader reader(raw);
            line = reader.read();
            fault = reader.fault;
        }
        if (line) {
            const auto [first, is_new] = seen.emplace(line->name, number);
            if (is_new) {
                line->line = number;
                file.lines.push_back(std::move(*line));
            } else {
                fault = EnvFault{
                    .line = 0,
                    .column = 1,
                    .message = line->name + " stands twice, first in line " + std::to_string(first->second)};
            }
        }
        if (fault) {
            fault->line = number;
            file.faults.push_back(std::move(*fault));
        }
    }
    return file;
}

}  // namespace headroom
