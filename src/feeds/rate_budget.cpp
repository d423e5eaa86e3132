#include "feeds/rate_budget.hpp"

#include <algorithm>

namespace headroom::feeds {

milliseconds RateBudget::take(UtcTime now) {
    if (refilled_ == UtcTime::min() || tokens_ >= rule_.burst) {
        refilled_ = now;
    }
    const std::int64_t earned = now > refilled_ ? (now - refilled_) / rule_.refill : 0;
    if (earned > 0) {
        tokens_ = std::min(rule_.burst, tokens_ + earned);
        refilled_ += rule_.refill * earned;
    }
    if (tokens_ > 0) {
        tokens_ -= 1;
        return milliseconds{0};
    }
    return std::max(milliseconds{1}, refilled_ + rule_.refill - std::max(now, refilled_));
}

}  // namespace headroom::feeds
