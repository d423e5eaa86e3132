#pragma once

#include "forecast/calendar_days.hpp"
#include "forecast/series_panel.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// How a column of a row is to be read by a linear model.
enum class ColumnKind : std::uint8_t {
    lag,         ///< a load, minus the base, in units of the series' scale; 0 says the same as the base
    key_lag,     ///< the same; also by time of day
    difference,  ///< a difference of loads in units of the scale; also by time of day
    plain,       ///< in its own unit; to be standardised
    weather,     ///< the same; also squared and by time of day
    hour,        ///< local hour of the day
    weekday,     ///< 0 = Monday … 6
    rest_day,    ///< 1 on Saturdays, Sundays and holidays
    holiday,
};
struct Column {
    std::string name;
    ColumnKind kind = ColumnKind::plain;
};

/// Level and scale of a series: median, and the distance of its 5 % and 95 % quantiles.
struct SeriesScale {
    double level = 0.0;
    double spread = 1.0;  ///< > 0
};
/// From the values before slot `end`. A constant or unknown series has the spread 1.
[[nodiscard]] SeriesScale scale_of(const GridSeries& load, std::int64_t end);

/// Makes the row of one forecast: what is known at the origin about the load at the target. Reads no load and
/// no measured covariate behind the origin, whatever the panel holds. Borrows the panel and the covariates.
class RowMaker {
  public:
    RowMaker(const Panel& panel, std::span<const Covariate> covariates, Region region);
    RowMaker(const Panel& panel, Region region, std::vector<const Covariate*> covariates);

    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
    /// Names the columns, their order, units and the grid's step: models of another hash cannot read the
    /// rows.
    [[nodiscard]] std::string schema_hash() const;

    /// Fills `row` (one value a column; NaN where nothing is known) and answers the base: the seasonal or
    /// newest load that the target is told as a change from. NaN when no load at all is known at the origin;
    /// the row then means nothing. Precondition: origin < target.
    double make(std::size_t series, std::int64_t target, std::int64_t origin, const SeriesScale& scale,
                std::span<float> row) const;
    /// The same in two parts, for many series that share their covariates: the first `load_columns` of the
    /// row, and what stands behind them.
    double make_load(std::size_t series, std::int64_t target, std::int64_t origin, const SeriesScale& scale,
                     std::span<float> row) const;
    void make_outside(std::size_t series, std::int64_t target, std::int64_t origin,
                      std::span<float> row) const;
    [[nodiscard]] std::size_t load_columns() const { return load_columns_; }

    /// Leads up to this are told as a change from the newest load plus the usual change since then, longer
    /// ones from the mean of earlier days of the same kind.
    static constexpr std::int64_t newest_base_s_max = 4 * 3600;

  private:
    struct Sums;
    class Known;
    void add_columns();

    const Panel& panel_;
    std::vector<const Covariate*> covariates_;
    Region region_;
    std::vector<Column> columns_;
    std::size_t load_columns_ = 0;
    std::vector<std::vector<double>> sums_;  // by series: of the known loads before a slot
    std::vector<std::vector<double>> counts_;
};

}  // namespace headroom::forecast
