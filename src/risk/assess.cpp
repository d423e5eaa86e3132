#include "risk/assess.hpp"

#include "core/units.hpp"
#include "forecast/load_forecast.hpp"
#include "risk/risk_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace headroom::risk {
namespace {

constexpr std::size_t quantile_count = forecast::quantile_count;

constexpr std::array<std::int64_t, quantile_count> quantiles_ppm = [] {
    std::array<std::int64_t, quantile_count> out{};
    for (std::size_t i = 0; i < quantile_count; ++i) {
        out[i] = static_cast<std::int64_t>(forecast::quantiles[i] * 1e6 + 0.5);
    }
    return out;
}();
constexpr std::size_t median = quantile_count / 2;
static_assert(quantiles_ppm[median] == whole_ppm / 2);
static_assert([] {
    // The quantiles of a load with its sign turned are the same row read from the other end.
    for (std::size_t i = 0; i < quantile_count; ++i) {
        if (quantiles_ppm[i] + quantiles_ppm[quantile_count - 1 - i] != whole_ppm) {
            return false;
        }
    }
    return true;
}());

using QuantileRow = std::array<std::int64_t, quantile_count>;

/// The input with all loads in the limit's direction, so that "over" always means "greater".
struct Directed {
    std::vector<RecentLoad> recent;
    std::vector<QuantileRow> forecast;
    UtcTime forecast_start{};
    std::size_t alarm = 0;  // position of the alarm quantile
};

Error contradiction(const RiskInput& input, const std::string& what) {
    return Error{Errc::invalid, "feeder " + input.feeder + ", limit " + input.limit.key() + ": " + what};
}

Result<std::size_t> alarm_position(const RiskInput& input) {
    const auto found = std::find(quantiles_ppm.begin(), quantiles_ppm.end(), input.rules.alarm_quantile_ppm);
    if (found == quantiles_ppm.end()) {
        return contradiction(input, "no forecast carries the alarm quantile of " +
                                        std::to_string(input.rules.alarm_quantile_ppm) + " ppm");
    }
    return static_cast<std::size_t>(std::distance(quantiles_ppm.begin(), found));
}

Result<void> check(const RiskInput& input) {
    const RiskRules& rules = input.rules;
    if (input.feeder.empty()) {
        return Error{Errc::invalid, "a risk question names no feeder"};
    }
    if (input.limit_w <= 0 || input.limit_w > load_max_w ||
        std::llround(input.limit.value * 1000.0) != input.limit_w) {
        return contradiction(input, "the limit is " + std::to_string(input.limit.value) + " " +
                                        std::string(input.limit.unit()) + ", but limit_w says " +
                                        std::to_string(input.limit_w));
    }
    if (rules.live_persistence < 1 || rules.live_persistence > rules.live_window || rules.live_window > 64 ||
        rules.instant_ppm < whole_ppm || rules.instant_ppm > 10 * whole_ppm ||
        rules.live_horizon_periods < 1 || rules.live_horizon_periods > 480 ||
        rules.forecast_horizon_periods < 0 || rules.forecast_horizon_periods > 480) {
        return contradiction(input, "the rules " + rules.id + " are out of bounds");
    }
    if (std::cmp_greater(input.recent.size(), rules.live_window)) {
        return contradiction(input, std::to_string(input.recent.size()) +
                                        " recent readings, more than the window of the rules");
    }
    for (std::size_t i = 0; i < input.recent.size(); ++i) {
        if (std::abs(input.recent[i].w) > load_max_w) {
            return contradiction(input,
                                 "a recent load is absurd: " + std::to_string(input.recent[i].w) + " W");
        }
        if (i > 0 && input.recent[i].at <= input.recent[i - 1].at) {
            return contradiction(
                input, "recent readings are not in the order of time at " + format_utc(input.recent[i].at));
        }
    }
    if (!input.forecast_w.empty() && floor_period(input.forecast_start) != input.forecast_start) {
        return contradiction(input,
                             "the forecast starts within a half-hour at " + format_utc(input.forecast_start));
    }
    for (const std::vector<std::int64_t>& row : input.forecast_w) {
        if (row.size() != quantile_count) {
            return contradiction(input, "a forecast row has " + std::to_string(row.size()) + " quantiles");
        }
        if (!std::is_sorted(row.begin(), row.end()) || row.front() < -load_max_w || row.back() > load_max_w) {
            return contradiction(input, "the quantiles of a forecast row cross or are absurd");
        }
    }
    return {};
}

Directed in_limit_direction(const RiskInput& input, std::size_t alarm) {
    const bool is_export = input.limit.direction == grid::Direction::export_;
    Directed out{
        .recent = input.recent, .forecast = {}, .forecast_start = input.forecast_start, .alarm = alarm};
    if (is_export) {
        for (RecentLoad& load : out.recent) {
            load.w = -load.w;
        }
    }
    out.forecast.reserve(input.forecast_w.size());
    for (const std::vector<std::int64_t>& row : input.forecast_w) {
        QuantileRow directed{};
        for (std::size_t q = 0; q < quantile_count; ++q) {
            directed[q] = is_export ? -row[quantile_count - 1 - q] : row[q];
        }
        out.forecast.push_back(directed);
    }
    return out;
}

/// Whether the readings at hand say that the limit is exceeded now, beyond noise.
bool is_over_now(const RiskInput& input, const std::vector<RecentLoad>& recent) {
    if (recent.empty() || recent.back().w <= input.limit_w || input.now - recent.back().at > live_fresh_for) {
        return false;
    }
    const auto over = std::count_if(recent.begin(), recent.end(),
                                    [&](const RecentLoad& load) { return load.w > input.limit_w; });
    const bool is_instant =
        recent.back().w > multiply_divide_half_even(input.limit_w, input.rules.instant_ppm, whole_ppm);
    return is_instant || over >= input.rules.live_persistence;
}

/// The chance that one half-hour is over the limit, by straight lines between the quantiles; never surer
/// than the outermost quantiles are.
std::int64_t probability_over(const QuantileRow& row, std::int64_t limit_w) {
    if (limit_w < row.front()) {
        return whole_ppm - quantiles_ppm.front();
    }
    for (std::size_t q = 1; q < quantile_count; ++q) {
        if (limit_w < row[q]) {
            const std::int64_t below =
                quantiles_ppm[q - 1] + multiply_divide_half_even(quantiles_ppm[q] - quantiles_ppm[q - 1],
                                                                 limit_w - row[q - 1], row[q] - row[q - 1]);
            return whole_ppm - below;
        }
    }
    return whole_ppm - quantiles_ppm.back();
}

/// The load over the limit that is to be expected in one half-hour, W: the integral of the excess over the
/// quantiles, straight between them, and flat beyond the outermost.
std::int64_t expected_over_w(const QuantileRow& row, std::int64_t limit_w) {
    const auto excess = [limit_w](std::int64_t w) { return std::max<std::int64_t>(w - limit_w, 0); };
    std::int64_t sum =
        quantiles_ppm.front() * excess(row.front()) + (whole_ppm - quantiles_ppm.back()) * excess(row.back());
    for (std::size_t q = 1; q < quantile_count; ++q) {
        const std::int64_t low = row[q - 1];
        const std::int64_t high = row[q];
        const std::int64_t share = quantiles_ppm[q] - quantiles_ppm[q - 1];
        if (high <= limit_w) {
            continue;
        }
        const std::int64_t mean =
            low >= limit_w ? (excess(low) + excess(high)) / 2
                           : multiply_divide_half_even(high - limit_w, high - limit_w, 2 * (high - low));
        sum += share * mean;
    }
    return divide_half_even(sum, whole_ppm);
}

/// The half-hours of `need` with its figures; the window ends behind the last half-hour that needs relief.
Overload overload_over(const RiskInput& input, Cause cause, UtcTime start, std::vector<std::int64_t> need_w) {
    while (!need_w.empty() && need_w.back() == 0) {
        need_w.pop_back();
    }
    HEADROOM_ASSERT(!need_w.empty());
    const std::int64_t peak = *std::max_element(need_w.begin(), need_w.end());
    std::int64_t sum = 0;
    for (const std::int64_t w : need_w) {
        sum += w;
    }
    const UtcTime end = start + period_length * static_cast<std::int64_t>(need_w.size());
    return Overload{.event = make_event_id(input.limit.key(), start),
                    .feeder = input.feeder,
                    .limit = input.limit,
                    .cause = cause,
                    .detected_at = input.now,
                    .start = start,
                    .end = end,
                    .peak_over = Watts{peak},
                    .peak_load = Watts{input.limit_w + peak},
                    .energy_over = energy_of(Watts{sum}, period_length),
                    .probability_ppm = whole_ppm,
                    .time_to_limit = milliseconds{0},
                    .level = level_of(input.limit_w + peak, input.limit_w),
                    .need = {.start = start, .w = std::move(need_w)},
                    .source = input.source};
}

/// A live overload lasts as the forecast's shape says when it is laid through the newest reading, and as long
/// as the rules say where there is no forecast.
Overload live_overload(const RiskInput& input, const Directed& directed) {
    const UtcTime start = floor_period(input.now);
    const std::int64_t load_w = directed.recent.back().w;
    const std::int64_t offset = (start - directed.forecast_start) / period_length;
    const auto row_at = [&](std::int64_t period) -> const QuantileRow* {
        const std::int64_t row = period + offset;
        return row >= 0 && std::cmp_less(row, directed.forecast.size())
                   ? &directed.forecast[static_cast<std::size_t>(row)]
                   : nullptr;
    };
    // The half-hour at hand is often no longer forecast; the shape is then taken from the next one on.
    const QuantileRow* reference = row_at(0) != nullptr ? row_at(0) : row_at(1);
    const std::int64_t horizon =
        std::max(input.rules.live_horizon_periods, input.rules.forecast_horizon_periods);
    std::vector<std::int64_t> need_w;
    for (std::int64_t period = 0; period < horizon; ++period) {
        const QuantileRow* row = row_at(period);
        const bool is_shaped = row != nullptr && reference != nullptr;
        if (!is_shaped && period >= input.rules.live_horizon_periods) {
            break;
        }
        const std::int64_t expected_w =
            period == 0 || !is_shaped ? load_w : load_w + (*row)[median] - (*reference)[median];
        if (expected_w <= input.limit_w) {
            break;
        }
        need_w.push_back(std::min(expected_w, load_max_w) - input.limit_w);
    }
    return overload_over(input, Cause::live, start, std::move(need_w));
}

std::optional<Overload> forecast_overload(const RiskInput& input, const Directed& directed) {
    const UtcTime first = floor_period(input.now);
    const UtcTime last = first + period_length * input.rules.forecast_horizon_periods;
    // Once begun, a window lasts until the load is clear of the limit: a dip within it is the same trouble.
    const bool is_held = input.rules.version >= 2;
    const std::int64_t end_w =
        is_held ? multiply_divide_half_even(input.limit_w, input.rules.clear_ppm, whole_ppm) : input.limit_w;
    UtcTime start{};
    std::vector<std::int64_t> need_w;
    std::int64_t probability = 0;
    std::int64_t expected_w = 0;
    for (std::size_t row = 0; row < directed.forecast.size(); ++row) {
        const UtcTime period = directed.forecast_start + period_length * static_cast<std::int64_t>(row);
        if (period < first) {
            continue;
        }
        const std::int64_t load_w = directed.forecast[row][directed.alarm];
        // A window that has begun within the horizon is followed to its end.
        if (need_w.empty() ? load_w <= input.limit_w || period >= last : load_w <= end_w) {
            if (!need_w.empty()) {
                break;
            }
            continue;
        }
        if (need_w.empty()) {
            start = period;
        }
        need_w.push_back(std::max<std::int64_t>(load_w - input.limit_w, 0));
        probability = std::max(probability, probability_over(directed.forecast[row], input.limit_w));
        expected_w += expected_over_w(directed.forecast[row], input.limit_w);
    }
    if (need_w.empty()) {
        return std::nullopt;
    }
    Overload overload = overload_over(input, Cause::forecast, start, std::move(need_w));
    overload.probability_ppm = probability;
    overload.time_to_limit = std::max(milliseconds{0}, start - input.now);
    if (is_held) {
        overload.alarm_quantile_ppm = input.rules.alarm_quantile_ppm;
        overload.expected_over = energy_of(Watts{expected_w}, period_length);
    }
    return overload;
}

}  // namespace

std::int64_t carried_quantile_ppm(double quantile) {
    const auto wanted = static_cast<std::int64_t>(std::llround(quantile * 1e6));
    const auto found = std::lower_bound(quantiles_ppm.begin(), quantiles_ppm.end(), wanted);
    return found == quantiles_ppm.end() ? quantiles_ppm.back() : *found;
}

std::int64_t alarm_quantile_of_costs(double missed_per_kwh, double needless_per_kwh) {
    HEADROOM_ASSERT(missed_per_kwh >= 0.0 && needless_per_kwh >= 0.0 &&
                    missed_per_kwh + needless_per_kwh > 0.0);
    return carried_quantile_ppm(missed_per_kwh / (missed_per_kwh + needless_per_kwh));
}

Result<std::optional<Overload>> assess(const RiskInput& input) {
    const Result<void> sound = check(input);
    if (!sound) {
        return sound.error();
    }
    const Result<std::size_t> alarm = alarm_position(input);
    if (!alarm) {
        return alarm.error();
    }
    const Directed directed = in_limit_direction(input, *alarm);
    if (is_over_now(input, directed.recent)) {
        return std::optional<Overload>(live_overload(input, directed));
    }
    return forecast_overload(input, directed);
}

}  // namespace headroom::risk
