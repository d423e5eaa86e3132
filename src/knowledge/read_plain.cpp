#include "core/utf8.hpp"
#include "knowledge/reader_parts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::knowledge {
namespace {

constexpr std::size_t title_bytes_max = 200;

std::string lower_ending(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    std::string ending(dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1));
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return ending;
}

/// "4.2.1 …" is a heading of level 3.
int numbered_level(std::string_view line) {
    const std::string_view number = line.substr(0, line.find(' '));
    const auto dots = std::count(number.begin(), number.end(), '.') - (number.ends_with('.') ? 1 : 0);
    return static_cast<int>(std::clamp<std::ptrdiff_t>(dots + 1, 1, 6));
}

std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

void read_lines(std::string_view text, PassageWriter& writer, std::string& title) {
    std::int64_t number = 0;
    while (!text.empty() && writer.size() <= passages_max) {
        const std::string words = clean_line(next_line(text));
        ++number;
        if (title.empty() && !words.empty()) {
            title = words;
        }
        if (is_numbered_heading(words)) {
            writer.heading(numbered_level(words), words);
        } else {
            writer.line(number, words);
        }
    }
}

}  // namespace

std::string_view to_string(Format format) {
    switch (format) {
        case Format::plain:
            return "plain";
        case Format::markdown:
            return "markdown";
        case Format::html:
            return "html";
        case Format::pdf:
            return "pdf";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<Format> format_of(std::string_view file_name) {
    constexpr std::array<std::pair<std::string_view, Format>, 8> endings{{{"md", Format::markdown},
                                                                          {"markdown", Format::markdown},
                                                                          {"html", Format::html},
                                                                          {"htm", Format::html},
                                                                          {"xhtml", Format::html},
                                                                          {"pdf", Format::pdf},
                                                                          {"txt", Format::plain},
                                                                          {"text", Format::plain}}};
    const std::string ending = lower_ending(file_name);
    const auto* const found = std::find_if(endings.begin(), endings.end(),
                                           [&](const auto& known) { return known.first == ending; });
    return found == endings.end() ? std::nullopt : std::optional(found->second);
}

Result<void> check_length(std::string_view text) {
    if (text.size() > document_bytes_max) {
        return Error{Errc::invalid, "the document has " + std::to_string(text.size()) +
                                        " bytes of text; at most " + std::to_string(document_bytes_max) +
                                        " are taken"};
    }
    return {};
}

Result<DocumentText> finished(PassageWriter& writer, std::string title, std::int64_t pages) {
    title.resize(std::min(title.size(), title_bytes_max));
    while (!title.empty() && !is_utf8(title)) {
        title.pop_back();  // the cut went through a character
    }
    DocumentText document{.title = std::move(title), .pages = pages, .passages = writer.take()};
    if (document.passages.empty()) {
        return Error{Errc::invalid, "the document holds no text that can be read"};
    }
    if (document.passages.size() > passages_max) {
        return Error{Errc::invalid,
                     "the document has more than " + std::to_string(passages_max) + " passages"};
    }
    return document;
}

Result<DocumentText> read_plain(std::string_view text) {
    if (const Result<void> fits = check_length(text); !fits) {
        return fits.error();
    }
    PassageWriter writer;
    std::string title;
    read_lines(text, writer, title);
    return finished(writer, std::move(title), 0);
}

Result<DocumentText> read_pages(std::string_view text) {
    if (const Result<void> fits = check_length(text); !fits) {
        return fits.error();
    }
    PassageWriter writer;
    std::string title;
    std::int64_t pages = 0;
    while (!text.empty() && writer.size() <= passages_max) {
        const std::size_t end = text.find('\f');
        writer.page(++pages);
        read_lines(text.substr(0, end), writer, title);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return finished(writer, std::move(title), pages);
}

}  // namespace headroom::knowledge
