#include "desk/ask_mentions.hpp"

#include <algorithm>
#include <optional>

namespace headroom::desk {
namespace {

constexpr std::size_t words_max = 400;
constexpr std::size_t phrase_words_max = 6;
constexpr std::size_t name_bytes_min = 4;

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string small(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Runs of letters and digits: an id such as "LV-017/a" is a phrase of several.
std::vector<Span> words_of(std::string_view text) {
    std::vector<Span> out;
    for (std::size_t at = 0; at < text.size() && out.size() < words_max;) {
        if (!is_word_byte(text[at])) {
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && is_word_byte(text[at])) {
            ++at;
        }
        out.push_back({begin, at});
    }
    return out;
}

}  // namespace

void AskMentions::rebuild() {
    known_.clear();
    const auto add = [this](const std::string& kind, const std::string& id, const std::string& name) {
        known_.try_emplace(small(id), kind, id);
        if (name.size() >= name_bytes_min) {
            known_.try_emplace(small(name), kind, id);
        }
    };
    for (const grid::Feeder& feeder : network_.feeders()) {
        add("feeder", feeder.id.value, feeder.name);
    }
    for (const grid::Substation& substation : network_.substations()) {
        add("substation", substation.id.value, substation.name);
    }
    for (const grid::Der& der : network_.ders()) {
        add("resource", der.id.value, der.name);
    }
}

std::vector<Mention> AskMentions::find(std::string_view text, std::uint64_t layout_version) {
    if (!is_built_ || version_ != layout_version) {
        rebuild();
        version_ = layout_version;
        is_built_ = true;
    }
    const std::vector<Span> words = words_of(text);
    std::vector<Mention> out;
    for (std::size_t first = 0; first < words.size();) {
        std::size_t next = first + 1;
        for (std::size_t count = std::min(phrase_words_max, words.size() - first); count > 0; --count) {
            const Span span{words[first].begin, words[first + count - 1].end};
            const std::string_view phrase = text.substr(span.begin, span.end - span.begin);
            const auto known = known_.find(small(phrase));
            if (known != known_.end()) {
                out.push_back({span.begin, span.end, known->second.first, known->second.second});
            } else if (orchestration_.event(EventId{small(phrase)})) {
                out.push_back({span.begin, span.end, "event", small(phrase)});
            } else {
                continue;
            }
            next = first + count;
            break;
        }
        first = next;
    }
    return out;
}

std::string hidden_text(std::string_view text, const std::vector<Mention>& mentions,
                        copilot::Pseudonyms& names) {
    std::string out;
    std::size_t at = 0;
    for (const Mention& mention : mentions) {
        out += text.substr(at, mention.begin - at);
        out += names.name_of(mention.kind, mention.id);
        at = mention.end;
    }
    out += text.substr(at);
    return out;
}

}  // namespace headroom::desk
