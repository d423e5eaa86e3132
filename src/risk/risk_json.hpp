#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "grid/network.hpp"
#include "risk/overload.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::risk {

/// No load or limit of ours is larger (a terawatt): products with parts per million stay within 64 bits.
inline constexpr std::int64_t load_max_w = 1'000'000'000'000;
/// No window is longer: ten days of half-hours.
inline constexpr std::size_t periods_max = 480;

[[nodiscard]] std::optional<Cause> parse_cause(std::string_view text);
[[nodiscard]] std::optional<Level> parse_level(std::string_view text);
/// The level of a load against a limit > 0, both in the limit's direction.
[[nodiscard]] Level level_of(std::int64_t load_w, std::int64_t limit_w);

/// A limit in JSON that is fit for the audit log: its value in thousandths of its unit, whole, which is how
/// `grid::Network` keeps it.
[[nodiscard]] json::Value limit_json(const grid::Limit& limit);
/// Errors: `invalid`, with the pointer of the field.
[[nodiscard]] Result<grid::Limit> limit_from_json(const json::Value& value);

}  // namespace headroom::risk
