#pragma once

#include <cstddef>
#include <span>

namespace headroom::forecast {

/// Solves A X = B for many right-hand sides at once: `a` is symmetric positive definite, `size` × `size`, its
/// lower triangle row by row; `b` has `size` rows of equal length. Both are used up; X stands in `b`. Answers
/// false when `a` is not positive definite. In blocks, so that its rows stay in the cache; the order of every
/// sum is fixed. Source: Golub and Van Loan, Matrix Computations, 4.2.
[[nodiscard]] bool solve_cholesky_many(std::span<double> a, std::size_t size, std::span<double> b);

/// out += a × b in single precision: `a` has `rows` rows of `inner`, `b` `inner` rows of `columns`.
void add_product(std::span<const float> a, std::span<const float> b, std::size_t inner, std::size_t columns,
                 std::span<float> out);

}  // namespace headroom::forecast
