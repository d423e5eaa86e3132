#pragma once

#include "forecast/conformal.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace headroom::forecast {

/// Blocks of local time that share their error quantiles: four hours each.
inline constexpr int error_blocks = 6;

/// The errors of past forecasts, series by series, and the quantiles that follow from them on a day.
class ErrorHistory {
  public:
    struct Entry {
        std::int64_t day = 0;  ///< of the target
        int block = 0;         ///< of its local time
        double error = 0.0;    ///< in widths
    };

    ErrorHistory(std::size_t series, double half_life_days)
        : by_series_(series), half_life_days_(half_life_days) {}

    void clear();
    /// Oldest first within a series.
    void add(std::size_t series, const Entry& entry);
    /// Quantiles for a block on `day`: the series' own errors of that block; a tenth as much those of its
    /// other blocks; and as much as `pooled_weight` errors those of all series. Reckoned once a day, from
    /// what was added before it is first asked for.
    [[nodiscard]] const QuantileValues& quantiles(std::size_t series, int block, std::int64_t day);

    static constexpr double pooled_weight = 40.0;
    static constexpr double other_block_weight = 0.1;
    static constexpr std::size_t own_errors_max = 5000;
    static constexpr std::size_t pooled_errors_max = 20'000;
    static constexpr std::size_t pooled_points = 101;

  private:
    [[nodiscard]] const std::vector<double>& pooled(int block, std::int64_t day);
    [[nodiscard]] double weight(const Entry& entry, std::int64_t day) const;

    std::vector<std::vector<Entry>> by_series_;
    double half_life_days_;
    std::map<std::pair<std::size_t, int>, std::pair<std::int64_t, QuantileValues>> known_;
    std::map<int, std::pair<std::int64_t, std::vector<double>>> pooled_;
};

}  // namespace headroom::forecast
