#pragma once

#include "scenario/asset.hpp"
#include "scenario/event_weather.hpp"
#include "scenario/run_result.hpp"

namespace headroom::scenario {

/// Years between rains as heavy, from the depth of the wettest 24 hours and of the wettest hour: the rarer of
/// the two, as in the lowlands of southern England (10, 100 and 1,000 years: about 50, 80 and 130 mm in a day
/// and 25, 45 and 75 mm in an hour; the general size of the Flood Estimation Handbook's figures). Never falls
/// with either.
[[nodiscard]] double return_period_years(double day_mm, double hour_mm);

/// Probability that a site is under water in such rain. England's zones say how rare the flood is that
/// reaches it: zone 3 more often than once in 100 years, zone 2 once in 100 to 1,000, zone 1 more rarely; an
/// unknown zone (0) lies between 1 and 2. Rises with rain and zone.
[[nodiscard]] double flood_probability(int flood_zone, double day_mm, double hour_mm);

/// Probability that an element is put out by wind: overhead lines by debris and conductor clashing, others
/// hardly. Rises with the wind. `wind_m_per_s` is the strongest hourly mean.
[[nodiscard]] double storm_probability(ThermalKind kind, double wind_m_per_s);

/// critical from 1 in 2, high from 1 in 4, medium from 1 in 10.
[[nodiscard]] RiskLevel level_of_outage(double probability);

}  // namespace headroom::scenario
