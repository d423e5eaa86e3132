#include "features/feature_row.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace headroom::features {
namespace {

/// A residual has lost a factor e after so many half-hours of lead.
constexpr double residual_fades_over = 8.0;
constexpr std::int64_t residual_window = 6;
/// Where yesterday is unknown, so many days before are tried.
constexpr std::int64_t days_tried = 4;
/// Below this a point's loads are not worth a model (kW).
constexpr double level_min_kw = 1e-3;

double known_or(float value, double otherwise) {
    return std::isnan(value) ? otherwise : static_cast<double>(value);
}

/// Looks only at what lies before the origin.
struct Past {
    const HalfHours& halves;
    std::int64_t origin;
    [[nodiscard]] float at(std::int64_t period) const {
        return period < origin ? halves.at(period) : std::numeric_limits<float>::quiet_NaN();
    }
};

/// The same half-hour on the nearest day before that is known.
float same_half_hour(const Past& past, std::int64_t target) {
    for (std::int64_t day = 1; day <= days_tried; ++day) {
        const float value = past.at(target - day * periods_per_day);
        if (!std::isnan(value)) {
            return value;
        }
    }
    return past.at(target - periods_per_week);
}

double mean_known(const Past& past, std::int64_t from, std::int64_t to, double otherwise) {
    double sum = 0.0;
    int count = 0;
    for (std::int64_t period = from; period < to; ++period) {
        const float value = past.at(period);
        if (!std::isnan(value)) {
            sum += static_cast<double>(value);
            count += 1;
        }
    }
    return count == 0 ? otherwise : sum / count;
}

/// Mean difference to the same half-hours `lag` before, over the last `count` half-hours; 0 when none is
/// known.
double residual(const Past& past, std::int64_t count, std::int64_t lag) {
    double sum = 0.0;
    int known = 0;
    for (std::int64_t i = 1; i <= count; ++i) {
        const float now = past.at(past.origin - i);
        const float then = past.at(past.origin - i - lag);
        if (!std::isnan(now) && !std::isnan(then)) {
            sum += static_cast<double>(now) - static_cast<double>(then);
            known += 1;
        }
    }
    return known == 0 ? 0.0 : sum / known;
}

/// What is left of a residual after so many half-hours.
double fade_of(std::int64_t lead) {
    static const std::array<double, 65> table = [] {
        std::array<double, 65> out{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = std::exp(-static_cast<double>(i) / residual_fades_over);
        }
        return out;
    }();
    return lead >= 0 && lead < static_cast<std::int64_t>(table.size())
               ? table[static_cast<std::size_t>(lead)]
               : std::exp(-static_cast<double>(lead) / residual_fades_over);
}

bool is_weekend_at(UtcTime instant) {
    const unsigned weekday = local_weekday(instant);
    return weekday == 0 || weekday == 6;
}

}  // namespace

PointLevel point_level(const HalfHours& past, std::int64_t periods) {
    PointLevel out;
    // Four sums side by side: one after the other would wait for each addition.
    constexpr std::size_t lanes = 4;
    constexpr auto day = static_cast<std::size_t>(periods_per_day);
    std::array<double, lanes> sums{};
    std::array<double, lanes> differences_of{};
    const auto add = [&](std::size_t i, std::size_t lane) {
        const float now = past.kw[i];
        const float yesterday = i < day ? std::numeric_limits<float>::quiet_NaN() : past.kw[i - day];
        const bool is_known = !std::isnan(now);
        const bool is_pair = is_known && !std::isnan(yesterday);
        const double change = std::abs(static_cast<double>(now) - static_cast<double>(yesterday));
        sums[lane] += is_known ? std::abs(static_cast<double>(now)) : 0.0;
        differences_of[lane] += is_pair ? change : 0.0;
        out.known += is_known ? 1U : 0U;
        out.pairs += is_pair ? 1U : 0U;
    };
    std::size_t i = past.kw.size() - std::min(past.kw.size(), static_cast<std::size_t>(periods));
    for (; i + lanes <= past.kw.size(); i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            add(i + lane, lane);
        }
    }
    for (; i < past.kw.size(); ++i) {
        add(i, 0);
    }
    const double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    const double differences =
        (differences_of[0] + differences_of[1]) + (differences_of[2] + differences_of[3]);
    out.level_kw = out.known == 0 ? 0.0 : sum / static_cast<double>(out.known);
    // A point that has been perfectly regular so far is still not known to the watt.
    const double least = 0.01 * out.level_kw;
    out.noise_kw = out.pairs == 0 ? least : std::max(least, differences / static_cast<double>(out.pairs));
    return out;
}

PeriodCalendar period_calendar(std::int64_t period) {
    const UtcTime start = period_start(period);
    const int minute = local_minute_of_day(start);
    const double angle = 2.0 * std::numbers::pi * (static_cast<double>(minute) + 15.0) / 1440.0;
    const bool is_weekend = is_weekend_at(start);
    const bool was_weekend = is_weekend_at(start - hours{24});
    return {.hour_sin = std::sin(angle),
            .hour_cos = std::cos(angle),
            .hour_2_sin = std::sin(2.0 * angle),
            .hour_2_cos = std::cos(2.0 * angle),
            .is_weekend = is_weekend ? 1.0 : 0.0,
            .day_kind_changed = (is_weekend ? 1.0 : 0.0) - (was_weekend ? 1.0 : 0.0),
            .block = minute / 240};
}

OriginPast origin_past(const HalfHours& halves, std::int64_t origin) {
    const Past past{halves, origin};
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    return {.origin = origin,
            .day_mean = mean_known(past, origin - periods_per_day, origin, unknown),
            .newest = static_cast<double>(past.at(origin - 1)),
            .residual_now = residual(past, 1, periods_per_day),
            .residual_3h = residual(past, residual_window, periods_per_day),
            .residual_week = residual(past, 1, periods_per_week)};
}

bool make_row(const HalfHours& halves, const PointLevel& level, const OriginPast& at_origin,
              std::int64_t target, const PeriodCalendar& calendar, FeatureRow& row) {
    const Past past{halves, at_origin.origin};
    const float day = same_half_hour(past, target);
    if (std::isnan(day) || !(level.level_kw > level_min_kw)) {
        return false;
    }
    const double unit = 1.0 / level.level_kw;
    const double load_1d = static_cast<double>(day);
    const double fade = fade_of(target - at_origin.origin + 1);
    const double day_mean = std::isnan(at_origin.day_mean) ? load_1d : at_origin.day_mean;
    row = {1.0,
           load_1d * unit,
           known_or(past.at(target - 2 * periods_per_day), load_1d) * unit,
           known_or(past.at(target - periods_per_week), load_1d) * unit,
           0.5 *
               (known_or(past.at(target - periods_per_day - 1), load_1d) +
                known_or(past.at(target - periods_per_day + 1), load_1d)) *
               unit,
           day_mean * unit,
           at_origin.residual_now * fade * unit,
           at_origin.residual_3h * unit,
           at_origin.residual_week * fade * unit,
           (std::isnan(at_origin.newest) ? day_mean : at_origin.newest) * fade * unit,
           calendar.hour_sin,
           calendar.hour_cos,
           calendar.hour_2_sin,
           calendar.hour_2_cos,
           calendar.is_weekend,
           calendar.day_kind_changed,
           load_1d * unit * calendar.day_kind_changed};
    return true;
}

bool make_row(const HalfHours& halves, const PointLevel& level, std::int64_t origin, std::int64_t target,
              const PeriodCalendar& calendar, FeatureRow& row) {
    return make_row(halves, level, origin_past(halves, origin), target, calendar, row);
}

const std::string& schema_hash() {
    static const std::string hash = [] {
        std::string text =
            "half-hours UTC; level = mean |kw|; fades over 8; residual window 6; days tried 4\n";
        for (const std::string_view name : feature_names) {
            text += name;
            text += '\n';
        }
        return sha256_hex(text);
    }();
    return hash;
}

}  // namespace headroom::features
