#include "knowledge/reader_parts.hpp"

#include <algorithm>

namespace headroom::knowledge {
namespace {

constexpr std::size_t link_bytes_max = 2'048;  // a longer one is no link: nobody looks for its end far away

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Comments become blanks; line breaks in them stay, so that lines keep their numbers.
std::string without_comments(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t begin = text.find("<!--");
        out += text.substr(0, begin);
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const std::size_t end = text.find("-->");
        const std::string_view comment = text.substr(0, end == std::string_view::npos ? end : end + 3);
        out.append(static_cast<std::size_t>(std::count(comment.begin(), comment.end(), '\n')), '\n');
        text.remove_prefix(comment.size());
    }
    return out;
}

/// "[words](target)" and "![words](target)" as their words. Bold and code marks go.
std::string words_of(std::string_view line) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t open = line[at] == '!' ? at + 1 : at;
        if (open < line.size() && line[open] == '[') {
            const std::string_view near = line.substr(open, link_bytes_max);
            const std::size_t close = near.find("](");
            const std::size_t end = close == std::string_view::npos ? close : near.find(')', close);
            if (end != std::string_view::npos) {
                out += words_of(near.substr(1, close - 1));  // holds no link of its own
                at = open + end + 1;
                continue;
            }
        }
        if (line[at] == '`' || line.substr(at).starts_with("**") || line.substr(at).starts_with("__")) {
            at += line[at] == '`' ? 1U : 2U;
            continue;
        }
        out += line[at++];
    }
    return out;
}

bool is_fence(std::string_view line) {
    return line.starts_with("```") || line.starts_with("~~~");
}

/// 1 to 6 for "## Ratings", else 0.
int heading_level(std::string_view line) {
    const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
    const bool is_heading = marks >= 1 && marks <= 6 && (marks == line.size() || line[marks] == ' ');
    return is_heading ? static_cast<int>(marks) : 0;
}

/// 1 or 2 for a line that underlines the one before, else 0.
int underline_level(std::string_view line) {
    if (line.size() < 3) {
        return 0;
    }
    const bool is_double = line.find_first_not_of('=') == std::string_view::npos;
    return is_double ? 1 : line.find_first_not_of('-') == std::string_view::npos ? 2 : 0;
}

class MarkdownReader {
  public:
    void take(std::string_view raw) {
        const std::string_view line = trimmed(raw);
        ++number_;
        if (is_fence(line)) {
            give_held();
            is_code_ = !is_code_;
            writer.paragraph();
            return;
        }
        if (is_code_) {
            writer.line(number_, raw);
            return;
        }
        const int underline = held_.empty() ? 0 : underline_level(line);
        const int level = underline != 0 ? underline : heading_level(line);
        if (underline != 0) {
            begin_section(level, std::exchange(held_, {}));
        } else if (level != 0) {
            give_held();
            std::string_view words = trimmed(line.substr(static_cast<std::size_t>(level)));
            begin_section(level, words_of(trimmed(words.substr(0, words.find_last_not_of('#') + 1))));
        } else {
            give_held();
            held_ = words_of(line);
            held_number_ = number_;
            if (held_.empty()) {
                writer.paragraph();
            }
        }
    }
    void give_held() {
        if (!held_.empty()) {
            writer.line(held_number_, held_);
            held_.clear();
        }
    }

    PassageWriter writer;
    std::string title;

  private:
    void begin_section(int level, const std::string& words) {
        if (title.empty()) {
            title = clean_line(words);
        }
        writer.heading(level, words);
    }

    std::int64_t number_ = 0;
    std::int64_t held_number_ = 0;
    std::string held_;  ///< the line before: the next one may make it a heading
    bool is_code_ = false;
};

}  // namespace

Result<DocumentText> read_markdown(std::string_view text) {
    if (const Result<void> fits = check_length(text); !fits) {
        return fits.error();
    }
    const std::string visible = without_comments(text);
    MarkdownReader reader;
    std::string_view rest = visible;
    while (!rest.empty() && reader.writer.size() <= passages_max) {
        const std::size_t end = rest.find('\n');
        reader.take(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    reader.give_held();
    return finished(reader.writer, std::move(reader.title), 0);
}

}  // namespace headroom::knowledge
