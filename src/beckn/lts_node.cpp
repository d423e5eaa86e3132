#include "beckn/lts_node.hpp"

#include "beckn/decimal.hpp"
#include "beckn/lts_words.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace headroom::beckn::lts {

namespace {

constexpr double double_max = 1e18;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The decimals beyond `decimals` taken off; whether what is left must grow by one unit.
bool cut(std::string& text, int decimals) {
    const std::size_t point = text.find('.');
    const std::size_t kept = point + 1 + static_cast<std::size_t>(decimals);
    if (point == std::string::npos || text.size() <= kept || !is_digit(text[kept])) {
        return false;
    }
    const bool grows = text[kept] >= '5';
    text.resize(decimals == 0 ? point : kept);
    return grows;
}

std::optional<std::string> decimal_text(const Node& node) {
    const json::Value* value = node.value();
    if (!node.is_there() || value->is_string()) {
        return node.text(40);
    }
    if (value->is_int()) {
        return std::to_string(*value->as_int());
    }
    const std::optional<double> number = value->as_double();
    if (!number || std::abs(*number) > double_max) {
        node.refuse("must be a number");
        return std::nullopt;
    }
    std::array<char, 400> buffer{};
    const auto written =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number, std::chars_format::fixed);
    return std::string(buffer.data(), written.ptr);
}

}  // namespace

json::Value finish(Members members) {
    return json::Object::from_distinct(std::move(members));
}

std::optional<std::int64_t> number(const Node& node, int decimals, std::int64_t min, std::int64_t max,
                                   Rounding rounding) {
    std::optional<std::string> text = decimal_text(node);
    if (!text) {
        return std::nullopt;
    }
    const bool is_negative = text->starts_with('-');
    const bool grows = rounding == Rounding::nearest && cut(*text, decimals);
    const Result<std::int64_t> parsed = parse_decimal(*text, decimals);
    if (!parsed) {
        node.refuse(parsed.error().message);
        return std::nullopt;
    }
    const std::int64_t units = *parsed;
    if (units < min || units > max) {
        node.refuse("must lie between " + format_decimal(min, decimals) + " and " +
                    format_decimal(max, decimals));
        return std::nullopt;
    }
    return units + (grows ? (is_negative ? -1 : 1) : 0);
}

json::Value number_value(std::int64_t units, int decimals) {
    const std::string text = format_decimal(units, decimals);
    if (text.find('.') == std::string::npos) {
        std::int64_t whole = 0;
        std::from_chars(text.data(), text.data() + text.size(), whole);
        return whole;
    }
    double value = 0.0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string type_of(const Node& attributes) {
    const json::Value* type = attributes.member("@type").value();
    if (type != nullptr && type->is_array() && !type->as_array()->empty()) {
        type = &type->as_array()->front();
    }
    const std::string* text = type == nullptr ? nullptr : type->as_string();
    if (text == nullptr) {
        return {};
    }
    const std::size_t prefix = text->find_last_of(":/#");
    return prefix == std::string::npos ? *text : text->substr(prefix + 1);
}

std::string text_at(const Node& node) {
    const std::string* text = node.is_there() ? node.value()->as_string() : nullptr;
    return text == nullptr || text->size() > sentence_max ? std::string() : *text;
}

std::optional<bool> parse_turn_up(std::string_view text) {
    if (text == turn_up) {
        return true;
    }
    if (text == turn_down) {
        return false;
    }
    return std::nullopt;
}

bool is_uuid(std::string_view text) {
    constexpr std::size_t length = 36;
    if (text.size() != length) {
        return false;
    }
    for (std::size_t i = 0; i < length; ++i) {
        const char c = text[i];
        const bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;
        const bool is_hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (is_dash_place ? c != '-' : !is_hex) {
            return false;
        }
    }
    return true;
}

}  // namespace headroom::beckn::lts
