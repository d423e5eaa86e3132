#include "knowledge/quotation.hpp"

#include <algorithm>
#include <utility>

namespace headroom::knowledge {
namespace {

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

bool is_blank(char c) {
    return c == ' ' || c == '\n';
}

/// The stretch of at most `bytes_max` bytes that holds the most marked words, the first of equals.
Range densest(const std::vector<Range>& marks, std::size_t bytes_max) {
    Range best = marks.front();
    std::size_t most = 0;
    for (std::size_t first = 0; first < marks.size(); ++first) {
        std::size_t last = first;
        while (last + 1 < marks.size() && marks[last + 1].end - marks[first].begin <= bytes_max) {
            ++last;
        }
        if (last - first + 1 > most) {
            most = last - first + 1;
            best = {marks[first].begin, marks[last].end};
        }
    }
    return best;
}

/// Not within a character.
std::size_t between_characters(std::string_view text, std::size_t at) {
    while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    return at;
}

/// Widened to `bytes_max` on both sides, then drawn in to the nearest blanks.
Range widened(std::string_view text, Range core, std::size_t bytes_max) {
    const std::size_t spare = bytes_max - (core.end - core.begin);
    Range out;
    out.begin = core.begin - std::min(core.begin, spare / 3);
    out.end = std::min(text.size(), out.begin + bytes_max);
    while (out.begin > 0 && out.begin < core.begin && !is_blank(text[out.begin - 1])) {
        ++out.begin;
    }
    while (out.end < text.size() && out.end > core.end && !is_blank(text[out.end])) {
        --out.end;
    }
    while (out.begin < core.begin && is_blank(text[out.begin])) {
        ++out.begin;
    }
    while (out.end > core.end && is_blank(text[out.end - 1])) {
        --out.end;
    }
    return out;
}

}  // namespace

Quotation quote_of(std::string_view marked, std::size_t bytes_max) {
    Quotation out;
    std::vector<Range> marks;
    std::size_t begin = 0;
    for (const char c : marked) {
        if (c == mark_begin) {
            begin = out.text.size();
        } else if (c == mark_end) {
            marks.push_back({begin, out.text.size()});
        } else {
            out.text += c;
        }
    }
    for (const Range& mark : marks) {
        std::string word = out.text.substr(mark.begin, mark.end - mark.begin);
        if (std::find(out.words.begin(), out.words.end(), word) == out.words.end()) {
            out.words.push_back(std::move(word));
        }
    }
    Range core = marks.empty() ? Range{} : densest(marks, bytes_max);
    core.end = between_characters(out.text, std::min(core.end, core.begin + bytes_max));
    const Range range = widened(out.text, core, bytes_max);
    out.quote = out.text.substr(range.begin, range.end - range.begin);
    return out;
}

}  // namespace headroom::knowledge
