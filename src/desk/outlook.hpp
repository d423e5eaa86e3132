#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "core/reflect.hpp"
#include "core/result.hpp"
#include "telemetry/point_registry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::agents {
class WeekAhead;
}

namespace headroom::desk {

/// Beyond the live forecasts: from the weeks before alone.
struct OutlookAnswer {
    std::string point_id = {};
    UtcTime origin{};
    std::string reason = {};
    std::int64_t step_s = 1800;
    std::optional<UtcTime> start = {};
    std::vector<double> quantiles = {};
    std::vector<std::vector<double>> load_kw = {};
    std::int64_t days_known = 0;
    std::int64_t days_judged = 0;
    bool is_watched = false;
    UtcTime as_of{};
};

/// What the week ahead looks like. What it refers to outlives it.
class OutlookDesk {
  public:
    OutlookDesk(agents::WeekAhead& week_ahead, const telemetry::PointRegistry& registry,
                const DomainClock& clock)
        : week_ahead_(week_ahead), registry_(registry), clock_(clock) {}

    /// An outlook of a place's phase made now, from two days to a week ahead. Errors: `not_found` for an
    /// unknown place, `invalid` for a phase that is none.
    Awaitable<Result<OutlookAnswer>> outlook(std::string place, std::string phase) const;

  private:
    agents::WeekAhead& week_ahead_;
    const telemetry::PointRegistry& registry_;
    const DomainClock& clock_;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::OutlookAnswer> {
    using T = desk::OutlookAnswer;
    static constexpr std::string_view name = "Outlook";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("point_id", &T::point_id, "Place, quantity and phase."),
        field("origin", &T::origin, "Nothing later than this was known."),
        field("reason", &T::reason, "Why there is none; empty when there is one."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("start", &T::start, "Start of the first half-hour, two days ahead; null without an outlook."),
        field("quantiles", &T::quantiles, "Ascending."),
        field(
            "load_kw", &T::load_kw,
            "For each half-hour the load at each quantile; it ends where too few days tell how far it errs.",
            {.unit = "kW"}),
        field("days_known", &T::days_known,
              "Of the last twelve weeks, with at least half of their half-hours."),
        field("days_judged", &T::days_judged, "Whose errors make the spread, where they are fewest."),
        field("is_watched", &T::is_watched, "Overloads in it are raised, to be armed for: the rules say so."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

}  // namespace headroom
