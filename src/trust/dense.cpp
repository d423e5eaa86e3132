#include "trust/dense.hpp"

#include <cmath>

namespace headroom::trust {
namespace {

// A pivot that lost this share of its diagonal element is rounding, not information.
constexpr double pivot_share_min = 1e-12;

}  // namespace

Result<Cholesky> Cholesky::of(const Matrix& a) {
    if (a.rows() != a.columns()) {
        return Error{Errc::invalid, "a matrix that is not square has no Cholesky factor"};
    }
    Matrix lower(a.rows(), a.rows());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = a.at(i, j);
            for (std::size_t k = 0; k < j; ++k) {
                sum -= lower.at(i, k) * lower.at(j, k);
            }
            if (i != j) {
                lower.at(i, j) = sum / lower.at(j, j);
            } else if (sum > pivot_share_min * a.at(i, i)) {
                lower.at(i, i) = std::sqrt(sum);
            } else {
                return Error{Errc::invalid,
                             "row " + std::to_string(i) +
                                 " of the matrix depends on those before it: not positive definite"};
            }
        }
    }
    return Cholesky(std::move(lower));
}

std::vector<double> Cholesky::forward(std::span<const double> b) const {
    HEADROOM_ASSERT(b.size() == lower_.rows());
    std::vector<double> y(b.begin(), b.end());
    for (std::size_t i = 0; i < y.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            y[i] -= lower_.at(i, k) * y[k];
        }
        y[i] /= lower_.at(i, i);
    }
    return y;
}

std::vector<double> Cholesky::solve(std::span<const double> b) const {
    std::vector<double> x = forward(b);
    for (std::size_t i = x.size(); i-- > 0;) {
        for (std::size_t k = i + 1; k < x.size(); ++k) {
            x[i] -= lower_.at(k, i) * x[k];
        }
        x[i] /= lower_.at(i, i);
    }
    return x;
}

double Cholesky::quadratic(std::span<const double> b) const {
    double sum = 0.0;
    for (const double y : forward(b)) {
        sum += y * y;
    }
    return sum;
}

}  // namespace headroom::trust
