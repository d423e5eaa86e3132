#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace headroom::trust {

/// A small dense matrix, row by row.
class Matrix {
  public:
    Matrix() = default;
    Matrix(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), values_(rows * columns, 0.0) {}

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] double& at(std::size_t row, std::size_t column) { return values_[row * columns_ + column]; }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const {
        return values_[row * columns_ + column];
    }
    [[nodiscard]] std::span<const double> row(std::size_t index) const {
        return {values_.data() + index * columns_, columns_};
    }

  private:
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<double> values_;
};

/// The lower triangle L of a symmetric positive definite matrix A = L Lᵀ.
class Cholesky {
  public:
    /// Errors: `invalid` when `a` is not square, or not positive definite to working precision.
    [[nodiscard]] static Result<Cholesky> of(const Matrix& a);

    /// x of A x = b.
    [[nodiscard]] std::vector<double> solve(std::span<const double> b) const;
    /// bᵀ A⁻¹ b, never below 0.
    [[nodiscard]] double quadratic(std::span<const double> b) const;

  private:
    explicit Cholesky(Matrix lower) : lower_(std::move(lower)) {}
    /// y of L y = b.
    [[nodiscard]] std::vector<double> forward(std::span<const double> b) const;
    Matrix lower_;
};

}  // namespace headroom::trust
