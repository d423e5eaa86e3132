#include "risk/overload.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "risk/risk_json.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace headroom::risk {
namespace {

constexpr std::array causes{Cause::live, Cause::forecast, Cause::person};
constexpr std::array levels{Level::low, Level::medium, Level::high, Level::critical};

json::Value need_json(const PeriodPower& need) {
    return json::object(
        {{"start", format_utc(need.start)}, {"w", json::Array(need.w.begin(), need.w.end())}});
}

Result<PeriodPower> need_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PeriodPower need;
    need.start = read.time("start");
    need.w = read.integers("w", periods_max, 0, load_max_w);
    if (read.ok() && floor_period(need.start) != need.start) {
        read.refuse("start", format_utc(need.start) + " is not the start of a half-hour");
    }
    read.refuse_unknown();
    return read.ok() ? Result<PeriodPower>(std::move(need)) : read.error();
}

std::optional<grid::Phase> exact_phase(std::string_view text) {
    const std::optional<grid::Phase> phase = grid::parse_phase(text);
    return phase && grid::to_string(*phase) == text ? phase : std::nullopt;
}

}  // namespace

std::string_view to_string(Cause cause) {
    return cause == Cause::live ? "live" : cause == Cause::forecast ? "forecast" : "person";
}

std::string_view to_string(Level level) {
    switch (level) {
        case Level::low:
            return "low";
        case Level::medium:
            return "medium";
        case Level::high:
            return "high";
        case Level::critical:
            return "critical";
    }
    HEADROOM_ASSERT(false && "a level without a word");
    return {};
}

std::optional<Cause> parse_cause(std::string_view text) {
    for (const Cause cause : causes) {
        if (to_string(cause) == text) {
            return cause;
        }
    }
    return std::nullopt;
}

std::optional<Level> parse_level(std::string_view text) {
    for (const Level level : levels) {
        if (to_string(level) == text) {
            return level;
        }
    }
    return std::nullopt;
}

Level level_of(std::int64_t load_w, std::int64_t limit_w) {
    HEADROOM_ASSERT(limit_w > 0 && load_w <= load_max_w);
    if (load_w * 100 > limit_w * 120) {
        return Level::critical;
    }
    if (load_w * 100 > limit_w * 105) {
        return Level::high;
    }
    return load_w > limit_w ? Level::medium : Level::low;
}

json::Value limit_json(const grid::Limit& limit) {
    return json::object({{"asset", limit.asset},
                         {"quantity", grid::to_string(limit.quantity)},
                         {"phase", grid::to_string(limit.phase)},
                         {"direction", grid::to_string(limit.direction)},
                         {"kind", grid::to_string(limit.kind)},
                         {"emergency_minutes", limit.emergency_minutes},
                         {"season", grid::to_string(limit.season)},
                         {"value_thousandths", std::lround(limit.value * 1000.0)},
                         {"source", limit.source},
                         {"verified_by", limit.verified_by}});
}

Result<grid::Limit> limit_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    grid::Limit limit;
    limit.asset = read.text("asset", 64, 1);
    limit.quantity = read.word("quantity", grid::parse_quantity);
    limit.phase = read.word("phase", exact_phase);
    limit.direction = read.word("direction", grid::parse_direction);
    limit.kind = read.word("kind", grid::parse_limit_kind);
    limit.emergency_minutes = static_cast<int>(read.integer("emergency_minutes", 0, 100'000));
    limit.season = read.word("season", grid::parse_season);
    limit.value = static_cast<double>(read.integer("value_thousandths", 1, load_max_w)) / 1000.0;
    limit.source = read.text("source", 1024);
    limit.verified_by = read.text("verified_by", 1024);
    read.refuse_unknown();
    return read.ok() ? Result<grid::Limit>(std::move(limit)) : read.error();
}

json::Value to_json(const Overload& overload) {
    json::Object out = json::object({{"event", overload.event.value},
                                     {"feeder", overload.feeder},
                                     {"limit", limit_json(overload.limit)},
                                     {"cause", to_string(overload.cause)},
                                     {"detected_at", format_utc(overload.detected_at)},
                                     {"start", format_utc(overload.start)},
                                     {"end", format_utc(overload.end)},
                                     {"peak_over_w", overload.peak_over.value},
                                     {"peak_load_w", overload.peak_load.value},
                                     {"energy_over_wh", overload.energy_over.value},
                                     {"probability_ppm", overload.probability_ppm},
                                     {"time_to_limit_ms", overload.time_to_limit.count()},
                                     {"level", to_string(overload.level)},
                                     {"need", need_json(overload.need)},
                                     {"source", overload.source}});
    if (overload.alarm_quantile_ppm > 0) {
        out.set("alarm_quantile_ppm", overload.alarm_quantile_ppm);
        out.set("expected_over_wh", overload.expected_over.value);
    }
    return out;
}

Result<Overload> overload_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Overload overload;
    overload.event = EventId{read.text("event", 64, 1)};
    overload.feeder = read.text("feeder", 64, 1);
    overload.limit = read.take("limit", limit_from_json(read.value("limit")));
    overload.cause = read.word("cause", parse_cause);
    overload.detected_at = read.time("detected_at");
    overload.start = read.time("start");
    overload.end = read.time("end");
    overload.peak_over = Watts{read.integer("peak_over_w", 0, load_max_w)};
    overload.peak_load = Watts{read.integer("peak_load_w", -load_max_w, load_max_w)};
    overload.energy_over = WattHours{read.integer("energy_over_wh", 0)};
    overload.probability_ppm = read.integer("probability_ppm", 0, 1'000'000);
    overload.time_to_limit = milliseconds{read.integer("time_to_limit_ms", 0)};
    overload.alarm_quantile_ppm = read.optional_integer("alarm_quantile_ppm", 1, 1'000'000).value_or(0);
    overload.expected_over = WattHours{
        read.optional_integer("expected_over_wh", 0, std::numeric_limits<std::int64_t>::max()).value_or(0)};
    overload.level = read.word("level", parse_level);
    overload.need = read.take("need", need_from_json(read.value("need")));
    overload.source = read.text("source", 1024);
    if (read.ok() && overload.end <= overload.start) {
        read.refuse("end", format_utc(overload.end) + " is not after start");
    }
    read.refuse_unknown();
    return read.ok() ? Result<Overload>(std::move(overload)) : read.error();
}

}  // namespace headroom::risk
