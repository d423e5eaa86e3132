#pragma once

#include "core/time.hpp"
#include "features/half_hour_ring.hpp"
#include "features/reading_ring.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::features {

/// Slots back that a streaming row looks at one by one.
inline constexpr std::size_t stream_lags = 12;

/// The columns of a streaming row, in their order; columns of weather and price stand behind them.
inline constexpr std::array<std::string_view, 22> stream_names{
    "hour_sin",       // local time of the newest slot
    "hour_cos",       //
    "load_kw",        // the newest slot
    "load_kw_lag_1",  // the slots before it, whether there are readings in them or not
    "load_kw_lag_2",
    "load_kw_lag_3",
    "load_kw_lag_4",
    "load_kw_lag_5",
    "load_kw_lag_6",
    "load_kw_lag_7",
    "load_kw_lag_8",
    "load_kw_lag_9",
    "load_kw_lag_10",
    "load_kw_lag_11",
    "load_kw_lag_12",
    "mean_kw",            // of the known slots of the ring
    "std_kw",             // the same; unknown with fewer than two
    "penetration",        // generation / gross load, 0…2
    "gradient_kw_min",    // to the newest slot from the one known before it, at most 3 slots back
    "slope_kw_min",       // least squares over the newest four slots
    "load_kw_yesterday",  // mean of the half-hour that holds the same instant a day before
    "load_kw_last_week",
};
inline constexpr std::size_t stream_count = stream_names.size();

/// SHA-256 of names, order, units, window and cadence: a model made with another schema is refused.
/// `external` are the names of the columns of weather and price, with their units.
[[nodiscard]] std::string stream_schema_hash(std::span<const std::string> external, milliseconds cadence);

/// Sine and cosine of the local hour; one table by minute, and the clock's distance from UTC remembered. One
/// thread.
class LocalHour {
  public:
    struct Angle {
        float sin = 0.0F;
        float cos = 1.0F;
    };
    [[nodiscard]] Angle at(UtcTime instant);

  private:
    std::int64_t period_ = no_period;
    int ahead_minutes_ = 0;
};

/// What a row is made from: rings of a point and, where they are metered, of the generation behind it.
struct StreamPast {
    const ReadingRing* load = nullptr;
    std::int64_t slot = 0;                     ///< the newest, of the load's ring
    milliseconds cadence{0};                   ///< of the load's ring, > 0
    const HalfHourRing* half_hours = nullptr;  ///< nullptr when none are kept
    double rating_kw = 0.0;                    ///< 0 = unknown
    /// Generation at the slot, positive, by solar and wind; NaN where it is not metered or not known.
    double solar_kw = std::numeric_limits<double>::quiet_NaN();
    double wind_kw = std::numeric_limits<double>::quiet_NaN();
    bool has_solar = false;
    bool has_wind = false;
    std::span<const float> external;  ///< NaN = unknown
};

/// Fills `row` (stream_count + external columns); the one function for training and serving. NaN is unknown,
/// never 0. Pure but for the memory of `hour`. Source: shared specs, forecasting §5.
void make_stream_row(const StreamPast& past, LocalHour& hour, std::span<float> row);

}  // namespace headroom::features
