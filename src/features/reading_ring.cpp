#include "features/reading_ring.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace headroom::features {

void ReadingRing::restart(std::int64_t slot) {
    std::fill(values_.begin(), values_.end(), unknown_reading);
    newest_slot_ = slot;
}

bool ReadingRing::write(std::int64_t slot, float value) {
    if (slot > newest_slot_) {
        const std::int64_t skipped = std::min(slot - newest_slot_ - 1, static_cast<std::int64_t>(ring_size));
        for (std::int64_t i = 1; i <= skipped; ++i) {
            values_[index(slot - i)] = unknown_reading;
        }
        newest_slot_ = slot;
    } else if (!holds(slot)) {
        return false;
    }
    values_[index(slot)] = value;
    return true;
}

float ReadingRing::at(std::int64_t slot) const {
    return holds(slot) ? values_[index(slot)] : unknown_reading;
}

/// The sums are made in `lanes` parts, in a fixed order, so that the processor can reckon several at once and
/// the bits are the same on all of them.
Spread ReadingRing::spread() const {
    constexpr std::size_t lanes = 10;
    static_assert(ring_size % lanes == 0);
    std::array<double, lanes> sums{};
    std::array<double, lanes> counts{};
    std::array<double, lanes> most{};
    for (std::size_t i = 0; i < ring_size; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float value = values_[i + lane];
            const double known = value == value ? static_cast<double>(value) : 0.0;
            sums[lane] += known;
            counts[lane] += value == value ? 1.0 : 0.0;
            most[lane] = std::max(most[lane], std::abs(known));
        }
    }
    const double count = std::accumulate(counts.begin(), counts.end(), 0.0);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (count == 0.0) {
        return {.mean = nan, .std = nan, .max_abs = nan, .count = 0};
    }
    Spread out;
    out.count = static_cast<std::size_t>(count);
    out.max_abs = *std::max_element(most.begin(), most.end());
    out.mean = std::accumulate(sums.begin(), sums.end(), 0.0) / count;
    std::array<double, lanes> squares{};
    for (std::size_t i = 0; i < ring_size; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float value = values_[i + lane];
            const double distance = value == value ? static_cast<double>(value) - out.mean : 0.0;
            squares[lane] += distance * distance;
        }
    }
    const double squared = std::accumulate(squares.begin(), squares.end(), 0.0);
    out.std = out.count < 2 ? nan : std::sqrt(squared / count);
    return out;
}

}  // namespace headroom::features
