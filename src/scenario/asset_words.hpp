#pragma once

// What others call what assets say, for asset_import.cpp. Not for others.

#include "core/json.hpp"
#include "scenario/asset.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::scenario::import_words {

inline constexpr std::size_t text_max = 200;

/// At most `max` bytes of well-formed text, no character cut in two.
[[nodiscard]] std::string cut(std::string_view text, std::size_t max);
/// "Primary substation", "solar", "batteries"; nothing for a word that no type has.
[[nodiscard]] std::optional<AssetType> type_of(std::string_view text);
/// The first of the members that is a number.
[[nodiscard]] std::optional<double> number(const json::Value& from, std::initializer_list<const char*> names);
/// The first that is a text or a whole number, cut to `text_max`; empty when there is none.
[[nodiscard]] std::string text(const json::Value& from, std::initializer_list<const char*> names);
/// 3, "3a", "Zone 3", "FZ3", "high", true; nothing for what is no zone.
[[nodiscard]] std::optional<int> flood_zone_of(const json::Value& value);
[[nodiscard]] Criticality criticality_of(const json::Value& from);

}  // namespace headroom::scenario::import_words
