#include "features/stream_row.hpp"

#include "core/digest.hpp"
#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headroom::features {
namespace {

constexpr int minutes_per_day = 1440;
/// A change over more slots than this is no gradient.
constexpr std::size_t gradient_slots_max = 3;
constexpr std::size_t slope_slots = 4;

const std::array<LocalHour::Angle, minutes_per_day>& angles() {
    static const auto table = [] {
        std::array<LocalHour::Angle, minutes_per_day> out{};
        for (std::size_t minute = 0; minute < out.size(); ++minute) {
            const double angle = 2.0 * std::numbers::pi * static_cast<double>(minute) / minutes_per_day;
            out[minute] = {static_cast<float>(std::sin(angle)), static_cast<float>(std::cos(angle))};
        }
        return out;
    }();
    return table;
}

int utc_minute_of_day(UtcTime instant) {
    return static_cast<int>(std::chrono::floor<minutes>(instant.time_since_epoch()).count() %
                            minutes_per_day);
}

/// `loads` are the newest slots, the newest first. Over a gap the true time counts.
float gradient_kw_min(std::span<const float> loads, double cadence_min) {
    for (std::size_t back = 1; back <= gradient_slots_max; ++back) {
        if (!std::isnan(loads[back])) {
            return static_cast<float>((static_cast<double>(loads[0]) - static_cast<double>(loads[back])) /
                                      (static_cast<double>(back) * cadence_min));
        }
    }
    return unknown_reading;
}

float slope_kw_min(std::span<const float> loads, double cadence_min) {
    constexpr double middle = (slope_slots - 1) / 2.0;
    double products = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < slope_slots; ++i) {
        const double x = static_cast<double>(i) - middle;
        products += x * static_cast<double>(loads[slope_slots - 1 - i]);
        squares += x * x;
    }
    return static_cast<float>(products / squares / cadence_min);
}

/// What is generated behind the meter as a share of what is used there.
float penetration(const StreamPast& past, double load_kw) {
    if (!past.has_solar && !past.has_wind) {
        return unknown_reading;
    }
    const double generated_kw = (past.has_solar ? past.solar_kw : 0.0) + (past.has_wind ? past.wind_kw : 0.0);
    const double gross_kw = load_kw + generated_kw;
    if (!(gross_kw > std::max(0.02 * past.rating_kw, 1.0))) {
        return unknown_reading;  // also when something is not known
    }
    return static_cast<float>(std::clamp(generated_kw / gross_kw, 0.0, 2.0));
}

}  // namespace

LocalHour::Angle LocalHour::at(UtcTime instant) {
    const std::int64_t period = period_index(instant);
    if (period != period_) {
        // Clocks change on a half-hour.
        period_ = period;
        ahead_minutes_ = local_minute_of_day(instant) - utc_minute_of_day(instant);
    }
    const int minute = (utc_minute_of_day(instant) + ahead_minutes_ + minutes_per_day) % minutes_per_day;
    return angles()[static_cast<std::size_t>(minute)];
}

std::string stream_schema_hash(std::span<const std::string> external, milliseconds cadence) {
    std::string text = "slots of " + std::to_string(cadence.count()) + " ms UTC; window " +
                       std::to_string(ring_size) + "; kW, minutes\n";
    for (const std::string_view name : stream_names) {
        text.append(name).push_back('\n');
    }
    for (const std::string& name : external) {
        text.append("external ").append(name).push_back('\n');
    }
    return sha256_hex(text);
}

void make_stream_row(const StreamPast& past, LocalHour& hour, std::span<float> row) {
    HEADROOM_ASSERT(row.size() == stream_count + past.external.size() && past.cadence.count() > 0);
    const UtcTime at{past.cadence * past.slot};
    const double cadence_min = static_cast<double>(past.cadence.count()) / 60'000.0;
    const LocalHour::Angle angle = hour.at(at);
    row[0] = angle.sin;
    row[1] = angle.cos;
    std::size_t column = 2;
    for (std::size_t lag = 0; lag <= stream_lags; ++lag) {
        row[column++] = past.load->at(past.slot - static_cast<std::int64_t>(lag));
    }
    const Spread spread = past.load->spread();
    row[column++] = static_cast<float>(spread.mean);
    row[column++] = static_cast<float>(spread.std);
    row[column++] = penetration(past, static_cast<double>(row[2]));
    const std::span<const float> loads = row.subspan(2, stream_lags + 1);
    row[column++] = gradient_kw_min(loads, cadence_min);
    row[column++] = slope_kw_min(loads, cadence_min);
    const std::int64_t period = period_index(at);
    row[column++] =
        past.half_hours == nullptr ? unknown_reading : past.half_hours->at(period - periods_per_day);
    row[column++] =
        past.half_hours == nullptr ? unknown_reading : past.half_hours->at(period - periods_per_week);
    std::copy(past.external.begin(), past.external.end(), row.begin() + static_cast<std::ptrdiff_t>(column));
}

}  // namespace headroom::features
