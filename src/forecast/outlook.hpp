#pragma once

#include "features/half_hours.hpp"
#include "forecast/calendar_days.hpp"
#include "forecast/load_forecast.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Where the outlook begins: behind the last half-hour of a live forecast.
inline constexpr std::int64_t outlook_from = 96;
/// It reaches so many days ahead unless it is told otherwise, at least, and at most.
inline constexpr std::int64_t outlook_days_usual = 7;
inline constexpr std::int64_t outlook_days_min = 3;
inline constexpr std::int64_t outlook_days_max = 8;
/// Half-hours of a past that it looks at: twelve weeks. More is of another season.
inline constexpr std::int64_t outlook_past_periods = 84 * 48;
/// Days that must be known of a past: less than two weeks cannot show what a week does to the load.
inline constexpr std::int64_t outlook_days_known_min = 14;
/// Blocks of local time that share their spread: four hours each.
inline constexpr std::size_t outlook_blocks = 6;

/// The load from two days to a week ahead, as the weeks before show it.
struct Outlook {
    std::int64_t origin = 0;          ///< period number; nothing from there on was known
    std::int64_t start = 0;           ///< period number of load_w[0]
    std::vector<QuantileRow> load_w;  ///< at each of `quantiles`, whole watts, ascending; empty: see `reason`
    std::string reason;               ///< why there is none; empty when there is one
    std::int64_t days_known = 0;      ///< of the past, with at least half of their half-hours
    std::int64_t days_judged = 0;     ///< that made the spread, where they are fewest
    /// Between the median and the 90th percentile, and the 10th, kW, by days of lead (0 … outlook_days_max)
    /// and block of local time: how much sharper a later look would be. 0 where too few days tell.
    using ByLead = std::array<std::array<double, outlook_blocks>, outlook_days_max + 1>;
    ByLead upper_kw{};
    ByLead lower_kw{};
};

/// Foretells half-hours of [origin + from, origin + 48 × days) from half-hour means before `origin`.
///
/// A half-hour of the local clock is expected to be as it was on the same day of the last six weeks, newer
/// ones weighing more; a public holiday as Sundays were, and no holiday stands for a working day. How far the
/// last three weeks lay off what had been expected of them (all day, and in this block of the day) is added
/// by shares that are fitted for each lead. How fast the weights fall is what would have erred least on the
/// kept weeks. The quantiles are those of the errors that the same rule would have made on the kept weeks
/// with the same lead and from the same hour, newer ones weighing more, widened for how few days they are
/// (Student's t). Up to two hours that no week knows are drawn straight over. It ends early where fewer than
/// five days tell how far it errs.
///
/// NaN is unknown, never 0. Pure and deterministic; some milliseconds. Preconditions: outlook_days_min ≤ days
/// ≤ outlook_days_max, 0 ≤ from < 48 × days. No error: where nothing can be told, `reason` says why.
[[nodiscard]] Outlook make_outlook(const features::HalfHours& past, std::int64_t origin, std::int64_t days,
                                   Region region, std::int64_t from = outlook_from);

}  // namespace headroom::forecast
