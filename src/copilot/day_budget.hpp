#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace headroom::copilot {

/// Tokens of a UTC day. Pure but for its own count; wall time.
class DayBudget {
  public:
    explicit DayBudget(std::int64_t tokens_max) : max_(tokens_max) {}

    /// Whether anything may be asked at `now`: what an exchange will take is known only after it, so the last
    /// one of a day may go over, by its own length.
    [[nodiscard]] bool may_ask(UtcTime now) {
        turn_page(now);
        return used_ < max_;
    }
    void spend(std::int64_t tokens, UtcTime now) {
        turn_page(now);
        used_ += std::max<std::int64_t>(tokens, 0);
    }
    [[nodiscard]] std::int64_t used(UtcTime now) {
        turn_page(now);
        return used_;
    }

  private:
    void turn_page(UtcTime now) {
        const auto day = std::chrono::floor<std::chrono::days>(now);
        if (day > day_) {  // a clock that goes back gives nothing back
            day_ = day;
            used_ = 0;
        }
    }
    std::int64_t max_;
    std::int64_t used_ = 0;
    std::chrono::sys_days day_{};
};

}  // namespace headroom::copilot
