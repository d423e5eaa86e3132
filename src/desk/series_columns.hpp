#pragma once

#include "agents/series_store.hpp"
#include "desk/series.hpp"

#include <cstddef>
#include <limits>
#include <vector>

namespace headroom::desk {

// How a line of a chart is put together of what memory and store know.

/// A step's value where there is none.
inline constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/// A point of a query.
struct SeriesLine {
    telemetry::PointKey key;
    telemetry::PointRef point = telemetry::no_point;
};

/// The steps of an answer: whole, counted since 1970, none that has not begun.
struct SeriesSteps {
    UtcTime from{};
    UtcTime to{};
    milliseconds step{};
    std::size_t count = 0;
    [[nodiscard]] UtcTime at(std::size_t i) const { return from + step * static_cast<std::int64_t>(i); }
};
[[nodiscard]] SeriesSteps steps_of(const SeriesQuery& query, UtcTime now);
[[nodiscard]] UtcTime floor_to(UtcTime instant, milliseconds step);

/// What is known of each step; NaN = unknown.
struct StepColumns {
    explicit StepColumns(std::size_t count);

    std::vector<double> mean;
    std::vector<double> min;
    std::vector<double> max;
    std::vector<double> last;
    std::vector<double> sum;

    /// Minute means from `from` on, which is on the grid of the steps.
    void add_minutes(const std::vector<double>& minutes, const SeriesSteps& steps, UtcTime from);
    /// A summary on the same or a longer step, whose value then stands in each of the shorter ones.
    void add_summary(const store::SeriesSummary& summary, const SeriesSteps& steps);
    void put_mean(std::size_t at, double mean);
    /// Fills what is not known here, and widens the extremes.
    void join(const StepColumns& other);
};

struct StoredLines {
    std::vector<store::SeriesSummary> minutes;     ///< empty when they are not asked for
    std::vector<store::SeriesSummary> half_hours;  ///< the same
};

/// What the store has of these lines: minutes for short steps and for what means do not show, half-hours for
/// long steps.
Awaitable<Result<StoredLines>> read_stored(agents::SeriesStore& store, const std::vector<SeriesLine>& lines,
                                           const SeriesQuery& query, SeriesSteps steps);
/// There is nothing of the store's minutes in a range that is longer than memory shows.
[[nodiscard]] bool are_minutes_missing(const StoredLines& stored);
void fill(SeriesAnswer& answer, const StepColumns& columns, SeriesAggregate aggregate);

}  // namespace headroom::desk
