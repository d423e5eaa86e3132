#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Where nothing is known.
inline constexpr double unknown_value = std::numeric_limits<double>::quiet_NaN();

/// Values on an even grid of time: slot k begins at k × step seconds after 1970. NaN where nothing is known.
struct GridSeries {
    std::int64_t first = 0;  ///< slot of values[0]
    std::vector<double> values;

    [[nodiscard]] double at(std::int64_t slot) const {
        const std::int64_t i = slot - first;
        return i < 0 || i >= static_cast<std::int64_t>(values.size())
                   ? std::numeric_limits<double>::quiet_NaN()
                   : values[static_cast<std::size_t>(i)];
    }
    [[nodiscard]] std::int64_t end() const { return first + static_cast<std::int64_t>(values.size()); }
};

/// Loads of many points on one grid; in whatever unit the file has them, import-positive.
struct Panel {
    std::int64_t step_s = 1800;  ///< divides a day
    struct Series {
        std::string name;
        GridSeries load;
    };
    std::vector<Series> series;  ///< by first appearance
    [[nodiscard]] std::int64_t slots_per_day() const { return 86'400 / step_s; }
};

/// When a covariate's value at an instant is known.
enum class Knowledge : std::uint8_t {
    ahead,      ///< before the instant, as a weather forecast or a standard profile is
    day_ahead,  ///< from 13:00 UTC on the day before, as an auction's price is
    measured,   ///< at the instant itself
};
/// What a covariate measures, as far as its name tells.
enum class Family : std::uint8_t { other, temperature, radiation, wind };

struct Covariate {
    std::string name;
    Knowledge knowledge = Knowledge::measured;
    Family family = Family::other;
    /// One per series of the panel, or one that is for all; a series without this column has one without
    /// values.
    std::vector<GridSeries> by_series;
    /// The newest that had been said of each slot so many slots before it. Ascending, the first of 0. Empty:
    /// `by_series` stands, whenever it was said.
    struct Said {
        std::int64_t before = 0;
        GridSeries values;
    };
    std::vector<Said> said;

    [[nodiscard]] const GridSeries& of(std::size_t series) const {
        return by_series[by_series.size() == 1 ? 0 : series];
    }
    /// What was known of `slot` when the slot `origin` was the newest that was over. NaN when nothing was.
    [[nodiscard]] double at(std::size_t series, std::int64_t slot, std::int64_t origin) const {
        if (said.empty()) {
            return of(series).at(slot);
        }
        for (const Said& one : said) {
            if (one.before >= slot - origin) {
                return one.values.at(slot);
            }
        }
        return std::numeric_limits<double>::quiet_NaN();
    }
};

/// One row of a readings file.
struct SeriesRow {
    std::int32_t series = 0;
    std::int64_t unix_s = 0;
    double value = 0.0;
};
struct SeriesFile {
    std::vector<std::string> names;
    std::vector<SeriesRow> rows;
};

/// Reads `series,timestamp,value` (CSV, plain or gzip; more columns are passed over; times without a zone are
/// UTC; an empty value is none). Errors: `not_found` and the like of the file; `invalid` naming file, line
/// and column.
[[nodiscard]] Result<SeriesFile> read_series_file(const std::filesystem::path& file);

/// Puts files on one grid, later files over earlier ones. The step is the most common distance of
/// neighbouring readings. Errors: `invalid` when there is no reading, the step does not divide a day, or a
/// series spans more than `slots_max` steps.
[[nodiscard]] Result<Panel> make_panel(std::span<const SeriesFile> files);
inline constexpr std::int64_t slots_max = 4'000'000;

/// Columns whose knowledge is told instead of guessed from their names.
struct CovariateChoice {
    std::vector<std::string> ahead;
    std::vector<std::string> measured;
};

/// Reads tables of covariates: a column of times (its name contains "time" or "date"), optionally `series`,
/// numeric columns. Without `series` a file named after a series of the panel is that series' own, any other
/// is for all. Columns that never change, or only repeat the load itself, are left out. Weather by the model
/// and standard profiles are taken as known ahead, prices as known from the day before, everything else as
/// measured; `choice` overrides. Between the times of a coarser table, what is known ahead is drawn straight
/// over at most three hours, and what is measured is held.
/// Errors: as `read_series_file`.
[[nodiscard]] Result<std::vector<Covariate>> read_covariates(std::span<const std::filesystem::path> files,
                                                             const Panel& panel,
                                                             const CovariateChoice& choice);

[[nodiscard]] Knowledge guess_knowledge(std::string_view column);
[[nodiscard]] Family guess_family(std::string_view column);

}  // namespace headroom::forecast
