#pragma once

#include "features/feature_row.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::forecast {

/// The normal equations of a ridge regression, summed row by row in the order given.
class NormalEquations {
  public:
    void add(const features::FeatureRow& row, double target);
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// The weights that minimise squared error plus `penalty` per row on every weight but the first (the
    /// constant), by Cholesky. All zero when there are fewer rows than columns.
    [[nodiscard]] features::FeatureRow solve(double penalty) const;

  private:
    static constexpr std::size_t size = features::feature_count;
    std::array<double, size * size> products_{};  // lower triangle
    std::array<double, size> targets_{};
    std::size_t rows_ = 0;
};

[[nodiscard]] double dot(const features::FeatureRow& a, const features::FeatureRow& b);

/// Solves A x = b for a symmetric positive definite A (lower triangle, row by row); answers false when A is
/// not. `a` and `b` are used up, the answer stands in `b`. Source: Cholesky–Banachiewicz.
[[nodiscard]] bool solve_cholesky(std::vector<double>& a, std::vector<double>& b);

}  // namespace headroom::forecast
