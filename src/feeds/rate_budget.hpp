#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace headroom::feeds {

/// So many requests at once, one more for each `refill`.
struct RateRule {
    std::int64_t burst = 1;
    milliseconds refill{seconds{1}};
};

/// A token bucket. Pure but for its own count.
class RateBudget {
  public:
    explicit RateBudget(RateRule rule) : rule_(rule), tokens_(rule.burst) {}

    /// How long to wait at `now` until a request may be sent; zero takes a token. Time that goes back counts
    /// as none.
    [[nodiscard]] milliseconds take(UtcTime now);

  private:
    RateRule rule_;
    std::int64_t tokens_;
    UtcTime refilled_ = UtcTime::min();
};

}  // namespace headroom::feeds
