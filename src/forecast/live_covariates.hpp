#pragma once

#include "forecast/series_panel.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::forecast {

/// What the control room keeps of the world outside, by half-hours, for all its points.
struct LiveColumn {
    std::string_view name;
    Knowledge knowledge = Knowledge::ahead;
    Family family = Family::other;
};
inline constexpr std::array<LiveColumn, 10> live_columns{
    {{"temperature_c", Knowledge::ahead, Family::temperature},
     {"radiation_w_per_m2", Knowledge::ahead, Family::radiation},
     {"wind_m_per_s", Knowledge::ahead, Family::wind},
     {"national_demand_ahead_mw", Knowledge::ahead, Family::other},
     {"national_demand_mw", Knowledge::measured, Family::other},
     {"price_gbp_per_mwh", Knowledge::ahead, Family::other},
     {"market_price_gbp_per_mwh", Knowledge::measured, Family::other},
     {"embedded_solar_mw", Knowledge::ahead, Family::radiation},
     {"embedded_wind_mw", Knowledge::ahead, Family::wind},
     {"system_price_gbp_per_mwh", Knowledge::measured, Family::other}}};
/// Position of a column of that name; nothing when there is none.
[[nodiscard]] std::optional<std::size_t> live_column(std::string_view name);

/// How many half-hours before an instant it matters what was said of it: at the leads that are learnt.
inline constexpr std::array<std::int64_t, 7> live_befores{0, 1, 2, 8, 24, 48, 96};

/// Every column of `live_columns`, in their order, each one for all series. Immutable once it is shared.
struct CovariateTable {
    std::vector<Covariate> columns;
};
/// Nothing known in any column.
[[nodiscard]] const CovariateTable& unknown_covariates();

/// One column as it was said at one distance: how it is stored and read again.
struct CovariateSeries {
    std::size_t column = 0;
    std::size_t said = 0;    ///< position in `live_befores`; 0 for measured columns
    std::int64_t first = 0;  ///< period number of values[0]
    std::vector<float> values;
};

/// Takes down what is said of the half-hours, so that training reads what serving read, bit for bit.
///
/// What is said within a half-hour counts from the next one on: cell (period, before) holds the newest that
/// was said in a half-hour at or before `period − before`. A row that is made within one half-hour is
/// therefore the same whenever within it the row is made, and the same from what was stored. One thread.
class CovariateBook {
  public:
    /// Half-hours behind and ahead that are held; what is older is let go of.
    static constexpr std::int64_t periods_back = 10 * 48;
    static constexpr std::int64_t periods_ahead = 3 * 48;

    /// Begins in half-hour `now`, with nothing known.
    explicit CovariateBook(std::int64_t now);
    /// In half-hour `now` it is said that column `column` has `value` in half-hour `period`; for a measured
    /// one `period` is `now`: it is the newest that has been published. Values that are not finite say
    /// nothing. Half-hours out of reach are passed over.
    void note(std::size_t column, std::int64_t now, std::int64_t period, double value);
    /// Lays in what was stored; changes nothing that was noted since.
    void lay_in(const CovariateSeries& stored);
    /// What was noted since the last call, to be stored.
    [[nodiscard]] std::vector<CovariateSeries> take_changes();
    /// A copy to be shared.
    [[nodiscard]] std::shared_ptr<const CovariateTable> table() const;

  private:
    [[nodiscard]] GridSeries& cells(std::size_t column, std::size_t said);
    void reach(std::int64_t now);

    CovariateTable table_;
    struct Changed {
        std::int64_t from = 0;
        std::int64_t to = 0;  // nothing when not behind `from`
    };
    std::array<std::array<Changed, live_befores.size()>, live_columns.size()> changed_{};
    std::int64_t first_ = 0;  // period of the oldest cell; 0 before the first
};

/// A table of stored series, for training. Those of no column are passed over.
[[nodiscard]] CovariateTable table_of(std::span<const CovariateSeries> stored);

/// The columns that have been known for so long, at every distance that is learnt, that something can be
/// learnt of them: `days_min` days of half-hours in [from, to). In their order.
[[nodiscard]] std::vector<Covariate> learnable(const CovariateTable& table, std::int64_t from,
                                               std::int64_t to, int days_min);

}  // namespace headroom::forecast
