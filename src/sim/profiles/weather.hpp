#pragma once

#include "core/random.hpp"
#include "core/time.hpp"

#include <cstdint>

namespace headroom::sim {

/// Whole minutes since 1970, UTC: the step of the simulated world.
using Minute = std::int64_t;
/// Minutes of a day without a change of the clock.
inline constexpr Minute day_minutes = 1440;
[[nodiscard]] constexpr Minute to_minute(UtcTime instant) {
    return std::chrono::floor<minutes>(instant).time_since_epoch().count();
}
[[nodiscard]] constexpr UtcTime to_time(Minute minute) {
    return UtcTime{minutes{minute}};
}

/// Noise around 0 that is smooth in time and can be asked for at any minute in any order: independent values
/// on a lattice of `span` minutes, straight lines between them. Standard deviation 1 on the lattice; bounded
/// by ±3.5.
[[nodiscard]] double lattice_noise(const Random& random, std::uint64_t entity, Minute minute, Minute span,
                                   std::uint64_t stream);

/// Outdoor temperature around a cold snap: falls over the fortnight before the first evening, faster in its
/// last days, and reaches `outdoor_c` on the evening itself; mild days come back a week later. A daily swing
/// and weather noise are added, except at the hour of reference (18:00 UTC of the first day), where it is
/// exact.
class Weather {
  public:
    Weather(Random random, UtcTime start, double outdoor_c);
    [[nodiscard]] double outdoor_c(Minute minute) const;

  private:
    Random random_;
    Minute reference_ = 0;
    double reference_c_ = 0.0;
    double noise_at_reference_ = 0.0;
};

}  // namespace headroom::sim
