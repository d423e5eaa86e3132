#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

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
/// Half-hours that a ring keeps unless it is told otherwise: sixteen days, so that last week has a week
/// before.
inline constexpr std::size_t half_hours_kept = 16 * static_cast<std::size_t>(periods_per_day);
/// "No half-hour", older than any.
inline constexpr std::int32_t no_period = std::numeric_limits<std::int32_t>::min();

/// A point's half-hourly means on the UTC grid, the last so many of them, in kW. NaN is unknown, never 0.
///
/// Looks at memory that its owner keeps; costs nothing to make. `newest` is the newest half-hour that was
/// set, `no_period` before the first, when the values need not have been filled yet.
class HalfHourRing {
  public:
    HalfHourRing(std::span<float> values, std::int32_t& newest) : values_(values), newest_(newest) {}

    /// Older than the ring: ignored. Newer than anything before: what lies between becomes unknown.
    void set(std::int64_t period, float mean_kw) {
        if (newest_ == no_period) {
            std::fill(values_.begin(), values_.end(), nan());
            newest_ = static_cast<std::int32_t>(period);
        }
        if (period <= newest_ - length()) {
            return;
        }
        if (period > newest_) {
            const std::int64_t from = std::max<std::int64_t>(newest_ + 1, period - length() + 1);
            for (std::int64_t between = from; between < period; ++between) {
                values_[slot(between)] = nan();
            }
            newest_ = static_cast<std::int32_t>(period);
        }
        values_[slot(period)] = mean_kw;
    }
    /// As if the half-hours from `first` on had been set one by one, in far less time for an empty ring.
    void set_all(std::int64_t first, std::span<const float> means_kw) {
        if (means_kw.empty()) {
            return;
        }
        if (newest_ != no_period) {
            for (const float mean_kw : means_kw) {
                set(first++, mean_kw);
            }
            return;
        }
        const std::int64_t end = first + static_cast<std::int64_t>(means_kw.size());
        const std::span<const float> kept = means_kw.last(std::min(means_kw.size(), values_.size()));
        const std::size_t begin = slot(end - static_cast<std::int64_t>(kept.size()));
        const std::size_t before_end = std::min(kept.size(), values_.size() - begin);
        if (kept.size() < values_.size()) {
            std::fill(values_.begin(), values_.end(), nan());
        }
        std::copy_n(kept.begin(), before_end, values_.begin() + static_cast<std::ptrdiff_t>(begin));
        std::copy(kept.begin() + static_cast<std::ptrdiff_t>(before_end), kept.end(), values_.begin());
        newest_ = static_cast<std::int32_t>(end - 1);
    }
    [[nodiscard]] float at(std::int64_t period) const {
        return newest_ == no_period || period > newest_ || period <= newest_ - length()
                   ? nan()
                   : values_[slot(period)];
    }
    /// The half-hours from `first` on, as `at` has them.
    void copy(std::int64_t first, std::span<float> out) const {
        const auto count = static_cast<std::int64_t>(out.size());
        const bool is_empty = newest_ == no_period;
        const std::int64_t from = is_empty ? first + count : std::max(first, newest_ - length() + 1);
        const std::int64_t to = is_empty ? first + count : std::min(first + count, std::int64_t{newest_} + 1);
        if (from >= to) {
            std::fill(out.begin(), out.end(), nan());
            return;
        }
        std::fill(out.begin(), out.begin() + (from - first), nan());
        const auto place = values_.begin() + static_cast<std::ptrdiff_t>(slot(from));
        const std::ptrdiff_t before_end = std::min<std::ptrdiff_t>(to - from, values_.end() - place);
        const auto behind = std::copy(place, place + before_end, out.begin() + (from - first));
        std::copy(values_.begin(), values_.begin() + ((to - from) - before_end), behind);
        std::fill(out.begin() + (to - first), out.end(), nan());
    }
    [[nodiscard]] std::int64_t newest() const { return newest_; }
    [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(values_.size()); }

  private:
    static float nan() { return std::numeric_limits<float>::quiet_NaN(); }
    [[nodiscard]] std::size_t slot(std::int64_t period) const {
        return static_cast<std::size_t>(((period % length()) + length()) % length());
    }
    std::span<float> values_;
    std::int32_t& newest_;
};

/// A ring with memory of its own.
class OwnHalfHours {
  public:
    explicit OwnHalfHours(std::size_t length = half_hours_kept) : values_(length) {}
    [[nodiscard]] HalfHourRing ring() { return {values_, newest_}; }

  private:
    std::vector<float> values_;
    std::int32_t newest_ = no_period;
};

}  // namespace headroom::features
