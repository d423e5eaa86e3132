#pragma once

#include "forecast/lead_rows.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace headroom::forecast {

/// Terms that a column of a kind becomes, side by side in the order of the columns.
[[nodiscard]] std::size_t terms_of(ColumnKind kind);

/// Turns rows into the terms of a linear model: lags, calendar, weather, and their products with the time of
/// day. What is unknown becomes a term's neutral value.
class LinearTerms {
  public:
    LinearTerms() = default;
    /// Takes centre and spread of the columns in their own units from `rows` (one behind the other).
    LinearTerms(const std::vector<Column>& columns, std::span<const float> rows);
    /// As it was saved. Precondition: as many centres and spreads as columns.
    LinearTerms(std::vector<ColumnKind> kinds, std::vector<double> centres, std::vector<double> spreads);

    [[nodiscard]] std::size_t size() const { return size_; }
    /// Precondition: row and out have the columns' and terms' number.
    void expand(std::span<const float> row, std::span<double> out) const;

    [[nodiscard]] const std::vector<ColumnKind>& kinds() const { return kinds_; }
    [[nodiscard]] const std::vector<double>& centres() const { return centres_; }
    [[nodiscard]] const std::vector<double>& spreads() const { return spreads_; }

  private:
    void count();
    std::vector<ColumnKind> kinds_;
    std::vector<double> centres_;
    std::vector<double> spreads_;
    std::size_t size_ = 0;
};

/// A linear model over `LinearTerms`.
struct LinearModel {
    double constant = 0.0;
    std::vector<double> weights;  ///< one a term; empty says always the constant
    [[nodiscard]] double predict(std::span<const double> terms) const;
};

/// Sums from which a ridge regression is solved at any time; rows only ever come in.
class RidgeSums {
  public:
    explicit RidgeSums(std::size_t terms)
        : terms_(terms), products_(terms * terms), sums_(terms), cross_(terms) {}

    void add(std::span<const double> terms, double target);
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// Minimises squared error plus `penalty` times the rows times the squares of the standardised weights,
    /// by Cholesky. A term that never changes weighs nothing.
    [[nodiscard]] LinearModel solve(double penalty) const;

  private:
    std::size_t terms_;
    std::size_t rows_ = 0;
    std::vector<double> products_;  // lower triangle
    std::vector<double> sums_;
    std::vector<double> cross_;
    double target_sum_ = 0.0;
};

}  // namespace headroom::forecast
