#pragma once

#include "trust/evidence.hpp"
#include "trust/incident_kind.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::trust {

// Meters that lie where a lie is paid for. Pure, over what a settlement has in its hands anyway; a verdict is
// a reason to look, for proof and money, and no judgement of anybody.

/// The half-hours of one day of a meter around a delivery, import positive, kW; NaN where there is none.
struct DeliveryDay {
    std::vector<double> load_kw;  ///< 48 half-hours, by local day
};

/// A delivery of turn-down that is to be paid, as half-hours of its day.
struct DeliveryWindow {
    std::size_t told = 0;      ///< half-hour in which the provider knew of it
    std::size_t start = 0;     ///< first half-hour that is paid
    std::size_t end = 0;       ///< half-open, at most 48
    double baseline_kw = 0.0;  ///< mean over the window, as it is to be paid against
    std::size_t adjusted_from =
        0;  ///< half-hours from here to `start` move the baseline (same-day adjustment)
};

struct InflationRules {
    std::size_t days_min = 5;   ///< earlier days without an event
    double deviations = 3.0;    ///< by which the hours that move the baseline exceed the same hours before
    double usual_share = 0.5;   ///< what is real of a delivery is at least so much of what is claimed
    double floor_share = 0.03;  ///< of the usual load: days are not believed to be more alike
};

/// The load was raised once the event was known, in the hours that the baseline is made from, and the
/// delivery is largely the end of that: against the same half-hours of earlier days little or nothing was
/// delivered.
///
/// Both must hold: the mean from `max(told, adjusted_from)` to `start` exceeds the earlier days' median by
/// `deviations` robust deviations (1.4826 times the median absolute deviation), and what was delivered
/// against the earlier days' median in the window is less than `usual_share` of what is claimed against the
/// baseline. Nothing when there are too few earlier days or half-hours, or nothing is claimed.
[[nodiscard]] std::optional<Evidence> find_baseline_inflation(const std::string& meter,
                                                              const DeliveryDay& day,
                                                              std::span<const DeliveryDay> earlier,
                                                              const DeliveryWindow& window,
                                                              const InflationRules& rules = {});

struct FlatRules {
    std::size_t readings_min = 6;   ///< in the window, and before it
    double usual_noise_min = 0.02;  ///< of the level: what is flat by nature (a battery) is not judged
    double quiet_share = 0.1;       ///< of the usual noise: below it, in the window, nobody measured
    double exact_share = 0.002;     ///< of the instruction: nearer than this in every reading is no meter
};

/// A delivery that is too even or too exact to have been measured. `before` are the meter's readings ahead of
/// the window, `within` those of it, at the same distances, kW; `expected_kw` is what the readings would be
/// if the instruction was followed to the watt (NaN when that is not known).
///
/// Noise is the median |second difference|: slopes do not count. Flat: less than `quiet_share` of the noise
/// before. Exact: every reading within `exact_share` of `expected_kw`. Nothing for a meter whose own readings
/// are even by nature, or with too few readings.
[[nodiscard]] std::optional<Evidence> find_flat_delivery(const std::string& meter,
                                                         std::span<const double> before,
                                                         std::span<const double> within, double expected_kw,
                                                         const FlatRules& rules = {});

}  // namespace headroom::trust
