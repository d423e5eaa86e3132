#pragma once

#include "core/async.hpp"
#include "core/reflect.hpp"
#include "desk/parts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::desk {

enum class SeriesKind { measured, without };
enum class SeriesAggregate { mean, max };

struct SeriesQuery {
    std::string point = {};  ///< "F-001/p_kw/L1"
    UtcTime from{};
    UtcTime to{};
    seconds step{1800};  ///< 60, 300 or 1800
    SeriesAggregate aggregate = SeriesAggregate::mean;
    SeriesKind kind = SeriesKind::measured;
};

struct SeriesAnswer {
    std::string point_id = {};
    std::string kind = {};
    std::string method = {};
    std::string unit = {};
    std::int64_t step_s = 0;
    UtcTime start{};
    std::vector<std::optional<double>> values = {};
    std::string source = {};
    UtcTime as_of{};
};

struct ForecastAnswer {
    std::string point_id = {};
    std::optional<UtcTime> origin = {};
    std::string method = {};
    std::string reason = {};
    std::int64_t step_s = 1800;
    std::optional<UtcTime> start = {};
    std::vector<double> quantiles = {};
    std::vector<std::vector<double>> load_kw = {};
    std::string source = {};
    UtcTime as_of{};
};

/// So many values are answered at once.
inline constexpr std::int64_t series_values_max = 20'000;

/// "F-001/p_kw/L1". Errors: `invalid` with "/point".
[[nodiscard]] Result<telemetry::PointKey> parse_point(std::string_view text);

/// Loads over time: minutes of the last hours from memory, half-hours from the store, and the line had
/// nothing been asked.
class SeriesDesk {
  public:
    explicit SeriesDesk(const Parts& parts) : parts_(parts) {}

    /// Errors: `invalid` naming the parameter, `not_found` for an unknown point.
    Awaitable<Result<SeriesAnswer>> read(SeriesQuery query) const;
    [[nodiscard]] Result<ForecastAnswer> forecast(std::string_view point) const;

  private:
    [[nodiscard]] std::vector<double> minutes_without(const telemetry::PointKey& key,
                                                      telemetry::PointRef point, UtcTime from, UtcTime to,
                                                      std::string& method) const;
    void add_delivery(const telemetry::PointKey& key, UtcTime from, std::vector<double>& loads) const;

    const Parts& parts_;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::SeriesAnswer> {
    using T = desk::SeriesAnswer;
    static constexpr std::string_view name = "Series";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("point_id", &T::point_id, "Place, quantity and phase."),
        field("kind", &T::kind, "measured, or without: the load had nothing been asked."),
        field("method", &T::method, "measured; simulated_twin or measured_plus_delivery for `without`."),
        field("unit", &T::unit, "Unit of the values."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("start", &T::start, "Start of the first step."),
        field("values", &T::values, "One value per step; null = unknown, never 0."),
        field("source", &T::source, "Where the newest reading came from."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

template <>
struct Fields<desk::ForecastAnswer> {
    using T = desk::ForecastAnswer;
    static constexpr std::string_view name = "Forecast";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("point_id", &T::point_id, "Place, quantity and phase."),
        field("origin", &T::origin, "Nothing later than this was known; null without a forecast."),
        field("method", &T::method, "ridge, seasonal_naive, persistence or none."),
        field("reason", &T::reason, "Why a fallback was used; empty for the first choice."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("start", &T::start, "Start of the first half-hour."),
        field("quantiles", &T::quantiles, "Ascending."),
        field("load_kw", &T::load_kw, "For each half-hour the load at each quantile.", {.unit = "kW"}),
        field("source", &T::source, "Where the newest reading came from."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

}  // namespace headroom
