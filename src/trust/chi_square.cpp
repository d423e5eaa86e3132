#include "trust/chi_square.hpp"

#include "core/result.hpp"

#include <cmath>

namespace headroom::trust {
namespace {

constexpr double precision = 1e-15;
constexpr int terms_max = 10'000;

/// P(a, x), the part below x.
double gamma_series(double a, double x) {
    double term = 1.0 / a;
    double sum = term;
    for (int n = 1; n < terms_max && term > sum * precision; ++n) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * std::exp(a * std::log(x) - x - std::lgamma(a));
}

/// Q(a, x), the part above x, by the modified method of Lentz.
double gamma_fraction(double a, double x) {
    constexpr double tiny = 1e-300;
    double b = x + 1.0 - a;
    double c = 1.0 / tiny;
    double d = 1.0 / b;
    double h = d;
    for (int n = 1; n < terms_max; ++n) {
        const double an = -n * (n - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / (std::abs(d) < tiny ? tiny : d);
        c = b + an / c;
        c = std::abs(c) < tiny ? tiny : c;
        const double factor = c * d;
        h *= factor;
        if (std::abs(factor - 1.0) < precision) {
            break;
        }
    }
    return h * std::exp(a * std::log(x) - x - std::lgamma(a));
}

}  // namespace

double chi_square_tail(double x, double degrees) {
    HEADROOM_ASSERT(degrees >= 1.0);
    if (x <= 0.0) {
        return 1.0;
    }
    const double a = degrees / 2.0;
    const double half = x / 2.0;
    return half < a + 1.0 ? 1.0 - gamma_series(a, half) : gamma_fraction(a, half);
}

double chi_square_critical(double tail, double degrees) {
    HEADROOM_ASSERT(tail > 0.0 && tail < 1.0);
    double low = 0.0;
    double high = degrees + 10.0;
    while (chi_square_tail(high, degrees) > tail) {
        high *= 2.0;
    }
    for (int step = 0; step < 200 && high - low > 1e-12 * high; ++step) {
        const double middle = (low + high) / 2.0;
        (chi_square_tail(middle, degrees) > tail ? low : high) = middle;
    }
    return (low + high) / 2.0;
}

}  // namespace headroom::trust
