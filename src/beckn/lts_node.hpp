#pragma once

#include "beckn/v11_node.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Inside of the 2.0 reader and writer.
namespace headroom::beckn::lts {

using v11::FaultList;
using v11::Node;

inline constexpr std::size_t uri_max = 512;
inline constexpr std::size_t name_max = 256;
inline constexpr std::size_t sentence_max = 1024;
inline constexpr std::int64_t money_max = 1'000'000'000'000'000;  // a thousand million units in micro-units
inline constexpr std::int64_t count_max = 1'000'000'000;
inline constexpr std::int64_t price_bound = 100'000'000'000;  // µ per MWh
inline constexpr std::int64_t power_bound_w = 100'000'000'000;
inline constexpr milliseconds step_min = minutes{1};
inline constexpr milliseconds step_max = hours{24};

using Members = std::vector<json::Object::Member>;
/// The object of members that were each put in once.
[[nodiscard]] json::Value finish(Members members);

enum class Rounding : std::uint8_t { exact, nearest };

/// A decimal from a JSON number or a text, in whole units of 10^-decimals within [min, max]. A JSON number
/// stands for its shortest decimal form; `nearest` rounds halves away from zero, for measured values only.
[[nodiscard]] std::optional<std::int64_t> number(const Node& node, int decimals, std::int64_t min,
                                                 std::int64_t max, Rounding rounding = Rounding::exact);
/// The opposite, as a JSON number. Exact up to 15 digits.
[[nodiscard]] json::Value number_value(std::int64_t units, int decimals);

/// The `@type` without a prefix like "beckn:"; "" when there is none.
[[nodiscard]] std::string type_of(const Node& attributes);
/// The text, or "" when there is none; says nothing about what is no text.
[[nodiscard]] std::string text_at(const Node& node);

using v11::word;

/// "turn_up" or "turn_down".
[[nodiscard]] std::optional<bool> parse_turn_up(std::string_view text);
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace headroom::beckn::lts
