#include "copilot/figures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace headroom::copilot {
namespace {

using Measure = Sources::Measure;

constexpr std::size_t texts_max = 20'000;
constexpr std::size_t numbers_max = 200'000;
constexpr int enumerator_max = 20;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_joint(char c) {
    return c == '.' || c == ',' || c == ':' || c == '-' || c == '/' || c == '_' || c == '+';
}

Measure measure_of_key(std::string_view key) {
    constexpr std::array<std::pair<std::string_view, Measure>, 8> endings{{{"_kwh", Measure::kwh},
                                                                           {"_kw", Measure::kw},
                                                                           {"kw", Measure::kw},
                                                                           {"_per_mwh", Measure::none},
                                                                           {"_gbp", Measure::gbp},
                                                                           {"_share", Measure::share},
                                                                           {"probability", Measure::share},
                                                                           {"_ms", Measure::ms}}};
    for (const auto& [ending, measure] : endings) {
        if (key.ends_with(ending)) {
            return measure;
        }
    }
    return Measure::none;
}

struct Unit {
    Measure measure = Measure::none;
    double scale = 1.0;  ///< a source's value times this is what the text writes
};

std::optional<Unit> unit_of(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, Unit>, 12> units{{{"kW", {Measure::kw, 1.0}},
                                                                       {"MW", {Measure::kw, 1e-3}},
                                                                       {"W", {Measure::kw, 1e3}},
                                                                       {"kWh", {Measure::kwh, 1.0}},
                                                                       {"MWh", {Measure::kwh, 1e-3}},
                                                                       {"Wh", {Measure::kwh, 1e3}},
                                                                       {"GBP", {Measure::gbp, 1.0}},
                                                                       {"pounds", {Measure::gbp, 1.0}},
                                                                       {"pence", {Measure::gbp, 100.0}},
                                                                       {"percent", {Measure::share, 100.0}},
                                                                       {"ms", {Measure::ms, 1.0}},
                                                                       {"s", {Measure::ms, 1e-3}}}};
    for (const auto& [name, unit] : units) {
        if (name == word) {
            return unit;
        }
    }
    return std::nullopt;
}

/// A number as it is written: "1,234.5", "12".
struct Written {
    double value = 0.0;
    int decimals = 0;
    std::string_view rest;  ///< what stands behind its digits
};

std::optional<Written> read_number(std::string_view token) {
    std::string digits;
    std::size_t at = 0;
    bool has_point = false;
    int decimals = 0;
    while (at < token.size()) {
        const bool next_is_digit = at + 1 < token.size() && is_digit(token[at + 1]);
        if (is_digit(token[at])) {
            digits += token[at];
            decimals += has_point ? 1 : 0;
        } else if (token[at] == '.' && !has_point && next_is_digit) {
            has_point = true;
            digits += '.';
        } else if (token[at] == ',' && next_is_digit && !has_point) {
            // A thousands comma.
        } else {
            break;
        }
        ++at;
    }
    double value = 0.0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || fault != std::errc{} || end != digits.data() + digits.size() || decimals > 12) {
        return std::nullopt;
    }
    return Written{.value = value, .decimals = decimals, .rest = token.substr(at)};
}

/// The next word behind blanks, letters only, or "%" .
std::string_view next_word(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && (text[at] == ' ' || text.substr(at).starts_with("\xC2\xA0"))) {
        at += text[at] == ' ' ? 1U : 2U;
    }
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) {
        ++end;
    }
    return end == at ? text.substr(at, 1) : text.substr(at, end - at);
}

struct Token {
    std::string_view word;    ///< without joints at its ends
    std::string_view before;  ///< everything before it
    std::string_view after;   ///< everything behind it
};

/// Words that hold a digit.
std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> out;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at]) && !is_letter(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && (is_digit(text[end]) || is_letter(text[end]) || is_joint(text[end]))) {
            ++end;
        }
        std::size_t last = end;
        while (last > at && is_joint(text[last - 1])) {
            --last;
        }
        const std::string_view word = text.substr(at, last - at);
        if (std::any_of(word.begin(), word.end(), is_digit)) {
            out.push_back({.word = word, .before = text.substr(0, at), .after = text.substr(last)});
        }
        at = end;
    }
    return out;
}

/// "2. " at the start of a line.
bool is_enumerator(const Token& token) {
    const bool begins_line = token.before.empty() || token.before.ends_with('\n');
    const bool ends_so = token.after.starts_with(". ") || token.after.starts_with(") ");
    const std::optional<Written> number = read_number(token.word);
    return begins_line && ends_so && number && number->rest.empty() && number->decimals == 0 &&
           number->value <= enumerator_max;
}

bool is_sourced_number(const Written& number, const Token& token, const Sources& sources) {
    Unit unit;
    if (token.before.ends_with("\xC2\xA3")) {  // £
        unit = {Measure::gbp, 1.0};
    } else if (!number.rest.empty()) {
        const std::optional<Unit> known = unit_of(number.rest);
        if (!known) {
            return false;
        }
        unit = *known;
    } else {
        const std::string_view word = next_word(token.after);
        unit = word == "%" ? Unit{Measure::share, 100.0} : unit_of(word).value_or(Unit{});
    }
    return sources.has_number(number.value, number.decimals, unit.measure, unit.scale);
}

bool is_sourced(std::string_view word, const Token& token, const Sources& sources) {
    const std::optional<Written> number = is_digit(word.front()) ? read_number(word) : std::nullopt;
    if (number && is_sourced_number(*number, token, sources)) {
        return true;
    }
    const bool is_bare = number && number->rest.empty();
    return !is_bare && sources.has_word(word);
}

/// "17:00-18:30" and "F1/L2": each part for itself.
bool are_parts_sourced(const Token& token, const Sources& sources) {
    std::string_view rest = token.word;
    bool is_any = false;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of("-/"), rest.size());
        const std::string_view part = rest.substr(0, end);
        if (std::any_of(part.begin(), part.end(), is_digit)) {
            is_any = true;
            if (!is_sourced(part, token, sources)) {
                return false;
            }
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return is_any && token.word.find_first_of("-/") != std::string_view::npos;
}

bool is_alphanumeric(char c) {
    return is_digit(c) || is_letter(c);
}

}  // namespace

void Sources::add(const json::Value& value) {
    add_value(value, {});
}

void Sources::add_text(std::string_view text) {
    if (texts_.size() < texts_max) {
        texts_.emplace_back(text);
    }
    for (const Token& token : tokens_of(text)) {
        if (const std::optional<Written> number = read_number(token.word);
            number && numbers_.size() < numbers_max) {
            numbers_.push_back({number->value, Measure::none});
        }
    }
}

void Sources::add_value(const json::Value& value, std::string_view key) {
    if (numbers_.size() >= numbers_max || texts_.size() >= texts_max) {
        return;
    }
    if (const json::Object* object = value.as_object()) {
        for (const auto& [name, member] : object->members()) {
            add_value(member, name);
        }
    } else if (const json::Array* array = value.as_array()) {
        numbers_.push_back({static_cast<double>(array->size()), Measure::none});
        for (const json::Value& item : *array) {
            add_value(item, key);
        }
    } else if (const std::string* text = value.as_string()) {
        texts_.push_back(*text);
        // Money of statements is text, "12.34".
        const std::optional<Written> number = read_number(*text);
        if (number && number->rest.empty()) {
            numbers_.push_back({number->value, measure_of_key(key)});
        }
    } else if (const std::optional<double> number = value.as_double()) {
        numbers_.push_back({*number, measure_of_key(key)});
    }
}

bool Sources::has_number(double value, int decimals, Measure measure, double scale) const {
    const double step = std::pow(10.0, decimals);
    return std::any_of(numbers_.begin(), numbers_.end(), [&](const Number& number) {
        const bool is_unlike = measure != Measure::none && number.measure != measure &&
                               !(measure == Measure::share && number.measure == Measure::none);
        if (is_unlike) {
            return false;
        }
        const auto is_same = [&](double source) {
            return std::abs(std::round(std::abs(source) * step) - std::round(std::abs(value) * step)) < 0.5;
        };
        // "5 %" may stand for a share of 0.05 and for a member that is in percent already.
        return is_same(number.value * scale) || (measure == Measure::share && is_same(number.value));
    });
}

bool Sources::has_word(std::string_view word) const {
    return std::any_of(texts_.begin(), texts_.end(), [word](const std::string& text) {
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
            const bool begins =
                at == 0 || !is_alphanumeric(text[at - 1]) || (text[at - 1] == 'T' && is_digit(word.front()));
            const std::size_t end = at + word.size();
            const bool ends =
                end == text.size() || !is_alphanumeric(text[end]) || text[end] == 'T' || text[end] == 'Z';
            if (begins && ends) {
                return true;
            }
        }
        return false;
    });
}

std::vector<std::string> unsourced_figures(std::string_view text, const Sources& sources) {
    std::vector<std::string> out;
    for (const Token& token : tokens_of(text)) {
        if (!is_enumerator(token) && !is_sourced(token.word, token, sources) &&
            !are_parts_sourced(token, sources)) {
            out.emplace_back(token.word);
        }
    }
    return out;
}

bool has_figures(std::string_view text) {
    const std::vector<Token> all = tokens_of(text);
    return std::any_of(all.begin(), all.end(), [](const Token& token) { return !is_enumerator(token); });
}

}  // namespace headroom::copilot
