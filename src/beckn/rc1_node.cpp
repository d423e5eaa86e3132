#include "beckn/rc1_node.hpp"

#include "beckn/decimal.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

constexpr std::int64_t power_max_w = 1'000'000'000'000;

/// Decimals that a unit has in watts.
std::optional<int> decimals_of(const Node& unit) {
    const std::optional<std::string> text = unit.text(16);
    if (!text) {
        return std::nullopt;
    }
    std::string word = *text;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (word == "w") {
        return 0;
    }
    if (word == "kw") {
        return kw_decimals;
    }
    if (word == "mw") {
        return 6;
    }
    if (word == "gw") {
        return 9;
    }
    unit.refuse("'" + *text + "' is not one of W, kW, MW, GW");
    return std::nullopt;
}

}  // namespace

Node field(const Node& object, std::string_view name) {
    std::string prefixed = "beckn:";
    prefixed += name;
    if (object.value() == nullptr || object.value()->get(prefixed) != nullptr) {
        return object.member(prefixed);
    }
    if (object.value()->get(name) != nullptr) {
        return object.member(name);
    }
    std::string foreign = "schema:";
    foreign += name;
    return object.member(object.value()->get(foreign) != nullptr ? foreign : prefixed);
}

std::string type_of(const Node& object) {
    const json::Value* type = object.member("@type").value();
    const std::string* text = type == nullptr ? nullptr : type->as_string();
    if (text == nullptr) {
        return {};
    }
    const std::size_t end = text->find_last_of(":/#");
    return end == std::string::npos ? *text : text->substr(end + 1);
}

Node id_of(const Node& node) {
    return node.is_there() && node.value()->is_object() ? field(node, "id") : node;
}

std::string id_text(const Node& node) {
    return id_of(node).foreign_id().value_or("");
}

std::optional<std::int64_t> number(const Node& node, int decimals, std::int64_t min, std::int64_t max) {
    std::optional<std::string> text = node.number_text();
    if (!text) {
        return std::nullopt;
    }
    const std::size_t point = text->find('.');
    if (point != std::string::npos && text->size() - point - 1 > static_cast<std::size_t>(decimals)) {
        text->erase(decimals == 0 ? point : point + 1 + static_cast<std::size_t>(decimals));
    }
    const Result<std::int64_t> parsed = parse_decimal(*text, decimals);
    if (!parsed) {
        node.refuse(parsed.error().message);
        return std::nullopt;
    }
    if (*parsed < min || *parsed > max) {
        node.refuse("must lie between " + format_decimal(min, decimals) + " and " +
                    format_decimal(max, decimals));
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::int64_t> power_w(const Node& object, std::string_view name, std::string_view unit_name) {
    Node value = field(object, name);
    Node unit = field(object, std::string(name) + "Unit");
    if (value.is_there() && value.value()->is_object()) {
        unit = field(value, "unit");
        value = field(value, "value");
    } else if (!unit.is_there()) {
        unit = field(object, unit_name);
    }
    const std::optional<int> decimals = unit.is_there() ? decimals_of(unit) : std::optional(kw_decimals);
    return decimals ? number(value, *decimals, -power_max_w, power_max_w) : std::nullopt;
}

milliseconds duration_or_zero(const Node& node) {
    return node.is_there() ? node.duration().value_or(milliseconds{0}) : milliseconds{0};
}

}  // namespace headroom::beckn::rc1
