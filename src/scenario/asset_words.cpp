#include "scenario/asset_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::scenario::import_words {
namespace {

/// Words that others use for our types; what none of them fits is `other`.
constexpr std::array<std::pair<std::string_view, AssetType>, 24> type_words{
    {{"primary_substation", AssetType::substation},
     {"grid_substation", AssetType::substation},
     {"secondary_substation", AssetType::substation},
     {"transformer", AssetType::substation},
     {"substations", AssetType::substation},
     {"feeders", AssetType::feeder},
     {"line", AssetType::feeder},
     {"cable", AssetType::feeder},
     {"ev_hubs", AssetType::ev_hub},
     {"ev_charging_hub", AssetType::ev_hub},
     {"ev_charger", AssetType::ev_hub},
     {"ev_station", AssetType::ev_hub},
     {"charging_hub", AssetType::ev_hub},
     {"solar", AssetType::solar_farm},
     {"solar_farms", AssetType::solar_farm},
     {"pv", AssetType::solar_farm},
     {"batteries", AssetType::battery},
     {"battery_storage", AssetType::battery},
     {"storage", AssetType::battery},
     {"datacenter", AssetType::data_centre},
     {"data_center", AssetType::data_centre},
     {"data_centres", AssetType::data_centre},
     {"hospitals", AssetType::hospital},
     {"buildings", AssetType::building}}};

std::string plain_word(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, text_max)) {
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
    }
    return out;
}

}  // namespace

std::string cut(std::string_view text, std::size_t max) {
    std::size_t size = std::min(text.size(), max);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    return std::string(text.substr(0, size));
}

std::optional<AssetType> type_of(std::string_view text) {
    const std::string word = plain_word(text);
    if (const std::optional<AssetType> own = parse_asset_type(word)) {
        return own;
    }
    for (const auto& [other, type] : type_words) {
        if (other == word) {
            return type;
        }
    }
    return std::nullopt;
}

/// The first of the members that is a number.
std::optional<double> number(const json::Value& from, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const json::Value* found = from.get(name);
        if (found != nullptr && found->is_number()) {
            return found->as_double();
        }
    }
    return std::nullopt;
}

std::string text(const json::Value& from, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const json::Value* found = from.get(name);
        if (found != nullptr && found->as_string() != nullptr) {
            return cut(*found->as_string(), text_max);
        }
        if (found != nullptr && found->is_int()) {
            return std::to_string(*found->as_int());
        }
    }
    return {};
}

/// 3, "3a", "Zone 3", "FZ3", "high", true.
std::optional<int> flood_zone_of(const json::Value& value) {
    if (const std::optional<bool> flag = value.as_bool()) {
        return *flag ? 3 : 1;
    }
    if (value.is_number()) {
        const double zone = value.as_double().value_or(0.0);
        return zone >= 0.0 && zone <= 3.0 ? std::optional(static_cast<int>(zone)) : std::nullopt;
    }
    const std::string* said = value.as_string();
    if (said == nullptr) {
        return std::nullopt;
    }
    const std::string word = plain_word(*said);
    for (const auto& [known, zone] :
         {std::pair{"high", 3}, {"medium", 2}, {"low", 1}, {"none", 1}, {"", 0}, {"unknown", 0}}) {
        if (word == known) {
            return zone;
        }
    }
    const std::size_t digit = word.find_first_of("0123456789");
    return digit != std::string::npos && word[digit] <= '3' &&
                   (digit + 1 == word.size() || word[digit + 1] < '0' || word[digit + 1] > '9')
               ? std::optional(word[digit] - '0')
               : std::nullopt;
}

Criticality criticality_of(const json::Value& from) {
    const std::string word = plain_word(text(from, {"criticality", "priority"}));
    return word == "critical" ? Criticality::high : parse_criticality(word).value_or(Criticality::medium);
}

}  // namespace headroom::scenario::import_words
