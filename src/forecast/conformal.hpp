#pragma once

#include "forecast/quantiles.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace headroom::forecast {

/// An error in units of the width that was expected of it, and how much it counts.
struct WeightedError {
    double error = 0.0;
    double weight = 1.0;
};
/// The forecast quantiles of weighted errors, by straight lines between the order statistics' midpoints;
/// `errors` is sorted. All zero when it is empty or nothing counts.
[[nodiscard]] QuantileValues weighted_quantiles(std::vector<WeightedError>& errors);

/// Moves quantiles so that each keeps its share of truths below it, whatever drifts: after every truth a
/// quantile that was too low goes up a little, one that was too high goes down.
/// Source: Gibbs and Candès, Adaptive conformal inference under distribution shift (2021), in the form of
/// quantile tracking (Angelopoulos et al., Conformal PID control, 2023).
class QuantileTracker {
  public:
    /// Steps of `rate` widths a truth.
    explicit QuantileTracker(double rate) : rate_(rate) {}
    [[nodiscard]] const QuantileValues& offsets() const { return offsets_; }
    /// `error` is truth minus point forecast, `at` the quantiles that stood against it; both in widths.
    void observe(double error, const QuantileValues& at);

    static constexpr double offset_max = 4.0;

  private:
    double rate_;
    QuantileValues offsets_{};
};

/// Base plus offsets, put in order so that they do not cross.
[[nodiscard]] QuantileValues shifted(const QuantileValues& base, const QuantileValues& offsets);

}  // namespace headroom::forecast
