#pragma once

#include "features/feature_row.hpp"
#include "forecast/load_forecast.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace headroom::forecast {

/// One value per entry of `quantiles`, ascending.
using QuantileValues = std::array<double, quantile_count>;

/// Those of the standard normal distribution.
inline constexpr QuantileValues normal_quantiles{-1.6449, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.6449};

/// The quantiles of what was collected, by straight lines between the order statistics. `values` is sorted.
/// All zero when it is empty.
[[nodiscard]] QuantileValues quantiles_of(std::vector<float>& values);

/// Errors of past forecasts (truth minus forecast, in units of the point's noise), by time of day.
class ErrorTable {
  public:
    void add(int block, double error) {
        errors_[static_cast<std::size_t>(block)].push_back(static_cast<float>(error));
    }
    [[nodiscard]] std::size_t size() const;
    /// Quantiles per block of four hours; a block with fewer than `errors_per_block_min` gets those of the
    /// whole day.
    [[nodiscard]] std::array<QuantileValues, features::blocks_per_day> quantiles();

    static constexpr std::size_t errors_per_block_min = 60;

  private:
    std::array<std::vector<float>, features::blocks_per_day> errors_;
};

}  // namespace headroom::forecast
