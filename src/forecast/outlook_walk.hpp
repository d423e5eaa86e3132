#pragma once

#include "forecast/outlook.hpp"
#include "forecast/outlook_days.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace headroom::forecast {

/// Shares of what the last days lay off by that are added at one lead.
struct OutlookShares {
    double all = 0.0;    ///< of what they lay off by all day
    double block = 0.0;  ///< of what this block of the day differs from that
};
using OutlookLeadShares = std::array<OutlookShares, outlook_days_max + 1>;

/// One rule of the outlook, walked through every day of a past: what it expects of a half-hour, and what it
/// would have known some days before. All origins lie at the hour of the present one.
class OutlookWalk {
  public:
    /// `days` is borrowed. `week_weight`: of a week against the next newer one.
    OutlookWalk(const LocalDays& days, double week_weight);

    /// How far the days before each origin lay off; `day_weight` of a day against the next newer one.
    void follow_level(double day_weight);
    /// Least squares of what came on what had been known so many days before.
    [[nodiscard]] OutlookShares fit(std::int64_t lead_days) const;
    /// NaN where no week that counts is known.
    [[nodiscard]] double foretold(std::int64_t day, std::int64_t slot, std::int64_t lead_days,
                                  const OutlookShares& shares) const;
    /// Mean absolute error over the past at `leads`; infinite where nothing can be judged.
    [[nodiscard]] double error(std::span<const std::int64_t> leads, const OutlookLeadShares& shares) const;

    /// The first half-hour of such a day: of the origin's own day what lies behind the origin.
    [[nodiscard]] std::int64_t first_slot(std::int64_t lead_days) const {
        return lead_days == 0 ? days_->origin().slot : 0;
    }
    /// The first day that could have been foretold so many days before.
    [[nodiscard]] std::int64_t first_judged(std::int64_t lead_days) const {
        return days_->first_day() + lead_days;
    }

  private:
    struct Level {
        double all = 0.0;
        std::array<double, outlook_blocks> by_block{};
    };
    void expect(std::int64_t day, double week_weight);
    [[nodiscard]] Level level_at(std::int64_t day, double day_weight) const;
    /// Without the level.
    [[nodiscard]] double expected(std::int64_t day, std::int64_t slot, std::int64_t lead_days) const;
    [[nodiscard]] const Level& level(std::int64_t origin_day) const {
        return levels_[static_cast<std::size_t>(origin_day - days_->first_day())];
    }
    [[nodiscard]] std::size_t index(std::int64_t day, std::int64_t slot) const {
        return static_cast<std::size_t>((day - days_->first_day()) * slots_of_day + slot);
    }
    void find_clip();

    const LocalDays* days_;
    std::vector<double> from_week_;       // expected from what lies a week before and more
    std::vector<double> from_fortnight_;  // from what lies two weeks before and more
    std::vector<double> off_;             // load less from_week_
    std::vector<Level> levels_;           // by day of origin
    double clip_ = std::numeric_limits<double>::infinity();
};

/// The block of local time that a half-hour of the day lies in.
[[nodiscard]] constexpr std::size_t outlook_block(std::int64_t slot) {
    return static_cast<std::size_t>(slot) * outlook_blocks / slots_of_day;
}

}  // namespace headroom::forecast
