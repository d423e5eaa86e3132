#pragma once

#include "core/units.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::rehearsal {

/// What Headroom may be trusted with: to watch, to propose, to act by itself.
enum class Fit : std::uint8_t { shadow, propose, act };
[[nodiscard]] std::string_view to_string(Fit fit);

/// Days of a winter, 1 November to 31 March.
inline constexpr double winter_days = 151.0;

/// What was counted at one limit.
struct LimitScore {
    double days = 0.0;  ///< half-hours with a reading and a forecast, in days
    double days_winter = 0.0;
    double days_span = 0.0;  ///< the whole walk
    std::size_t overloads = 0;
    std::size_t hit = 0;
    std::size_t late = 0;
    std::size_t missed = 0;
    std::size_t missed_winter = 0;
    std::size_t alarms = 0;
    std::size_t early = 0;
    std::size_t needless = 0;
    std::size_t needless_winter = 0;
    std::size_t over_p90 = 0;  ///< half-hours above the 0.9 quantile
    std::size_t compared = 0;  ///< half-hours with a reading and a forecast
    double energy_kwh = 0.0;   ///< over the limit
    double left_kwh = 0.0;     ///< of that, in spite of what was bought
    MicroPounds cost{};
    MicroPounds cost_needless{};
    WattHours needed{};
    WattHours bought{};
    bool is_verified = true;  ///< somebody answers for the limit
    bool is_assumed = false;  ///< purchases at a reference price, without offers

    LimitScore& operator+=(const LimitScore& other);
};

/// What each level asks for.
struct FitnessRules {
    double act_hit_share = 0.95;
    double act_needless_per_winter = 3.0;  ///< a feeder
    double act_days = 90.0;
    std::size_t act_overloads = 10;
    double act_coverage_low = 0.87;  ///< of the 0.9 quantile
    double act_coverage_high = 0.93;
    double act_data_share = 0.95;
    double act_covered_share = 0.95;  ///< of the energy asked for, on offer
    double propose_hit_share = 0.80;
    double propose_days = 28.0;
    std::size_t propose_overloads = 3;
    double propose_coverage_low = 0.84;
    double propose_coverage_high = 0.96;
    double propose_data_share = 0.85;
};

/// A feeder, all its limits together, or the whole network.
struct FeederScore {
    std::string feeder;
    std::string substation;
    std::size_t limits = 0;
    std::size_t feeders = 1;  ///< that are counted together
    LimitScore score;
    Fit fit = Fit::shadow;
    /// Sentences: what stands in the way of the next level; for `act`, what it rests on.
    std::vector<std::string> because;

    [[nodiscard]] double hit_share() const;     ///< NaN without overloads
    [[nodiscard]] double coverage_p90() const;  ///< NaN without forecasts
    [[nodiscard]] double data_share() const;
    [[nodiscard]] double days_each() const;  ///< walked, a feeder
    /// Of a feeder, for a winter of 151 days; from the winter's days when there are 30, else from all.
    [[nodiscard]] double missed_per_winter() const;
    [[nodiscard]] double needless_per_winter() const;
    [[nodiscard]] double feeder_winters() const;  ///< that the two rest on
};

/// Fills `fit` and `because`. Pure.
void judge(FeederScore& feeder, const FitnessRules& rules);

}  // namespace headroom::rehearsal
