#include "desk/series.hpp"

#include "desk/amounts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headroom::desk {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t ppm = 1'000'000;

UtcTime floor_to(UtcTime instant, milliseconds step) {
    const std::int64_t ms = instant.time_since_epoch().count();
    return UtcTime{milliseconds{ms - ((ms % step.count()) + step.count()) % step.count()}};
}

/// Groups of `size` neighbours in one; unknown ones are passed over, a group of unknowns is unknown.
std::vector<double> grouped(const std::vector<double>& values, std::size_t size, SeriesAggregate aggregate) {
    std::vector<double> out;
    for (std::size_t begin = 0; begin < values.size(); begin += size) {
        double sum = 0.0;
        double largest = -std::numeric_limits<double>::infinity();
        std::size_t known = 0;
        for (std::size_t i = begin; i < std::min(values.size(), begin + size); ++i) {
            if (std::isfinite(values[i])) {
                sum += values[i];
                largest = std::max(largest, values[i]);
                ++known;
            }
        }
        out.push_back(known == 0                          ? nan
                      : aggregate == SeriesAggregate::max ? largest
                                                          : sum / static_cast<double>(known));
    }
    return out;
}

std::vector<std::optional<double>> answered(const std::vector<double>& values) {
    std::vector<std::optional<double>> out;
    out.reserve(values.size());
    for (const double value : values) {
        out.push_back(known_kw(value));
    }
    return out;
}

std::string unit_of(grid::Quantity quantity) {
    switch (quantity) {
        case grid::Quantity::p_kw:
            return "kW";
        case grid::Quantity::q_kvar:
            return "kvar";
        case grid::Quantity::s_kva:
            return "kVA";
        case grid::Quantity::i_a:
            return "A";
        case grid::Quantity::v_v:
            return "V";
        case grid::Quantity::f_hz:
            return "Hz";
        case grid::Quantity::temp_c:
            return "°C";
        case grid::Quantity::soc_pct:
            return "%";
    }
    HEADROOM_ASSERT(false && "a quantity without a unit");
    return {};
}

std::string source_of(const Parts& parts, telemetry::PointRef point) {
    const monitor::PointView view = parts.monitor.view(point);
    return view.readings > 0 ? parts.registry.source(view.source) : std::string();
}

Result<void> check(const SeriesQuery& query) {
    const std::int64_t step = query.step.count();
    if (step != 60 && step != 300 && step != 1800) {
        return Error{Errc::invalid, "step must be 60, 300 or 1800 seconds", "/step"};
    }
    if (query.to <= query.from) {
        return Error{Errc::invalid, "to must be later than from", "/to"};
    }
    if ((query.to - query.from) / query.step > series_values_max) {
        return Error{Errc::invalid,
                     "from and to are too far apart: at most " + std::to_string(series_values_max) +
                         " values are answered at once",
                     "/from"};
    }
    return {};
}

}  // namespace

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

/// Measured load plus what devices were seen to give, minute by minute: each device's load when it was first
/// told, minus what its meter shows, as far as it counts on the point's phase.
void SeriesDesk::add_delivery(const telemetry::PointKey& key, UtcTime from,
                              std::vector<double>& loads) const {
    const UtcTime to = from + std::chrono::minutes{static_cast<std::int64_t>(loads.size())};
    parts_.orchestration.visit([&](const agents::EventRecord& record) {
        const agents::Moment* fired = record.moment("fired");
        if (record.overload.feeder != key.point_id || record.overload.limit.phase != key.phase ||
            fired == nullptr || fired->at >= to || record.overload.end <= from) {
            return;
        }
        const double sign = record.overload.limit.direction == grid::Direction::export_ ? -1.0 : 1.0;
        for (const agents::Assignment& assignment : record.assignments) {
            const telemetry::PointRef meter =
                parts_.registry.find(assignment.der, grid::Quantity::p_kw, grid::Phase::sum);
            if (meter == telemetry::no_point || assignment.instructions.empty()) {
                continue;
            }
            const std::vector<double> metered = parts_.minutes.means_kw(meter, from, to);
            for (std::size_t i = 0; i < loads.size() && i < metered.size(); ++i) {
                const UtcTime at = from + std::chrono::minutes{static_cast<std::int64_t>(i)};
                if (at >= fired->at && at < record.overload.end && std::isfinite(metered[i])) {
                    const double given = sign * (kw_of(assignment.baseline) - metered[i]);
                    loads[i] += sign * std::max(0.0, given) * static_cast<double>(assignment.relief_ppm) /
                                static_cast<double>(ppm);
                }
            }
        }
    });
}

std::vector<double> SeriesDesk::minutes_without(const telemetry::PointKey& key, telemetry::PointRef point,
                                                UtcTime from, UtcTime to, std::string& method) const {
    std::vector<double> loads = parts_.minutes.means_kw(point, from, to);
    const std::optional<store::SeriesBlock> twin =
        parts_.without ? parts_.without(key, from, to) : std::nullopt;
    if (!twin) {
        method = "measured_plus_delivery";
        add_delivery(key, from, loads);
        return loads;
    }
    method = "simulated_twin";
    std::fill(loads.begin(), loads.end(), nan);
    for (std::size_t i = 0; i < twin->values.size(); ++i) {
        const std::int64_t minute =
            (twin->start - from) / std::chrono::minutes{1} + static_cast<std::int64_t>(i);
        if (minute >= 0 && minute < static_cast<std::int64_t>(loads.size())) {
            loads[static_cast<std::size_t>(minute)] = static_cast<double>(twin->values[i]);
        }
    }
    return loads;
}

Awaitable<Result<SeriesAnswer>> SeriesDesk::read(SeriesQuery query) const {
    const Result<telemetry::PointKey> key = parse_point(query.point);
    const Result<void> checked = check(query);
    if (!key || !checked) {
        co_return !key ? key.error() : checked.error();
    }
    const telemetry::PointRef point = parts_.registry.find(key->point_id, key->quantity, key->phase);
    if (point == telemetry::no_point) {
        co_return Error{Errc::not_found, "no point " + query.point, "/point"};
    }
    const UtcTime now = parts_.clock.now();
    const UtcTime from = floor_to(query.from, query.step);
    const UtcTime to = std::min(floor_to(query.to + query.step - milliseconds{1}, query.step),
                                floor_to(now, query.step) + query.step);
    const bool is_half_hours = query.step == seconds{1800};
    const bool is_without = query.kind == SeriesKind::without;
    SeriesAnswer out{.point_id = key->text(),
                     .kind = is_without ? "without" : "measured",
                     .method = "measured",
                     .unit = unit_of(key->quantity),
                     .step_s = query.step.count(),
                     .start = from,
                     .source = source_of(parts_, point),
                     .as_of = now};
    if (to <= from) {
        co_return out;
    }
    std::vector<double> values;
    if (is_half_hours) {
        std::vector<std::string> keys{key->text()};
        const std::vector<store::SeriesBlock> blocks = co_await parts_.series.read(std::move(keys), from, to);
        values.assign(static_cast<std::size_t>((to - from) / query.step), nan);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const UtcTime at = from + query.step * static_cast<std::int64_t>(i);
            values[i] =
                i < blocks.front().values.size() ? static_cast<double>(blocks.front().values[i]) : nan;
            if (!std::isfinite(values[i])) {
                values[i] = parts_.monitor.period_mean_kw(point, at);  // runs, or has just been closed
            }
        }
    }
    const auto group = static_cast<std::size_t>(query.step / seconds{60});
    if (!is_half_hours || is_without || query.aggregate == SeriesAggregate::max) {
        std::vector<double> loads = is_without ? minutes_without(*key, point, from, to, out.method)
                                               : parts_.minutes.means_kw(point, from, to);
        loads = grouped(loads, group, query.aggregate);
        // Half-hours before anything was asked are what was measured.
        values.resize(loads.size(), nan);
        for (std::size_t i = 0; i < loads.size(); ++i) {
            values[i] = std::isfinite(loads[i]) ? loads[i] : values[i];
        }
    }
    out.values = answered(values);
    co_return out;
}

Result<ForecastAnswer> SeriesDesk::forecast(std::string_view text) const {
    const Result<telemetry::PointKey> key = parse_point(text);
    if (!key) {
        return key.error();
    }
    const telemetry::PointRef point = parts_.registry.find(key->point_id, key->quantity, key->phase);
    if (point == telemetry::no_point) {
        return Error{Errc::not_found, "no point " + std::string(text), "/point"};
    }
    ForecastAnswer out{.point_id = key->text(),
                       .method = "none",
                       .reason = "no forecast has been made for this point",
                       .quantiles = {forecast::quantiles.begin(), forecast::quantiles.end()},
                       .source = source_of(parts_, point),
                       .as_of = parts_.clock.now()};
    const std::optional<forecast::LoadForecast> forecast = parts_.monitor.forecast(point);
    if (!forecast || forecast->load_w.empty()) {
        return out;
    }
    out.origin = forecast->origin;
    out.start = forecast->start;
    out.method = forecast::to_string(forecast->method);
    out.reason = forecast->reason;
    for (const auto& loads : forecast->load_w) {
        std::vector<double>& row = out.load_kw.emplace_back();
        for (const std::int32_t load_w : loads) {
            row.push_back(kw_of(std::int64_t{load_w}));
        }
    }
    return out;
}

}  // namespace headroom::desk
