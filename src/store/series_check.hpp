#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "store/series.hpp"

#include <cstdint>
#include <string_view>

namespace headroom::store {

// What every implementation of `Series` holds its callers to.

inline constexpr std::int64_t series_day_ms = 86'400'000;
inline constexpr std::int64_t series_step_ms_min = 1'000;
inline constexpr std::size_t series_key_bytes_max = 256;
inline constexpr std::int64_t series_values_read_max = 20'000'000;
inline constexpr std::int64_t series_steps_max = 1'000'000;
inline constexpr std::int64_t series_last_ms = 7'258'118'400'000;  ///< the year 2200, where our time ends

/// Errors: `invalid`, as `Series::write` says.
[[nodiscard]] Result<void> check(const SeriesBlock& block);
[[nodiscard]] Result<void> check(const std::vector<SeriesBlock>& blocks);
/// The first instant on the grid of `step_ms` at or after `instant`, within our time.
[[nodiscard]] UtcTime series_ceil(UtcTime instant, std::int64_t step_ms);

/// Whole steps that cover [from, to), counted since 1970.
struct StepRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t step_ms = 0;
};
/// As `Series::summarise` says. Errors: `invalid` for more than `series_steps_max`.
[[nodiscard]] Result<StepRange> steps_between(std::string_view key, UtcTime from, UtcTime to,
                                              std::int64_t step_ms);
/// "series 'F-1/p_kw/L1'", cut to what a key may have.
[[nodiscard]] std::string series_name(std::string_view key);
[[nodiscard]] Error no_series(std::string_view key);
[[nodiscard]] Error other_step(std::string_view key, std::int64_t kept_ms, std::int64_t given_ms);
/// Errors: `invalid` above `series_values_read_max`.
[[nodiscard]] Result<void> check_read(std::string_view key, std::int64_t count);

}  // namespace headroom::store
