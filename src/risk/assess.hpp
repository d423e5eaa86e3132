#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "risk/overload.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::risk {

/// When an excess counts as an overload. Whole numbers; part of a decision's input.
struct RiskRules {
    std::string id = "risk-default";
    /// 2: a forecast window lasts until the load at the alarm quantile is below the clear level, and carries
    /// the energy that is to be expected over the limit. 1: it ends with the first half-hour within the
    /// limit.
    std::int64_t version = 2;
    std::int64_t alarm_quantile_ppm =
        900'000;  ///< forecast overloads are raised at this quantile (one of forecast::quantiles)
    std::int64_t live_persistence = 2;     ///< readings over the limit …
    std::int64_t live_window = 3;          ///< … among this many in a row, before a live overload is raised
    std::int64_t instant_ppm = 1'300'000;  ///< at once above this loading: time to limit is spent
    std::int64_t clear_ppm = 970'000;      ///< an open overload ends below this loading (hysteresis)
    std::int64_t clear_readings = 3;
    std::int64_t live_horizon_periods =
        2;  ///< half-hours that a live overload is taken to last without a forecast
    std::int64_t forecast_horizon_periods = 12;  ///< half-hours ahead that are looked at
    milliseconds fastest_response{seconds{60}};  ///< of the armed fleet
};

/// The quantile at which an alarm costs least: missed / (missed + needless), taken up to the next that
/// forecasts carry, and to their highest beyond it. In ppm. Preconditions: costs not negative, not both 0.
/// Source: the newsvendor's critical ratio.
[[nodiscard]] std::int64_t alarm_quantile_of_costs(double missed_per_kwh, double needless_per_kwh);
/// A share taken up to the next quantile that forecasts carry, in ppm.
[[nodiscard]] std::int64_t carried_quantile_ppm(double quantile);

/// A live overload is not raised from a newest reading that is older than this.
inline constexpr milliseconds live_fresh_for{hours{1}};

/// One reading at the limit's point, as it was when the question was put.
struct RecentLoad {
    UtcTime at{};
    std::int64_t w = 0;
};

/// Everything that raising an overload depends on.
struct RiskInput {
    std::string feeder;
    grid::Limit limit;         ///< value in kW
    std::int64_t limit_w = 0;  ///< the limit in whole watts
    UtcTime now{};             ///< domain time
    std::vector<RecentLoad>
        recent;  ///< newest last, at most live_window; empty when only the forecast is asked
    UtcTime forecast_start{};
    /// load at each of forecast::quantiles per half-hour from `forecast_start`, whole watts; may be empty
    std::vector<std::vector<std::int64_t>> forecast_w;
    RiskRules rules;
    std::string source;
};

/// The overload that these readings or this forecast show, or nothing when there is headroom. `live` is
/// judged first. For an export limit, loads are compared with their sign turned. Pure; whole numbers only, so
/// that it replays bit for bit. Errors: `invalid` when the input contradicts itself.
[[nodiscard]] Result<std::optional<Overload>> assess(const RiskInput& input);

[[nodiscard]] json::Value to_json(const RiskInput& input);
[[nodiscard]] Result<RiskInput> risk_input_from_json(const json::Value& value);

}  // namespace headroom::risk
