#include "telemetry/json_usual.hpp"

#include "telemetry/usual_number.hpp"
#include "telemetry/usual_text.hpp"

#include <array>
#include <limits>

namespace headroom::telemetry {
namespace {

constexpr int skip_depth_max = 4;

const char* skip_blank(const char* text, Blank blank) {
    while (*text == ' ' || *text == '\t' || *text == '\r' || (*text == '\n' && blank == Blank::any)) {
        ++text;
    }
    return text;
}

/// The quote that ends the string; null when an escape, a control character or one beyond ASCII comes first.
const char* end_of_any_text(const char* text) {
    return end_of_text(text, std::numeric_limits<std::size_t>::max());
}

/// A string at its opening quote.
const char* read_text(const char* text, std::string_view& out) {
    if (*text != '"') {
        return nullptr;
    }
    const char* end = end_of_any_text(text + 1);
    if (end == nullptr) {
        return nullptr;
    }
    out = {text + 1, static_cast<std::size_t>(end - text - 1)};
    return end + 1;
}

template <class T, class Parse>
const char* read_word(const char* text, Parse parse, T& out) {
    std::string_view word;
    const char* end = read_text(text, word);
    if (end == nullptr) {
        return nullptr;
    }
    const auto known = parse(word);
    if (!known) {
        return nullptr;
    }
    out = *known;
    return end;
}

const char* read_phase(const char* text, grid::Phase& out) {
    if (begins(text, "\"L") && static_cast<unsigned char>(text[2] - '1') < 3 && text[3] == '"') {
        constexpr std::array<grid::Phase, 3> phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};
        out = phases[static_cast<std::size_t>(text[2] - '1')];
        return text + 4;
    }
    return read_word(text, grid::parse_phase, out);
}

const char* skip_digits(const char* text) {
    while (is_digit(*text)) {
        ++text;
    }
    return text;
}

const char* skip_number(const char* text) {
    text += *text == '-' ? 1 : 0;
    if (!is_digit(*text)) {
        return nullptr;
    }
    text = *text == '0' ? text + 1 : skip_digits(text);
    if (*text == '.') {
        if (!is_digit(text[1])) {
            return nullptr;
        }
        text = skip_digits(text + 1);
    }
    if (*text == 'e' || *text == 'E') {
        ++text;
        text += *text == '+' || *text == '-' ? 1 : 0;
        if (!is_digit(*text)) {
            return nullptr;
        }
        text = skip_digits(text);
    }
    return text;
}

/// A value that nobody asked for, strictly as JSON has it.
const char* skip_value(const char* text, Blank blank,
                       int depth) {  // NOLINT(misc-no-recursion): depth is bounded
    std::string_view passed;
    switch (*text) {
        case '"':
            return read_text(text, passed);
        case 't':
            return begins(text, "true") ? text + 4 : nullptr;
        case 'f':
            return begins(text, "false") ? text + 5 : nullptr;
        case 'n':
            return begins(text, "null") ? text + 4 : nullptr;
        case '[':
        case '{':
            break;
        default:
            return skip_number(text);
    }
    if (depth == skip_depth_max) {
        return nullptr;
    }
    const bool is_object = *text == '{';
    const char close = is_object ? '}' : ']';
    text = skip_blank(text + 1, blank);
    if (*text == close) {
        return text + 1;
    }
    for (;;) {
        if (is_object) {
            text = read_text(text, passed);
            if (text == nullptr || *(text = skip_blank(text, blank)) != ':') {
                return nullptr;
            }
            text = skip_blank(text + 1, blank);
        }
        text = skip_value(text, blank, depth + 1);
        if (text == nullptr) {
            return nullptr;
        }
        text = skip_blank(text, blank);
        if (*text == close) {
            return text + 1;
        }
        if (*text != ',') {
            return nullptr;
        }
        text = skip_blank(text + 1, blank);
    }
}

/// Which member a name is, with the length of the name and its closing quote; 0 bits for an unknown one.
struct Name {
    unsigned bits;
    std::ptrdiff_t size;
};

Name name_at(const char* text) {
    using M = UsualReading;
    switch (*text) {
        case 'f':
            return begins(text, "feeder\"")      ? Name{M::id_member, 7}
                   : begins(text, "feeder_id\"") ? Name{M::id_member, 10}
                                                 : Name{0, 0};
        case 't':
            return begins(text, "ts\"")          ? Name{M::start_member | M::ts_name, 3}
                   : begins(text, "timestamp\"") ? Name{M::start_member | M::timestamp_name, 10}
                                                 : Name{0, 0};
        case 'k':
            return begins(text, "kw\"") ? Name{M::value_member | M::kw_name, 3} : Name{0, 0};
        case 'p':
            return begins(text, "phase\"")      ? Name{M::phase_member, 6}
                   : begins(text, "point_id\"") ? Name{M::id_member, 9}
                                                : Name{0, 0};
        case 'v':
            return begins(text, "value\"") ? Name{M::value_member, 6} : Name{0, 0};
        case 'q':
            return begins(text, "quantity\"")  ? Name{M::quantity_member, 9}
                   : begins(text, "quality\"") ? Name{M::quality_member, 8}
                                               : Name{0, 0};
        case 'i':
            return begins(text, "interval_start\"") ? Name{M::start_member, 15}
                   : begins(text, "interval_end\"") ? Name{M::end_member, 13}
                                                    : Name{0, 0};
        case 's':
            return begins(text, "source\"") ? Name{M::source_member, 7}
                   : begins(text, "seq\"")  ? Name{M::seq_member, 4}
                                            : Name{0, 0};
        default:
            return {0, 0};
    }
}

constexpr unsigned optional_members = UsualReading::end_member | UsualReading::quantity_member |
                                      UsualReading::phase_member | UsualReading::quality_member |
                                      UsualReading::source_member | UsualReading::seq_member;
constexpr unsigned all_members =
    optional_members | UsualReading::id_member | UsualReading::start_member | UsualReading::value_member;

const char* read_member(unsigned member, const char* text, UsualReading& out) {
    switch (member) {
        case UsualReading::id_member:
            return read_text(text, out.id);
        case UsualReading::start_member:
            return read_text(text, out.start);
        case UsualReading::end_member:
            return read_text(text, out.end);
        case UsualReading::source_member:
            return read_text(text, out.source);
        case UsualReading::value_member:
            return read_usual_number(text, out.value);
        case UsualReading::seq_member:
            return read_usual_seq(text, out.seq);
        case UsualReading::phase_member:
            return read_phase(text, out.phase);
        case UsualReading::quantity_member:
            return read_word(text, grid::parse_quantity, out.quantity);
        case UsualReading::quality_member:
            return read_word(text, parse_quality, out.quality);
        default:
            return nullptr;
    }
}

/// `note` is told of each value.
template <class Note>
const char* read_object(const char* text, Blank blank, UsualReading& out, Note note) {
    out.has = 0;
    if (*text != '{') {
        return nullptr;
    }
    for (;;) {
        text = skip_blank(text + 1, blank);
        if (*text != '"') {
            return nullptr;
        }
        const Name name = name_at(++text);
        const unsigned member = name.bits & all_members;
        if (member == 0) {
            text = end_of_any_text(text);
            text = text == nullptr ? text : text + 1;
        } else {
            text += name.size;
        }
        if (text == nullptr || *(text = skip_blank(text, blank)) != ':') {
            return nullptr;
        }
        text = skip_blank(text + 1, blank);
        if (member == 0) {
            text = skip_value(text, blank, 0);
        } else if (*text == 'n' && (member & optional_members) != 0) {
            text = begins(text, "null") ? text + 4 : nullptr;
        } else if ((out.has & member) != 0) {
            return nullptr;  // said twice: the general reader says so
        } else {
            out.has = static_cast<std::uint16_t>(out.has | name.bits);
            const char* const begin = text;
            text = read_member(member, text, out);
            note(name.bits, begin, text);
        }
        if (text == nullptr) {
            return nullptr;
        }
        text = skip_blank(text, blank);
        if (*text == '}') {
            return text + 1;
        }
        if (*text != ',') {
            return nullptr;
        }
    }
}

}  // namespace

const char* read_usual_object(const char* text, Blank blank, UsualReading& out) {
    return read_object(text, blank, out, [](unsigned, const char*, const char*) {});
}

const char* read_usual_object(const char* text, Blank blank, UsualReading& out, UsualPlaces& places) {
    places.count = 0;
    return read_object(text, blank, out, [&places](unsigned bits, const char* begin, const char* end) {
        places.places[places.count++] = {
            .bits = static_cast<std::uint16_t>(bits), .begin = begin, .end = end};
    });
}

}  // namespace headroom::telemetry
