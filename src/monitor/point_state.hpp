#pragma once

#include "features/half_hour_ring.hpp"
#include "features/reading_ring.hpp"
#include "telemetry/reading.hpp"
#include "trust/watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace headroom::monitor {

/// Half-hours of a point that late readings may still change: the newest, in its hot record, and these before
/// it. A reading two hours late lies in the fourth at most.
inline constexpr std::size_t older_periods = 4;
/// Readings of the live rule that fit into a hot record; rules with a longer window keep them apart.
inline constexpr std::size_t inline_recent = 3;

/// Sum of what was measured in one half-hour: intervals weigh by their length; instants count only where
/// there are no intervals.
struct PeriodSum {
    double sum = 0.0;               // kW·ms of intervals, or kW of instants
    std::uint32_t weight : 30 = 0;  // ms, or instants
    std::uint32_t is_interval : 1 = 0;
    std::uint32_t is_dirty : 1 = 0;  // not yet in the ring and among the roll-ups
    std::int32_t period = features::no_period;

    void add(double kw, std::int64_t length_ms) {
        is_dirty = 1;
        if (length_ms > 0) {
            const std::int64_t within = std::min(length_ms, period_length.count());
            if (is_interval == 0) {
                sum = 0.0;
                weight = 0;
                is_interval = 1;
            }
            sum += kw * static_cast<double>(within);
            grow(static_cast<std::uint32_t>(within));
        } else if (is_interval == 0) {
            sum += kw;
            grow(1);
        }
    }
    /// One of its readings said `was` and now says `kw`.
    void correct(double was, double kw, std::int64_t length_ms) {
        const bool is_mine = (length_ms > 0) == (is_interval != 0);
        if (weight > 0 && is_mine) {
            sum += (kw - was) *
                   (length_ms > 0 ? static_cast<double>(std::min(length_ms, period_length.count())) : 1.0);
            is_dirty = 1;
        }
    }
    /// NaN until intervals cover half of the half-hour, or an instant lies in it.
    [[nodiscard]] float mean() const {
        const bool is_known = is_interval != 0 ? weight >= period_length.count() / 2 : weight > 0;
        return is_known ? static_cast<float>(sum / static_cast<double>(weight))
                        : std::numeric_limits<float>::quiet_NaN();
    }

  private:
    void grow(std::uint32_t by) {
        constexpr std::uint32_t most = (1U << 30U) - 1;
        weight = std::min(weight + by, most) & most;
    }
};
static_assert(sizeof(PeriodSum) == 16);

/// The half-hours before the newest one. Which half-hour a place stands for follows from the newest, whose
/// number is not kept a second time.
class OlderSums {
  public:
    /// What there is of `period`, one of the last `older_periods`; without weight when there is nothing.
    [[nodiscard]] PeriodSum at(std::int64_t period) const {
        const std::size_t place = place_of(period);
        PeriodSum out{.sum = sums_[place], .period = static_cast<std::int32_t>(period)};
        out.weight = bits_[place] & weight_bits;
        out.is_interval = bits_[place] >> 30U & 1U;
        out.is_dirty = bits_[place] >> 31U;
        return out;
    }
    void put(const PeriodSum& sum) {
        const std::size_t place = place_of(sum.period);
        sums_[place] = sum.sum;
        bits_[place] =
            sum.weight | std::uint32_t{sum.is_interval} << 30U | std::uint32_t{sum.is_dirty} << 31U;
    }

  private:
    static constexpr std::uint32_t weight_bits = (1U << 30U) - 1;
    static std::size_t place_of(std::int64_t period) {
        return static_cast<std::size_t>(period) % older_periods;
    }
    std::array<double, older_periods> sums_{};
    std::array<std::uint32_t, older_periods> bits_{};
};
static_assert(sizeof(OlderSums) == 48 && (older_periods & (older_periods - 1)) == 0);

/// A usable reading in whole watts; its time modulo 2^32 ms, which is told apart because older ones than an
/// hour are let go.
struct RecentWatts {
    std::int32_t w = 0;
    std::uint32_t at_ms = 0;
};

enum PointFlag : std::uint8_t {
    is_der = 1,          ///< a device may stand still for good reasons
    has_cold_limit = 2,  ///< an export limit, or one that no reading can reach
    has_import_limit = 4,
    is_gone = 8,  ///< its place is no longer in the network
    has_interval_grid = 16,
    is_distrusted = 32,  ///< its readings are kept apart, the forecast stands for them
};

/// What every reading of a point needs, in two cache lines; with the slot of the ring, a few lines further,
/// they are all that a reading in order touches.
struct alignas(64) HotPoint {
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

    std::int64_t newest_start = never;  // ms; of the readings in order, usable or not
    std::int64_t at = 0;                // ms; end of the newest usable reading
    double newest_value = std::numeric_limits<double>::quiet_NaN();  // as it came
    double value = std::numeric_limits<double>::quiet_NaN();         // newest usable
    trust::Watch watch;
    std::uint32_t cadence_ms = 0;  // of the ring's grid; 0 before the second reading
    std::uint32_t readings = 0;

    PeriodSum sum;                                    // the newest half-hour
    std::array<RecentWatts, inline_recent> recent{};  // newest last
    std::int32_t limit_w = 0;                         // import; 0 while none applies
    std::int32_t clear_w = 0;
    std::uint64_t newest_seq = 0;  // largest of the source's numbers
    std::uint16_t below = 0;       // readings below the clear level in a row
    std::uint16_t source = 0;
    std::uint8_t ring_at = 0;  // where the newest slot of the ring is
    std::uint8_t recent_count = 0;
    std::uint8_t flags = 0;
    std::uint8_t quantity : 5 = 0;
    std::uint8_t quality : 3 = 0;

    [[nodiscard]] bool has(PointFlag flag) const { return (flags & flag) != 0; }
    void set(PointFlag flag, bool is_set) {
        flags = static_cast<std::uint8_t>(is_set ? flags | flag : flags & ~flag);
    }
};
static_assert(sizeof(HotPoint) == 128);

/// A point's own state in one piece, so that it lies in one page of memory, or two.
struct alignas(64) PointBlock {
    HotPoint hot;
    std::array<float, features::ring_size> ring{};
    OlderSums older;
    std::int32_t newest_half_hour = features::no_period;  // of the ring of half-hours, which lies elsewhere
    telemetry::PointRef ref = telemetry::no_point;
};
static_assert(sizeof(PointBlock) == 384);

/// Whole watts of a load that passed the range check, halves away from zero as std::llround has them.
[[nodiscard]] inline std::int64_t whole_watts(double kw) {
    const double watts = kw * 1000.0;
    const auto whole = static_cast<std::int64_t>(watts);
    const double rest = watts - static_cast<double>(whole);
    return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

}  // namespace headroom::monitor
