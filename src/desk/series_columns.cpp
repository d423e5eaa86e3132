#include "desk/series_columns.hpp"

#include "desk/amounts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::desk {
namespace {

constexpr std::array<std::int64_t, 18> round_steps_s{
    60,     120,    300,    600,     900,     1'800,   3'600,     7'200,     10'800,
    21'600, 43'200, 86'400, 172'800, 604'800, 864'000, 1'209'600, 1'814'400, 2'678'400};

std::vector<std::optional<double>> answered(const std::vector<double>& values) {
    std::vector<std::optional<double>> out;
    out.reserve(values.size());
    for (const double value : values) {
        out.push_back(known_kw(value));
    }
    return out;
}

std::int64_t steps_between(UtcTime from, UtcTime to, milliseconds step) {
    return (floor_to(to + step - milliseconds{1}, step) - floor_to(from, step)) / step;
}

double smaller(double a, double b) {
    return std::isnan(a) || b < a ? b : a;
}
double larger(double a, double b) {
    return std::isnan(a) || b > a ? b : a;
}

}  // namespace

UtcTime floor_to(UtcTime instant, milliseconds step) {
    const std::int64_t ms = instant.time_since_epoch().count();
    return UtcTime{milliseconds{ms - ((ms % step.count()) + step.count()) % step.count()}};
}

Result<telemetry::PointKey> parse_point(std::string_view text) {
    const Error wrong{Errc::invalid, "a point is named place/quantity/phase, like F-001/p_kw/L1", "/point"};
    const std::size_t first = text.find('/');
    const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
    if (second == std::string_view::npos || first == 0 || text.size() > 256) {
        return wrong;
    }
    const auto quantity = grid::parse_quantity(text.substr(first + 1, second - first - 1));
    const auto phase = grid::parse_phase(text.substr(second + 1));
    if (!quantity || !phase) {
        return wrong;
    }
    return telemetry::PointKey{std::string(text.substr(0, first)), *quantity, *phase};
}

Result<void> check(const SeriesQuery& query) {
    if (query.points.empty() || query.points.size() > series_points_max) {
        return Error{Errc::invalid,
                     "1 to " + std::to_string(series_points_max) + " points are answered at once", "/point"};
    }
    if (query.step &&
        (*query.step < seconds{60} || *query.step > series_step_max || query.step->count() % 60 != 0)) {
        return Error{Errc::invalid,
                     "step is whole minutes in seconds: 60, 120 … " + std::to_string(series_step_max.count()),
                     "/step"};
    }
    if (query.values_wanted < 1 || query.values_wanted > series_values_max) {
        return Error{Errc::invalid, "points must be 1 to " + std::to_string(series_values_max), "/points"};
    }
    if (query.to <= query.from) {
        return Error{Errc::invalid, "to must be later than from", "/to"};
    }
    if (query.step && (query.to - query.from) / *query.step > series_values_max) {
        return Error{Errc::invalid,
                     "from and to are too far apart: at most " + std::to_string(series_values_max) +
                         " values of a point are answered at once",
                     "/from"};
    }
    return {};
}

seconds step_for(UtcTime from, UtcTime to, std::int64_t values) {
    for (const std::int64_t step_s : round_steps_s) {
        if (steps_between(from, to, seconds{step_s}) <= values) {
            return seconds{step_s};
        }
    }
    return series_step_max;
}

SeriesSteps steps_of(const SeriesQuery& query, UtcTime now) {
    SeriesSteps steps;
    steps.step = query.step ? *query.step : step_for(query.from, query.to, query.values_wanted);
    steps.from = floor_to(query.from, steps.step);
    steps.to = std::min(floor_to(query.to + steps.step - milliseconds{1}, steps.step),
                        floor_to(now, steps.step) + steps.step);
    steps.to = std::max(steps.from, steps.to);
    steps.count = static_cast<std::size_t>((steps.to - steps.from) / steps.step);
    return steps;
}

StepColumns::StepColumns(std::size_t count)
    : mean(count, not_known),
      min(count, not_known),
      max(count, not_known),
      last(count, not_known),
      sum(count, not_known) {}

void StepColumns::put_mean(std::size_t at, double value) {
    mean[at] = min[at] = max[at] = last[at] = sum[at] = value;
}

void StepColumns::add_minutes(const std::vector<double>& minutes, const SeriesSteps& steps, UtcTime from) {
    const auto group = static_cast<std::size_t>(steps.step / std::chrono::minutes{1});
    auto at = static_cast<std::size_t>((from - steps.from) / steps.step);
    for (std::size_t begin = 0; begin < minutes.size() && at < mean.size(); begin += group, ++at) {
        double total = 0.0;
        std::size_t known = 0;
        for (std::size_t i = begin; i < std::min(minutes.size(), begin + group); ++i) {
            if (std::isfinite(minutes[i])) {
                total += minutes[i];
                min[at] = smaller(min[at], minutes[i]);
                max[at] = larger(max[at], minutes[i]);
                last[at] = minutes[i];
                ++known;
            }
        }
        if (known > 0) {
            mean[at] = total / static_cast<double>(known);
            sum[at] = total;
        }
    }
}

void StepColumns::add_summary(const store::SeriesSummary& summary, const SeriesSteps& steps) {
    if (summary.mean.empty()) {
        return;
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
        const UtcTime at = steps.at(i);
        if (at < summary.start) {
            continue;
        }
        const auto place = static_cast<std::size_t>((at - summary.start) / summary.step);
        if (place >= summary.mean.size() || summary.count[place] == 0) {
            continue;
        }
        mean[i] = static_cast<double>(summary.mean[place]);
        min[i] = static_cast<double>(summary.min[place]);
        max[i] = static_cast<double>(summary.max[place]);
        last[i] = static_cast<double>(summary.last[place]);
        sum[i] = mean[i] * summary.count[place];
    }
}

void StepColumns::join(const StepColumns& other) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
        if (!std::isfinite(other.mean[i])) {
            continue;
        }
        if (!std::isfinite(mean[i])) {
            mean[i] = other.mean[i];
            last[i] = other.last[i];
            sum[i] = other.sum[i];
        }
        min[i] = smaller(min[i], other.min[i]);
        max[i] = larger(max[i], other.max[i]);
    }
}

Awaitable<Result<StoredLines>> read_stored(agents::SeriesStore& store, const std::vector<SeriesLine>& lines,
                                           const SeriesQuery& query, SeriesSteps steps) {
    StoredLines out;
    if (steps.count == 0) {
        out.half_hours.resize(lines.size());
        co_return out;
    }
    const bool is_long = steps.step >= period_length;
    const bool wants_minutes =
        query.kind == SeriesKind::measured && (!is_long || query.aggregate != SeriesAggregate::mean);
    std::vector<std::string> minutes;
    std::vector<std::string> half_hours;
    for (const SeriesLine& line : lines) {
        minutes.push_back(agents::minutes_key(line.key.text()));
        half_hours.push_back(line.key.text());
    }
    if (wants_minutes) {
        Result<std::vector<store::SeriesSummary>> read =
            co_await store.summarise(std::move(minutes), steps.from, steps.to, steps.step);
        if (!read) {
            co_return read.error();
        }
        out.minutes = std::move(*read);
    }
    if (is_long) {
        Result<std::vector<store::SeriesSummary>> read =
            co_await store.summarise(std::move(half_hours), steps.from, steps.to, steps.step);
        if (!read) {
            co_return read.error();
        }
        out.half_hours = std::move(*read);
    }
    co_return out;
}

bool are_minutes_missing(const StoredLines& stored) {
    return std::all_of(stored.minutes.begin(), stored.minutes.end(), [](const store::SeriesSummary& line) {
        return std::all_of(line.count.begin(), line.count.end(),
                           [](std::uint32_t count) { return count == 0; });
    });
}

void fill(SeriesAnswer& answer, const StepColumns& columns, SeriesAggregate aggregate) {
    switch (aggregate) {
        case SeriesAggregate::mean:
            answer.values = answered(columns.mean);
            break;
        case SeriesAggregate::max:
            answer.values = answered(columns.max);
            break;
        case SeriesAggregate::min:
            answer.values = answered(columns.min);
            break;
        case SeriesAggregate::sum:
            answer.values = answered(columns.sum);
            break;
        case SeriesAggregate::last:
            answer.values = answered(columns.last);
            break;
        case SeriesAggregate::minmax:
            answer.values = answered(columns.mean);
            answer.min = answered(columns.min);
            answer.max = answered(columns.max);
            break;
    }
}

}  // namespace headroom::desk
