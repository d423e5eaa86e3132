#pragma once

#include "core/calendar.hpp"
#include "core/result.hpp"
#include "settlement/statement.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::settlement {

enum class BaselineSource { history, supplied, zero };
enum class Pick { recent, high, low, mid };
enum class Adjust { none, additive, multiplicative };

/// A way to reckon a baseline: data, named and versioned. Days are counted on the London clock.
struct BaselineProfile {
    std::string_view id;
    std::int64_t version = 1;
    BaselineSource source = BaselineSource::history;
    int lookback_days = 60;  ///< day -60 is still looked at
    int y_working = 10;      ///< so many days of the event's class are collected, newest first …
    int y_nonworking = 4;
    int x_working = 10;  ///< … and so many of them are averaged
    int x_nonworking = 4;
    Pick pick = Pick::recent;
    int min_days = 3;  ///< with fewer there is no baseline
    Adjust adjust = Adjust::none;
    int adjust_from_h = 4;  ///< the in-day window lies in [start - from, start - until)
    int adjust_until_h = 1;
    int adjust_cap_bp = 2'000;  ///< of a factor, 1/10,000 either way
    bool floor_zero = false;
};

/// The profiles of docs/formats/statement.md: bl01, bl01_vtp, dfs_domestic, high5of10, mid8of10, nominated,
/// asset_capacity, zero, fixed_reference; nullptr for another name.
[[nodiscard]] const BaselineProfile* find_baseline_profile(std::string_view id);

struct BaselineQuestion {
    UtcTime start{};  ///< of the event's first period
    std::size_t periods = 0;
    const MeterHistory& meter;
    const std::vector<Date>& event_days;
    const std::vector<std::int64_t>& supplied_wh;
};

struct BaselineAnswer {
    Baseline baseline;
    std::string hold;  ///< why there is no baseline; payment then waits, it is never 0
};

/// The baseline of an event's periods. Means are taken in whole watt-hours, halves to even. A history day
/// counts when it is of the event day's class (working or not), no event day, no day of a clock change, and
/// whole in the periods that are needed. Event periods are matched to history by what the London clock shows,
/// so an event on a day of a clock change finds its labels; the second 01:00 of autumn takes those of the
/// first. Errors: `unsupported` for a day outside the calendar's years.
[[nodiscard]] Result<BaselineAnswer> make_baseline(const BaselineProfile& profile,
                                                   const BaselineQuestion& question,
                                                   const Calendar& calendar);

}  // namespace headroom::settlement
