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
enum class SeriesAggregate { mean, max, min, sum, last, minmax };

struct SeriesQuery {
    std::vector<std::string> points = {};  ///< "F-001/p_kw/L1"
    UtcTime from{};
    UtcTime to{};
    std::optional<seconds> step = {};  ///< whole minutes; without it as short as `values_wanted` allows
    std::int64_t values_wanted = 500;  ///< of each point, at most
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
    std::vector<std::optional<double>> min = {};
    std::vector<std::optional<double>> max = {};
    std::string source = {};
    UtcTime as_of{};
};

struct RampLeadAnswer {
    std::int64_t lead_s = 0;
    std::vector<double> mw_per_min = {};
};

struct RampAnswer {
    std::string reason = {};
    std::optional<UtcTime> origin = {};
    std::int64_t cadence_s = 0;
    std::vector<RampLeadAnswer> leads = {};
};

struct ForecastAnswer {
    std::string point_id = {};
    std::optional<UtcTime> origin = {};
    std::string method = {};
    std::string reason = {};
    std::string model = {};
    std::int64_t step_s = 1800;
    std::optional<UtcTime> start = {};
    std::vector<double> quantiles = {};
    std::vector<std::vector<double>> load_kw = {};
    RampAnswer ramp = {};
    std::string source = {};
    UtcTime as_of{};
};

/// So many values of one point are answered at once.
inline constexpr std::int64_t series_values_max = 20'000;
inline constexpr std::size_t series_points_max = 50;
inline constexpr seconds series_step_max{31 * 86'400};

/// "F-001/p_kw/L1". Errors: `invalid` with "/point".
[[nodiscard]] Result<telemetry::PointKey> parse_point(std::string_view text);
/// Errors: `invalid` naming the parameter.
[[nodiscard]] Result<void> check(const SeriesQuery& query);
/// The shortest of some round steps on which [from, to) has at most so many.
[[nodiscard]] seconds step_for(UtcTime from, UtcTime to, std::int64_t values);

struct SeriesLine;
struct SeriesSteps;
struct StoredLines;
struct StepColumns;

/// Loads over time: minutes of the last hours from memory, older minutes and half-hours from the store, and
/// the line had nothing been asked. Peaks stay however long the steps are: `min`, `max` and `minmax` are
/// those of all that is known of a step.
class SeriesDesk {
  public:
    explicit SeriesDesk(const Parts& parts) : parts_(parts) {}

    /// One answer for each point, in the order asked, all on one step. Errors: `invalid` naming the
    /// parameter, `not_found` for an unknown point.
    Awaitable<Result<std::vector<SeriesAnswer>>> read(SeriesQuery query) const;
    [[nodiscard]] Result<ForecastAnswer> forecast(std::string_view point) const;
    /// A forecast of a place's phase made now, up to two days ahead. Errors: `not_found` for an unknown
    /// place, `invalid` for a phase that is none.
    [[nodiscard]] Result<ForecastAnswer> forecast_ahead(std::string_view place, std::string_view phase,
                                                        std::int64_t half_hours) const;

  private:
    [[nodiscard]] StepColumns columns_of(const SeriesLine& line, const SeriesQuery& query,
                                         const SeriesSteps& steps, const StoredLines& stored,
                                         std::size_t place, UtcTime now, std::string& method) const;
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
    static constexpr auto table = field_table(
        field("point_id", &T::point_id, "Place, quantity and phase."),
        field("kind", &T::kind, "measured, or without: the load had nothing been asked."),
        field("method", &T::method, "measured; simulated_twin or measured_plus_delivery for `without`."),
        field("unit", &T::unit, "Unit of the values."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("start", &T::start, "Start of the first step."),
        field("values", &T::values, "One value per step, the mean for minmax; null = unknown, never 0."),
        field("min", &T::min, "Smallest value of each step; empty unless agg is minmax."),
        field("max", &T::max, "Largest value of each step; empty unless agg is minmax."),
        field("source", &T::source, "Where the newest reading came from."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

template <>
struct Fields<desk::RampLeadAnswer> {
    using T = desk::RampLeadAnswer;
    static constexpr std::string_view name = "RampLead";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("lead_s", &T::lead_s, "How far ahead of the newest reading.", {.unit = "s"}),
        field("mw_per_min", &T::mw_per_min,
              "Mean change of the load a minute until then, at each quantile; positive where it rises.",
              {.unit = "MW/min"}));
};

template <>
struct Fields<desk::RampAnswer> {
    using T = desk::RampAnswer;
    static constexpr std::string_view name = "Ramp";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("reason", &T::reason, "Why there are no leads; empty when there are."),
        field("origin", &T::origin, "End of the newest reading, from which it is told; null without one."),
        field("cadence_s", &T::cadence_s, "Distance of the point's readings; 0 before it is known.",
              {.unit = "s"}),
        field("leads", &T::leads,
              "Ascending: 5, 15, 30 and 60 min, as far as the readings' distance divides them."));
};

template <>
struct Fields<desk::ForecastAnswer> {
    using T = desk::ForecastAnswer;
    static constexpr std::string_view name = "Forecast";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("point_id", &T::point_id, "Place, quantity and phase."),
        field("origin", &T::origin, "Nothing later than this was known; null without a forecast."),
        field("method", &T::method, "ensemble, ridge, seasonal_naive, persistence or none."),
        field("reason", &T::reason, "Why a fallback was used; empty for the first choice."),
        field("model", &T::model, "Id of the learnt model that made it; empty for another method."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("start", &T::start, "Start of the first half-hour."),
        field("quantiles", &T::quantiles, "Ascending."),
        field("load_kw", &T::load_kw, "For each half-hour the load at each quantile.", {.unit = "kW"}),
        field("ramp", &T::ramp,
              "How fast the load will change, from the newest reading on, at the same quantiles."),
        field("source", &T::source, "Where the newest reading came from."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

}  // namespace headroom
