#include "desk/series.hpp"

#include "core/units.hpp"
#include "desk/amounts.hpp"
#include "desk/feeder_ramp.hpp"
#include "desk/series_columns.hpp"
#include "forecast/live_sum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::desk {
namespace {

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

}  // namespace

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
                                static_cast<double>(whole_ppm);
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
    std::fill(loads.begin(), loads.end(), not_known);
    for (std::size_t i = 0; i < twin->values.size(); ++i) {
        const std::int64_t minute =
            (twin->start - from) / std::chrono::minutes{1} + static_cast<std::int64_t>(i);
        if (minute >= 0 && minute < static_cast<std::int64_t>(loads.size())) {
            loads[static_cast<std::size_t>(minute)] = static_cast<double>(twin->values[i]);
        }
    }
    return loads;
}

Awaitable<Result<std::vector<SeriesAnswer>>> SeriesDesk::read(SeriesQuery query) const {
    if (const Result<void> checked = check(query); !checked) {
        co_return checked.error();
    }
    std::vector<SeriesLine> lines;
    for (const std::string& name : query.points) {
        Result<telemetry::PointKey> key = parse_point(name);
        if (!key) {
            co_return key.error();
        }
        lines.push_back({.key = std::move(*key)});
    }
    for (SeriesLine& line : lines) {
        line.point = parts_.registry.find(line.key.point_id, line.key.quantity, line.key.phase);
        if (line.point == telemetry::no_point) {
            co_return Error{Errc::not_found, "no point " + line.key.text(), "/point"};
        }
    }
    const UtcTime now = parts_.clock.now();
    SeriesSteps steps = steps_of(query, now);
    Result<StoredLines> stored = co_await read_stored(parts_.series, lines, query, steps);
    const milliseconds in_memory = std::chrono::minutes{static_cast<std::int64_t>(parts_.minutes.minutes())};
    const bool may_be_longer = !query.step && steps.step < period_length && steps.from < now - in_memory;
    if (stored && may_be_longer && are_minutes_missing(*stored)) {
        // The minutes of then are not kept, or not yet: half-hours say more.
        query.step = seconds{1800};
        steps = steps_of(query, now);
        stored = co_await read_stored(parts_.series, lines, query, steps);
    }
    if (!stored) {
        co_return stored.error();
    }
    std::vector<SeriesAnswer> out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const SeriesLine& line = lines[i];
        SeriesAnswer answer{.point_id = line.key.text(),
                            .kind = query.kind == SeriesKind::without ? "without" : "measured",
                            .method = "measured",
                            .unit = unit_of(line.key.quantity),
                            .step_s = std::chrono::duration_cast<seconds>(steps.step).count(),
                            .start = steps.from,
                            .source = source_of(parts_, line.point),
                            .as_of = now};
        const StepColumns columns = columns_of(line, query, steps, *stored, i, now, answer.method);
        fill(answer, columns, query.aggregate);
        out.push_back(std::move(answer));
    }
    co_return out;
}

/// What is known of a line, the better source of each step first.
StepColumns SeriesDesk::columns_of(const SeriesLine& line, const SeriesQuery& query, const SeriesSteps& steps,
                                   const StoredLines& stored, std::size_t place, UtcTime now,
                                   std::string& method) const {
    const bool is_half_hours = steps.step >= period_length;
    const bool is_without = query.kind == SeriesKind::without;
    // Older minutes are not in memory.
    const milliseconds kept = std::chrono::minutes{static_cast<std::int64_t>(parts_.minutes.minutes())};
    const UtcTime from = std::max(steps.from, floor_to(now - kept, steps.step));
    StepColumns memory(steps.count);
    if (from < steps.to) {
        const std::vector<double> minutes =
            is_without ? minutes_without(line.key, line.point, from, steps.to, method)
                       : parts_.minutes.means_kw(line.point, from, steps.to);
        memory.add_minutes(minutes, steps, from);
    }
    if (is_without && !is_half_hours) {
        return memory;
    }
    StepColumns minutes(steps.count);
    if (!stored.minutes.empty() && !is_without) {
        minutes.add_summary(stored.minutes[place], steps);
    }
    minutes.join(memory);
    if (!is_half_hours) {
        return minutes;
    }
    StepColumns half_hours(steps.count);
    half_hours.add_summary(stored.half_hours[place], steps);
    for (std::size_t i = 0; i < steps.count && steps.step == period_length; ++i) {
        if (!std::isfinite(half_hours.mean[i])) {
            // It runs, or has just been closed.
            half_hours.put_mean(i, parts_.monitor.period_mean_kw(line.point, steps.at(i)));
        }
    }
    if (is_without) {
        // Half-hours before anything was asked are what was measured.
        memory.join(half_hours);
        return memory;
    }
    half_hours.join(minutes);
    return half_hours;
}

namespace {

void fill(ForecastAnswer& out, const std::optional<forecast::LoadForecast>& forecast) {
    if (!forecast) {
        return;
    }
    out.reason = forecast->reason;
    if (forecast->load_w.empty()) {
        return;
    }
    out.origin = forecast->origin;
    out.start = forecast->start;
    out.method = forecast::to_string(forecast->method);
    out.model = forecast->model;
    for (const auto& loads : forecast->load_w) {
        std::vector<double>& row = out.load_kw.emplace_back();
        for (const std::int32_t load_w : loads) {
            row.push_back(kw_of(std::int64_t{load_w}));
        }
    }
}

}  // namespace

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
    fill(out, parts_.monitor.forecast(point));
    out.ramp = ramp_of(parts_, point);
    return out;
}

Result<ForecastAnswer> SeriesDesk::forecast_ahead(std::string_view place, std::string_view phase,
                                                  std::int64_t half_hours) const {
    const std::optional<grid::Phase> parsed = grid::parse_phase(phase.empty() ? "sum" : phase);
    if (!parsed) {
        return Error{Errc::invalid, "phase must be L1, L2, L3, N or sum", "/phase"};
    }
    const telemetry::PointRef point = parts_.registry.find(place, grid::Quantity::p_kw, *parsed);
    if (point == telemetry::no_point) {
        return Error{Errc::not_found, "no feeder or substation " + std::string(place)};
    }
    const UtcTime now = parts_.clock.now();
    ForecastAnswer out{.point_id = parts_.registry.key(point).text(),
                       .method = "none",
                       .reason = "nothing was ever heard of this point",
                       .quantiles = {forecast::quantiles.begin(), forecast::quantiles.end()},
                       .source = source_of(parts_, point),
                       .as_of = now};
    out.ramp = ramp_of(parts_, point);
    std::optional<forecast::LoadForecast> own = parts_.monitor.forecast_ahead(point, now, half_hours);
    if (parts_.network.substation(place) == nullptr) {
        fill(out, own);
        return out;
    }
    // A substation's forecast agrees with those of its feeders, where all of them have one.
    std::vector<forecast::LoadForecast> feeders;
    for (const grid::Feeder& feeder : parts_.network.feeders()) {
        if (feeder.parent == place) {
            const telemetry::PointRef below =
                parts_.registry.find(feeder.id.value, grid::Quantity::p_kw, *parsed);
            feeders.push_back(
                parts_.monitor.forecast_ahead(below, now, half_hours).value_or(forecast::LoadForecast{}));
        }
    }
    const bool has_own = own && !own->load_w.empty();
    std::optional<forecast::LoadForecast> sum = forecast::coherent_sum(feeders, has_own ? &*own : nullptr);
    if (sum) {
        sum->reason = "sum of its " + std::to_string(feeders.size()) + " feeders";
        fill(out, sum);
    } else {
        fill(out, own);
        out.reason += std::string(out.reason.empty() ? "" : "; ") + "not all of its feeders have a forecast";
    }
    return out;
}

}  // namespace headroom::desk
