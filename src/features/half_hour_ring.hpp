#pragma once

#include "core/time.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace headroom::features {

/// Number of the half-hour since 1970 that holds `instant`; lags are differences of these numbers, never
/// counts of messages.
[[nodiscard]] constexpr std::int64_t period_index(UtcTime instant) {
    return floor_period(instant).time_since_epoch() / period_length;
}
[[nodiscard]] constexpr UtcTime period_start(std::int64_t index) {
    return UtcTime{period_length * index};
}

inline constexpr std::int64_t periods_per_day = 48;
inline constexpr std::int64_t periods_per_week = 7 * periods_per_day;

/// A point's half-hourly means on the UTC grid, the last sixteen days of them, in kW. NaN is unknown, never
/// 0.
class HalfHourRing {
  public:
    static constexpr std::int64_t length = 16 * periods_per_day;

    HalfHourRing() : values_(std::make_unique<std::array<float, length>>()) { values_->fill(nan()); }

    /// Older than the ring: ignored. Newer than anything before: what lies between becomes unknown.
    void set(std::int64_t period, float mean_kw) {
        if (newest_ == none) {
            newest_ = period;
        }
        if (period <= newest_ - length) {
            return;
        }
        for (; newest_ < period; ++newest_) {
            (*values_)[slot(newest_ + 1)] = nan();
        }
        (*values_)[slot(period)] = mean_kw;
    }
    [[nodiscard]] float at(std::int64_t period) const {
        return newest_ == none || period > newest_ || period <= newest_ - length ? nan()
                                                                                 : (*values_)[slot(period)];
    }
    /// The newest half-hour that was set; `none` before the first.
    [[nodiscard]] std::int64_t newest() const { return newest_; }
    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min() / 2;

  private:
    static float nan() { return std::numeric_limits<float>::quiet_NaN(); }
    static std::size_t slot(std::int64_t period) {
        return static_cast<std::size_t>(((period % length) + length) % length);
    }
    std::unique_ptr<std::array<float, length>> values_;
    std::int64_t newest_ = none;
};

}  // namespace headroom::features
