#pragma once

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::risk {

/// `person`: nobody saw an excess, a person asked for relief.
enum class Cause : std::uint8_t { live, forecast, person };
[[nodiscard]] std::string_view to_string(Cause cause);

/// By worst loading of the limit: critical > 120 %, high > 105 %, medium > 100 %; low = within, but expected
/// close to it.
enum class Level : std::uint8_t { low, medium, high, critical };
[[nodiscard]] std::string_view to_string(Level level);

/// Power per half-hour from `start`, whole watts.
struct PeriodPower {
    UtcTime start{};  ///< on the period grid
    std::vector<std::int64_t> w;
    bool operator==(const PeriodPower&) const = default;
};

/// Consecutive half-hours in which a limit is, or is expected to be, exceeded.
struct Overload {
    EventId event;
    std::string feeder;
    grid::Limit limit;
    Cause cause = Cause::forecast;
    UtcTime detected_at{};  ///< domain time
    UtcTime start{};        ///< first half-hour over the limit
    UtcTime end{};          ///< half-open
    Watts peak_over{};      ///< largest load minus limit, > 0; of a person's request, the relief asked for
    Watts peak_load{};
    WattHours energy_over{};
    std::int64_t probability_ppm = 0;  ///< that the limit is exceeded at all in the window
    milliseconds time_to_limit{};      ///< 0 when it is exceeded already
    /// Of a forecast: the quantile it was raised at; 0 for a live overload and for rules before version 2.
    std::int64_t alarm_quantile_ppm = 0;
    /// Of a forecast: the energy over the limit that is to be expected in the window, over all quantiles.
    WattHours expected_over{};
    Level level = Level::medium;
    /// What must be relieved on the limit's phase in each half-hour of [start, end), ≥ 0.
    PeriodPower need;
    std::string source;  ///< of the readings behind it: "sim", "http" …
};

[[nodiscard]] json::Value to_json(const Overload& overload);
[[nodiscard]] Result<Overload> overload_from_json(const json::Value& value);

}  // namespace headroom::risk
