#pragma once

namespace headroom::trust {

/// P(χ² > x) of the chi-square distribution with `degrees` ≥ 1 degrees of freedom, x ≥ 0.
/// Source: the regularised incomplete gamma function, by its series below degrees/2 + 1 and its continued
/// fraction above (Abramowitz and Stegun 6.5.29, 6.5.31). Absolute error below 1e-12.
[[nodiscard]] double chi_square_tail(double x, double degrees);

/// The x that a chi-square variable exceeds with probability `tail`, 0 < tail < 1.
[[nodiscard]] double chi_square_critical(double tail, double degrees);

}  // namespace headroom::trust
