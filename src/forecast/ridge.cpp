#include "forecast/ridge.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {

void NormalEquations::add(const features::FeatureRow& row, double target) {
    for (std::size_t i = 0; i < size; ++i) {
        const double value = row[i];
        double* products = products_.data() + i * size;
        for (std::size_t j = 0; j <= i; ++j) {
            products[j] += value * row[j];
        }
        targets_[i] += value * target;
    }
    rows_ += 1;
}

features::FeatureRow NormalEquations::solve(double penalty) const {
    features::FeatureRow weights{};
    if (rows_ < size) {
        return weights;
    }
    std::vector<double> a(products_.begin(), products_.end());
    std::vector<double> b(targets_.begin(), targets_.end());
    const double weight = penalty * static_cast<double>(rows_);
    for (std::size_t i = 0; i < size; ++i) {
        // The constant is hardly held back; a column that is always zero still needs something to stand on.
        a[i * size + i] += i == 0 ? 1e-9 * static_cast<double>(rows_) : weight;
    }
    if (solve_cholesky(a, b)) {
        std::copy(b.begin(), b.end(), weights.begin());
    }
    return weights;
}

double dot(const features::FeatureRow& a, const features::FeatureRow& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

bool solve_cholesky(std::vector<double>& a, std::vector<double>& b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = a[i * n + j];
            for (std::size_t k = 0; k < j; ++k) {
                sum -= a[i * n + k] * a[j * n + k];
            }
            if (i != j) {
                a[i * n + j] = sum / a[j * n + j];
            } else if (sum > 0.0 && std::isfinite(sum)) {
                a[i * n + i] = std::sqrt(sum);
            } else {
                return false;
            }
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            b[i] -= a[i * n + k] * b[k];
        }
        b[i] /= a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) {
            b[i] -= a[k * n + i] * b[k];
        }
        b[i] /= a[i * n + i];
    }
    return true;
}

}  // namespace headroom::forecast
