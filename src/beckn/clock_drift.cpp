#include "beckn/clock_drift.hpp"

#include <algorithm>
#include <chrono>

namespace headroom::beckn {

std::optional<milliseconds> ClockDrift::estimate() const {
    if (seen_ < window) {
        return std::nullopt;
    }
    return *std::min_element(differences_.begin(), differences_.end());
}

std::optional<milliseconds> ClockDrift::observe(UtcTime received, UtcTime timestamp, milliseconds limit) {
    differences_[seen_ % window] = std::chrono::duration_cast<milliseconds>(received - timestamp);
    ++seen_;
    const std::optional<milliseconds> drift = estimate();
    if (!drift) {
        return std::nullopt;
    }
    const bool is_over = *drift > limit || *drift < -limit;
    const bool is_news = is_over && !is_alarmed_;
    is_alarmed_ = is_over;
    return is_news ? drift : std::nullopt;
}

}  // namespace headroom::beckn
