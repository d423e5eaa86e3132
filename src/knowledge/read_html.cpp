#include "core/small_letters.hpp"
#include "knowledge/html_entities.hpp"
#include "knowledge/reader_parts.hpp"

#include <algorithm>
#include <array>

namespace headroom::knowledge {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 9> unseen{"script",   "style",  "noscript", "template", "svg",
                                                 "textarea", "iframe", "object",   "select"};
constexpr std::array<std::string_view, 27> blocks{
    "p",       "div",   "section", "article",  "header",     "footer", "main",  "ul",    "ol",
    "dl",      "table", "form",    "pre",      "blockquote", "figure", "aside", "nav",   "details",
    "summary", "hr",    "address", "fieldset", "figcaption", "body",   "html",  "thead", "tbody"};
constexpr std::array<std::string_view, 5> rows{"br", "li", "tr", "dt", "dd"};
constexpr std::array<std::string_view, 8> empty_elements{"br",   "hr",   "img", "input",
                                                         "meta", "link", "wbr", "col"};

struct Tag {
    std::string name;  ///< in small letters
    bool is_end = false;
    bool is_hidden = false;
    std::size_t length = 0;  ///< with its brackets
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The tag that begins `text`; length 0 when none does.
Tag read_tag(std::string_view text) {
    Tag tag;
    std::size_t at = 1;
    tag.is_end = at < text.size() && text[at] == '/';
    at += tag.is_end ? 1U : 0U;
    if (at >= text.size() || !is_letter(text[at])) {
        return tag;
    }
    const std::size_t name_end = std::min(text.find_first_of(" \t\r\n/>", at), text.size());
    tag.name = small_letters(text.substr(at, std::min<std::size_t>(name_end - at, 32)));
    char quote = 0;
    for (at = name_end; at < text.size() && (quote != 0 || text[at] != '>'); ++at) {
        if (quote != 0) {
            quote = text[at] == quote ? '\0' : quote;
        } else if (text[at] == '"' || text[at] == '\'') {
            quote = text[at];
        }
    }
    const std::string attributes =
        small_letters(text.substr(name_end, std::min<std::size_t>(at - name_end, 4096)));
    std::string squeezed;
    std::copy_if(attributes.begin(), attributes.end(), std::back_inserter(squeezed),
                 [](char c) { return c != ' '; });
    tag.is_hidden = !tag.is_end && (attributes.find(" hidden") != std::string::npos ||
                                    squeezed.find("display:none") != std::string::npos ||
                                    squeezed.find("visibility:hidden") != std::string::npos);
    tag.length = std::min(at + 1, text.size());
    return tag;
}

class HtmlReader {
  public:
    void read(std::string_view text) {
        while (!text.empty() && writer.size() <= passages_max) {
            const std::size_t open = std::min(text.find('<'), text.size());
            if (open > 0) {
                take_text(text.substr(0, open));
                text.remove_prefix(open);
                continue;
            }
            text.remove_prefix(text.starts_with("<!--") ? skip_to(text, "-->") : take_markup(text));
        }
        end_line();
    }

    PassageWriter writer;
    std::string title;

  private:
    /// Past the next `mark`, or past everything.
    std::size_t skip_to(std::string_view text, std::string_view mark) {
        const std::size_t end = text.find(mark);
        const std::size_t length = end == std::string_view::npos ? text.size() : end + mark.size();
        count_lines(text.substr(0, length));
        return length;
    }

    void count_lines(std::string_view text) { line_ += std::count(text.begin(), text.end(), '\n'); }

    void take_text(std::string_view raw) {
        if (skipped_depth_ == 0) {
            const std::string words = resolve_entities(raw);
            if (words.find_first_not_of(" \t\r\n") != std::string::npos && open_.empty()) {
                const std::size_t lead = std::min(raw.find_first_not_of(" \t\r\n"), raw.size());
                open_line_ =
                    line_ + std::count(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(lead), '\n');
            }
            for (const char c : words) {
                open_ += c == '\n' || c == '\r' ? ' ' : c;
            }
        }
        count_lines(raw);
    }

    std::size_t take_markup(std::string_view text) {
        if (text.starts_with("<!") || text.starts_with("<?")) {
            return skip_to(text, ">");
        }
        const Tag tag = read_tag(text);
        if (tag.length == 0) {
            take_text("<");
            return 1;
        }
        count_lines(text.substr(0, tag.length));
        if (skipped_depth_ > 0) {
            if (tag.name == skipped_) {
                skipped_depth_ += tag.is_end ? -1 : 1;
            }
            return tag.length;
        }
        if (!tag.is_end &&
            (is_one_of(tag.name, unseen) || (tag.is_hidden && !is_one_of(tag.name, empty_elements)))) {
            skipped_ = tag.name;
            skipped_depth_ = 1;
            if (skipped_ == "script" || skipped_ == "style") {
                return tag.length + raw_length(text.substr(tag.length));
            }
            return tag.length;
        }
        take_tag(tag);
        return tag.length;
    }

    /// Of a script or style: up to its end tag, whatever stands in it.
    std::size_t raw_length(std::string_view text) {
        const std::string end = "</" + skipped_;
        const auto found = std::search(text.begin(), text.end(), end.begin(), end.end(), [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
        });
        const auto length = static_cast<std::size_t>(found - text.begin());
        count_lines(text.substr(0, length));
        return length;
    }

    void take_tag(const Tag& tag) {
        const bool is_heading =
            tag.name.size() == 2 && tag.name[0] == 'h' && tag.name[1] >= '1' && tag.name[1] <= '6';
        if (tag.name == "title" || is_heading) {
            if (!tag.is_end) {
                end_line();
                writer.paragraph();
                return;
            }
            const std::string words = clean_line(std::exchange(open_, {}));
            if (tag.name == "title" || title.empty()) {
                title = words;
            }
            if (is_heading) {
                writer.heading(tag.name[1] - '0', words);
            }
        } else if (is_one_of(tag.name, blocks)) {
            end_line();
            writer.paragraph();
        } else if (is_one_of(tag.name, rows)) {
            end_line();
        } else if (tag.name == "td" || tag.name == "th") {
            open_ += ' ';
        }
    }

    void end_line() {
        if (open_.find_first_not_of(' ') != std::string::npos) {
            writer.line(open_line_, open_);
        }
        open_.clear();
    }

    std::string open_;
    std::int64_t line_ = 1;
    std::int64_t open_line_ = 1;
    std::string skipped_;
    int skipped_depth_ = 0;
};

}  // namespace

Result<DocumentText> read_html(std::string_view text) {
    if (const Result<void> fits = check_length(text); !fits) {
        return fits.error();
    }
    HtmlReader reader;
    reader.read(text);
    return finished(reader.writer, std::move(reader.title), 0);
}

}  // namespace headroom::knowledge
