#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::grid {

/// What a reading or a limit is about. Power is import-positive: load positive, feed-in negative.
enum class Quantity : std::uint8_t { p_kw, q_kvar, s_kva, i_a, v_v, f_hz, temp_c, soc_pct };
enum class Phase : std::uint8_t { l1, l2, l3, n, sum };
/// The direction of flow that a limit bounds: import (towards customers) or export (towards the grid).
enum class Direction : std::uint8_t { import_, export_ };

/// Wire words: "p_kw"; "L1", "sum"; "import".
[[nodiscard]] std::string_view to_string(Quantity quantity);
[[nodiscard]] std::string_view to_string(Phase phase);
[[nodiscard]] std::string_view to_string(Direction direction);
/// Readers take the wire words, phases in either case ("l1", "1", "all" and "3ph" for sum).
[[nodiscard]] std::optional<Quantity> parse_quantity(std::string_view text);
[[nodiscard]] std::optional<Phase> parse_phase(std::string_view text);
[[nodiscard]] std::optional<Direction> parse_direction(std::string_view text);

inline constexpr std::array<Phase, 3> live_phases{Phase::l1, Phase::l2, Phase::l3};

}  // namespace headroom::grid
