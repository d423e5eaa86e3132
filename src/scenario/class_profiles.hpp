#pragma once

#include "core/time.hpp"
#include "scenario/asset.hpp"
#include "scenario/scenario.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace headroom::scenario {

/// Where a half-hour stands in the London day and year.
struct DaySlot {
    std::size_t half_hour = 0;  ///< 0 … 47 by the clock on the wall
    bool is_rest_day = false;   ///< weekend or public holiday
    double winter = 0.0;        ///< 1 in the middle of January, -1 in the middle of July
};
[[nodiscard]] DaySlot day_slot(UtcTime at);

/// Load of a class in a half-hour, in shares of its own level on a reference working winter day (its highest
/// half-hour there is near 1). `felt_c` is what buildings feel, `air_c` the air.
///
/// Never falls with temperature for commercial and data_centre, never rises with it for electric_heating.
/// Own derivation; its general form and sources: docs/formats/scenario-model.md.
[[nodiscard]] double class_load(LoadClass load_class, const DaySlot& slot, double felt_c, double air_c);

/// The share that is left of a class's load at a price `factor` times the usual: constant elasticity, within
/// 0.5 and 1.5.
[[nodiscard]] double price_response(LoadClass load_class, double factor);

/// Every class's load in every half-hour of a run, with the levers applied, and in a usual year.
struct ClassTable {
    /// [period][class]
    std::vector<std::array<double, load_class_count>> loads;
    /// Half-hours among which the highest of a usual year lies, whatever the mix: days of the middle months
    /// and the coldest and hottest days of a usual year.
    std::vector<std::array<double, load_class_count>> usual_year;
};
[[nodiscard]] ClassTable make_class_table(const Scenario& scenario, std::span<const double> air_c,
                                          std::span<const double> felt_c, double lat, double lon,
                                          double ev_factor);

/// The mix's highest half-hour in a usual year when every class has weight `shares`; 0 when all are 0.
[[nodiscard]] double usual_peak(const ClassTable& table, const std::array<double, load_class_count>& shares);

/// What is assumed of an asset that does not say: its mix, and its yearly peak as a share of its capacity.
struct TypeDefaults {
    LoadMix mix;
    double peak_share = 0.0;
    double spread = 0.0;  ///< standard deviation of the logarithm of its load around the projection
};
[[nodiscard]] const TypeDefaults& defaults_of(AssetType type);

}  // namespace headroom::scenario
