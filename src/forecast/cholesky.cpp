#include "forecast/cholesky.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::size_t block_columns = 48;
constexpr std::size_t columns_at_once = 256;
constexpr std::size_t rows_at_once = 4;

/// Factors the square on the diagonal that begins at `from`; earlier blocks have been taken off already.
bool factor_square(std::span<double> a, std::size_t n, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
        for (std::size_t j = from; j <= i; ++j) {
            double sum = a[i * n + j];
            for (std::size_t k = from; k < j; ++k) {
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
    return true;
}

bool factor(std::span<double> a, std::size_t n) {
    std::vector<double> turned(block_columns * n);  // the block's columns as rows
    for (std::size_t from = 0; from < n; from += block_columns) {
        const std::size_t to = std::min(from + block_columns, n);
        if (!factor_square(a, n, from, to)) {
            return false;
        }
        for (std::size_t i = to; i < n; ++i) {
            for (std::size_t j = from; j < to; ++j) {
                double sum = a[i * n + j];
                for (std::size_t k = from; k < j; ++k) {
                    sum -= a[i * n + k] * a[j * n + k];
                }
                a[i * n + j] = sum / a[j * n + j];
                turned[(j - from) * n + i] = a[i * n + j];
            }
        }
        for (std::size_t i = to; i < n; ++i) {
            double* const row = a.data() + i * n;
            for (std::size_t k = from; k < to; ++k) {
                const double factor_ik = row[k];
                const double* const other = turned.data() + (k - from) * n;
                for (std::size_t j = to; j <= i; ++j) {
                    row[j] -= factor_ik * other[j];
                }
            }
        }
    }
    return true;
}

}  // namespace

bool solve_cholesky_many(std::span<double> a, std::size_t size, std::span<double> b) {
    HEADROOM_ASSERT(size > 0 && a.size() == size * size && b.size() % size == 0);
    if (!factor(a, size)) {
        return false;
    }
    const std::size_t width = b.size() / size;
    const auto take = [&](std::size_t to, std::size_t from, double times) {
        double* const out = b.data() + to * width;
        const double* const in = b.data() + from * width;
        for (std::size_t c = 0; c < width; ++c) {
            out[c] -= times * in[c];
        }
    };
    const auto divide = [&](std::size_t i) {
        for (double& value : b.subspan(i * width, width)) {
            value /= a[i * size + i];
        }
    };
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            take(i, k, a[i * size + k]);
        }
        divide(i);
    }
    for (std::size_t i = size; i-- > 0;) {
        for (std::size_t k = i + 1; k < size; ++k) {
            take(i, k, a[k * size + i]);
        }
        divide(i);
    }
    return true;
}

void add_product(std::span<const float> a, std::span<const float> b, std::size_t inner, std::size_t columns,
                 std::span<float> out) {
    HEADROOM_ASSERT(inner > 0 && columns > 0 && b.size() == inner * columns && a.size() % inner == 0 &&
                    out.size() == a.size() / inner * columns);
    const std::size_t rows = a.size() / inner;
    for (std::size_t first = 0; first < columns; first += columns_at_once) {
        const std::size_t width = std::min(columns_at_once, columns - first);
        for (std::size_t top = 0; top < rows; top += rows_at_once) {
            const std::size_t bottom = std::min(top + rows_at_once, rows);
            for (std::size_t k = 0; k < inner; ++k) {
                const float* const from = b.data() + k * columns + first;
                for (std::size_t i = top; i < bottom; ++i) {
                    const float times = a[i * inner + k];
                    float* const to = out.data() + i * columns + first;
                    for (std::size_t c = 0; c < width; ++c) {
                        to[c] += times * from[c];
                    }
                }
            }
        }
    }
}

}  // namespace headroom::forecast
