#include "forecast/outlook_walk.hpp"

#include "forecast/series_panel.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {
namespace {

constexpr std::int64_t weeks_back = 6;
constexpr std::int64_t level_days = 21;
constexpr double ridge = 0.05;       // of the regressors' own squares
constexpr double clip_widths = 4.0;  // an outage or a spike teaches no level
constexpr double sigma_of_median_distance = 1.4826;

}  // namespace

OutlookWalk::OutlookWalk(const LocalDays& days, double week_weight) : days_(&days) {
    const auto count = static_cast<std::size_t>((days.end_day() - days.first_day()) * slots_of_day);
    from_week_.assign(count, unknown_value);
    from_fortnight_.assign(count, unknown_value);
    off_.assign(count, unknown_value);
    for (std::int64_t day = days.first_day(); day < days.end_day(); ++day) {
        expect(day, week_weight);
    }
    find_clip();
}

/// From the same day of the weeks before.
void OutlookWalk::expect(std::int64_t day, double week_weight) {
    const int weekday = days_->weekday(day);
    const bool is_holiday = days_->is_holiday(day);
    const bool is_rest = is_holiday || weekday == 6;
    // A holiday is lived like the Sunday before it.
    const std::int64_t like = is_holiday ? day - (weekday + 1) % 7 : day;
    std::array<std::int64_t, weeks_back> donors{};
    std::array<double, weeks_back> weights{};
    std::size_t count = 0;
    for (std::int64_t week = 1; week <= weeks_back; ++week) {
        const std::int64_t donor = like - 7 * week;
        if (donor >= days_->first_day() && (is_rest || !days_->is_holiday(donor))) {
            donors[count] = donor;
            weights[count++] = std::pow(week_weight, static_cast<double>(week - 1));
        }
    }
    for (std::int64_t slot = 0; slot < slots_of_day; ++slot) {
        double sum = 0.0;
        double weight = 0.0;
        double older_sum = 0.0;
        double older_weight = 0.0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = static_cast<double>(days_->at(donors[i], slot));
            if (std::isnan(value)) {
                continue;
            }
            sum += weights[i] * value;
            weight += weights[i];
            if (donors[i] <= day - 14) {
                older_sum += weights[i] * value;
                older_weight += weights[i];
            }
        }
        const std::size_t at = index(day, slot);
        from_week_[at] = weight > 0.0 ? sum / weight : unknown_value;
        from_fortnight_[at] = older_weight > 0.0 ? older_sum / older_weight : unknown_value;
        off_[at] = static_cast<double>(days_->at(day, slot)) - from_week_[at];
    }
}

void OutlookWalk::find_clip() {
    std::vector<double> distances;
    for (const double off : off_) {
        if (!std::isnan(off)) {
            distances.push_back(std::abs(off));
        }
    }
    if (!distances.empty()) {
        const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
        std::ranges::nth_element(distances, middle);
        clip_ = std::max(1e-9, clip_widths * sigma_of_median_distance * *middle);
    }
}

void OutlookWalk::follow_level(double day_weight) {
    levels_.clear();
    for (std::int64_t day = days_->first_day(); day <= days_->origin().day; ++day) {
        levels_.push_back(level_at(day, day_weight));
    }
}

OutlookWalk::Level OutlookWalk::level_at(std::int64_t day, double day_weight) const {
    std::array<double, outlook_blocks> sums{};
    std::array<double, outlook_blocks> weights{};
    double day_share = 1.0;
    for (std::int64_t back = 0; back <= level_days && day - back >= days_->first_day(); ++back) {
        const std::int64_t end = back == 0 ? days_->origin().slot : slots_of_day;
        for (std::int64_t slot = 0; slot < end; ++slot) {
            if (const double off = off_[index(day - back, slot)]; !std::isnan(off)) {
                sums[outlook_block(slot)] += day_share * std::clamp(off, -clip_, clip_);
                weights[outlook_block(slot)] += day_share;
            }
        }
        day_share *= day_weight;
    }
    Level out;
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t block = 0; block < outlook_blocks; ++block) {
        sum += sums[block];
        weight += weights[block];
    }
    out.all = weight > 0.0 ? sum / weight : 0.0;
    for (std::size_t block = 0; block < outlook_blocks; ++block) {
        out.by_block[block] = weights[block] > 0.0 ? sums[block] / weights[block] : out.all;
    }
    return out;
}

double OutlookWalk::expected(std::int64_t day, std::int64_t slot, std::int64_t lead_days) const {
    // Seven days before, the same day of the last week was known up to the hour of the origin.
    const bool is_far = lead_days > 7 || (lead_days == 7 && slot >= days_->origin().slot);
    return (is_far ? from_fortnight_ : from_week_)[index(day, slot)];
}

OutlookShares OutlookWalk::fit(std::int64_t lead_days) const {
    double aa = 0.0;
    double bb = 0.0;
    double ab = 0.0;
    double ay = 0.0;
    double by = 0.0;
    for (std::int64_t day = first_judged(lead_days); day <= days_->origin().day; ++day) {
        const Level& known = level(day - lead_days);
        for (std::int64_t slot = first_slot(lead_days); slot < slots_of_day; ++slot) {
            const double off = static_cast<double>(days_->at(day, slot)) - expected(day, slot, lead_days);
            if (std::isnan(off)) {
                continue;
            }
            const double y = std::clamp(off, -clip_, clip_);
            const double b = known.by_block[outlook_block(slot)] - known.all;
            aa += known.all * known.all;
            bb += b * b;
            ab += known.all * b;
            ay += known.all * y;
            by += b * y;
        }
    }
    aa *= 1.0 + ridge;
    bb *= 1.0 + ridge;
    const double determinant = aa * bb - ab * ab;
    if (determinant <= 1e-9 * aa * bb) {
        return {.all = aa > 0.0 ? std::clamp(ay / aa, 0.0, 1.0) : 0.0, .block = 0.0};
    }
    return {.all = std::clamp((ay * bb - by * ab) / determinant, 0.0, 1.0),
            .block = std::clamp((by * aa - ay * ab) / determinant, 0.0, 1.0)};
}

double OutlookWalk::foretold(std::int64_t day, std::int64_t slot, std::int64_t lead_days,
                             const OutlookShares& shares) const {
    const Level& known = level(day - lead_days);
    return expected(day, slot, lead_days) + shares.all * known.all +
           shares.block * (known.by_block[outlook_block(slot)] - known.all);
}

double OutlookWalk::error(std::span<const std::int64_t> leads, const OutlookLeadShares& shares) const {
    double sum = 0.0;
    double count = 0.0;
    for (const std::int64_t lead : leads) {
        for (std::int64_t day = first_judged(lead); day <= days_->origin().day; ++day) {
            for (std::int64_t slot = first_slot(lead); slot < slots_of_day; ++slot) {
                const double off = static_cast<double>(days_->at(day, slot)) -
                                   foretold(day, slot, lead, shares[static_cast<std::size_t>(lead)]);
                if (!std::isnan(off)) {
                    sum += std::abs(off);
                    count += 1.0;
                }
            }
        }
    }
    return count > 0.0 ? sum / count : std::numeric_limits<double>::infinity();
}

}  // namespace headroom::forecast
