#pragma once

#include "core/time.hpp"
#include "telemetry/data_quality.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::telemetry {

/// Compares busbars with the sum of the feeders that leave them, time by time. Readings come in the order of
/// time, one per point and time. Constant memory per busbar and phase.
class BusbarBalance {
  public:
    explicit BusbarBalance(const PointRegistry& registry) : registry_(registry) {}

    /// The busbar's value should be the sum of the feeders' at every time; all active power, of one phase. A
    /// point belongs to one busbar.
    void expect(PointRef busbar, const std::vector<PointRef>& feeders);
    void take(const Reading& reading);

    /// One finding of kind "balance" for each place whose busbar differs, at more than one time in twenty, by
    /// more than half a kilowatt and 2 % of the feeders' sum; its phases together. Times at which a feeder or
    /// the busbar has no reading do not count.
    [[nodiscard]] std::vector<Finding> findings() const;

  private:
    struct Sum {
        PointRef busbar = no_point;
        std::size_t feeders = 0;
        UtcTime at{};
        // Of the time at hand.
        double busbar_kw = 0.0, feeders_kw = 0.0;
        std::size_t feeders_seen = 0;
        bool has_busbar = false;
        // Of all times before.
        std::uint64_t compared = 0, off = 0;
        double busbar_total_kw = 0.0, feeders_total_kw = 0.0;
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    static void close(Sum& sum);
    void enter(PointRef point, std::size_t sum);

    const PointRegistry& registry_;
    std::vector<Sum> sums_;
    std::vector<std::size_t> sum_of_;  // by point
};

}  // namespace headroom::telemetry
