#include "core/normal.hpp"

#include <algorithm>
#include <cmath>

namespace headroom {

double normal_quantile(double quantile) {
    const double p = std::clamp(quantile, 0.001, 0.999);
    constexpr double tail = 0.02425;
    if (p < tail || p > 1.0 - tail) {
        const double q = std::sqrt(-2.0 * std::log(p < tail ? p : 1.0 - p));
        const double z =
            (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q -
               2.549732539343734) *
                  q +
              4.374664141464968) *
                 q +
             2.938163982698783) /
            ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q +
              3.754408661907416) *
                 q +
             1.0);
        return p < tail ? z : -z;
    }
    const double q = p - 0.5;
    const double r = q * q;
    return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r +
              1.383577518672690e+02) *
                 r -
             3.066479806614716e+01) *
                r +
            2.506628277459239) *
           q /
           (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r +
              6.680131188771972e+01) *
                 r -
             1.328068155288572e+01) *
                r +
            1.0);
}

double normal_share(double z) {
    constexpr double root_half = 0.70710678118654752440;
    return 0.5 * std::erfc(-z * root_half);
}

}  // namespace headroom
