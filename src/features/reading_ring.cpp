#include "features/reading_ring.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::features {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

}  // namespace

void ReadingRing::restart(std::int64_t slot) {
    std::fill(values_.begin(), values_.end(), unknown);
    newest_slot_ = slot;
}

bool ReadingRing::write(std::int64_t slot, float value) {
    if (slot > newest_slot_) {
        const std::int64_t skipped = std::min(slot - newest_slot_ - 1, static_cast<std::int64_t>(ring_size));
        for (std::int64_t i = 1; i <= skipped; ++i) {
            values_[index(slot - i)] = unknown;
        }
        newest_slot_ = slot;
    } else if (!holds(slot)) {
        return false;
    }
    values_[index(slot)] = value;
    return true;
}

float ReadingRing::at(std::int64_t slot) const {
    return holds(slot) ? values_[index(slot)] : unknown;
}

Spread ReadingRing::spread() const {
    Spread out;
    double sum = 0.0;
    for (const float value : values_) {
        if (!std::isnan(value)) {
            sum += static_cast<double>(value);
            out.max_abs = std::max(out.max_abs, std::abs(static_cast<double>(value)));
            out.count += 1;
        }
    }
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (out.count == 0) {
        return {.mean = nan, .std = nan, .max_abs = nan, .count = 0};
    }
    out.mean = sum / static_cast<double>(out.count);
    double squares = 0.0;
    for (const float value : values_) {
        if (!std::isnan(value)) {
            const double distance = static_cast<double>(value) - out.mean;
            squares += distance * distance;
        }
    }
    out.std = out.count < 2 ? nan : std::sqrt(squares / static_cast<double>(out.count));
    return out;
}

}  // namespace headroom::features
