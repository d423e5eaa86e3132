#include "forecast/window_ridge.hpp"

#include "core/csv.hpp"
#include "forecast/cholesky.hpp"
#include "forecast/series_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace headroom::forecast {
namespace {

/// Of the mean square of a look-back's value.
constexpr std::array<double, 8> penalties{1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0};

void standardise(std::vector<double>& values, std::size_t train_rows) {
    const auto n = static_cast<double>(train_rows);
    double mean = 0.0;
    for (std::size_t i = 0; i < train_rows; ++i) {
        mean += values[i] / n;
    }
    double square = 0.0;
    for (std::size_t i = 0; i < train_rows; ++i) {
        square += (values[i] - mean) * (values[i] - mean) / n;
    }
    const double deviation = square > 0.0 ? std::sqrt(square) : 1.0;
    for (double& value : values) {
        value = (value - mean) / deviation;
    }
}

/// Products of look-back and horizon, the last value of the look-back taken off all of them.
struct Products {
    std::size_t lags = 0;
    std::size_t steps = 0;
    std::vector<double> lag_lag;      // lags × lags
    std::vector<double> lag_step;     // lags × steps
    std::vector<double> step_square;  // steps
    double windows = 0.0;

    void add(const Products& other) {
        for (std::size_t i = 0; i < lag_lag.size(); ++i) {
            lag_lag[i] += other.lag_lag[i];
        }
        for (std::size_t i = 0; i < lag_step.size(); ++i) {
            lag_step[i] += other.lag_step[i];
        }
        for (std::size_t i = 0; i < step_square.size(); ++i) {
            step_square[i] += other.step_square[i];
        }
        windows += other.windows;
    }
};

Products products_of(std::span<const double> values, std::size_t lags, std::size_t steps) {
    const std::size_t size = lags + steps;
    const std::vector<double> raw = window_products(values, size);
    const std::size_t last = lags - 1;
    const auto at = [&raw, size](std::size_t i, std::size_t j) {
        return raw[std::max(i, j) * size + std::min(i, j)];
    };
    const auto taken_off = [&](std::size_t i, std::size_t j) {
        return at(i, j) - at(i, last) - at(j, last) + at(last, last);
    };
    Products out{.lags = lags, .steps = steps};
    out.windows = static_cast<double>(values.size() - size + 1);
    out.lag_lag.resize(lags * lags);
    out.lag_step.resize(lags * steps);
    for (std::size_t i = 0; i < lags; ++i) {
        for (std::size_t j = 0; j < lags; ++j) {
            out.lag_lag[i * lags + j] = taken_off(i, j);
        }
        for (std::size_t j = 0; j < steps; ++j) {
            out.lag_step[i * steps + j] = taken_off(i, lags + j);
        }
    }
    for (std::size_t j = 0; j < steps; ++j) {
        out.step_square.push_back(taken_off(lags + j, lags + j));
    }
    return out;
}

using Weights = std::vector<double>;  // lags × steps

std::optional<Weights> solve(const Products& products, double penalty) {
    std::vector<double> a = products.lag_lag;
    double square = 0.0;
    for (std::size_t i = 0; i < products.lags; ++i) {
        square += a[i * products.lags + i] / static_cast<double>(products.lags);
    }
    for (std::size_t i = 0; i < products.lags; ++i) {
        a[i * products.lags + i] += penalty * square + 1e-9 * (square + 1.0);
    }
    Weights b = products.lag_step;
    return solve_cholesky_many(a, products.lags, b) ? std::optional(std::move(b)) : std::nullopt;
}

/// Mean squared error on the windows that `products` were summed over: |y|² − 2 w·xy + w·xx·w, step by step.
double mean_square(const Weights& weights, const Products& products) {
    const std::size_t steps = products.steps;
    std::vector<double> inner(steps);
    double sum = 0.0;
    for (const double square : products.step_square) {
        sum += square;
    }
    for (std::size_t i = 0; i < products.lags; ++i) {
        std::ranges::fill(inner, 0.0);
        for (std::size_t j = 0; j < products.lags; ++j) {
            const double times = products.lag_lag[i * products.lags + j];
            for (std::size_t k = 0; k < steps; ++k) {
                inner[k] += times * weights[j * steps + k];
            }
        }
        for (std::size_t k = 0; k < steps; ++k) {
            sum += weights[i * steps + k] * (inner[k] - 2.0 * products.lag_step[i * steps + k]);
        }
    }
    return sum / (products.windows * static_cast<double>(steps));
}

struct Errors {
    double square = 0.0;
    double size = 0.0;
};

/// Sums of errors over the windows of `values`.
Errors errors_of(const Weights& weights, std::span<const double> values, std::size_t lags,
                 std::size_t steps) {
    const std::size_t windows = values.size() - lags - steps + 1;
    std::vector<float> rows(windows * lags);
    for (std::size_t w = 0; w < windows; ++w) {
        const double last = values[w + lags - 1];
        for (std::size_t i = 0; i < lags; ++i) {
            rows[w * lags + i] = static_cast<float>(values[w + i] - last);
        }
    }
    const std::vector<float> single(weights.begin(), weights.end());
    std::vector<float> out(windows * steps);
    add_product(rows, single, lags, steps, out);
    Errors errors;
    for (std::size_t w = 0; w < windows; ++w) {
        const double last = values[w + lags - 1];
        for (std::size_t k = 0; k < steps; ++k) {
            const double error = values[w + lags + k] - last - static_cast<double>(out[w * steps + k]);
            errors.square += error * error;
            errors.size += std::abs(error);
        }
    }
    return errors;
}

}  // namespace

Result<EvenTable> read_even_table(const std::filesystem::path& file) {
    EvenTable table;
    const auto header = [&table](std::span<const std::string_view> names) -> Result<void> {
        if (names.size() < 2) {
            return Error{Errc::invalid, "a time and at least one column of numbers are needed"};
        }
        table.names.assign(names.begin() + 1, names.end());
        table.columns.resize(table.names.size());
        return {};
    };
    const auto row = [&table](std::span<const std::string_view> fields) -> Result<void> {
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            const std::optional<double> value = parse_csv_number(fields[c + 1]);
            if (!value) {
                return Error{Errc::invalid, "column " + table.names[c] + ": \"" +
                                                std::string(fields[c + 1].substr(0, 40)) +
                                                "\" is not a number"};
            }
            table.columns[c].push_back(*value);
        }
        return {};
    };
    if (const Result<void> read = read_table(file, header, row); !read) {
        return read.error();
    }
    return table;
}

std::vector<double> window_products(std::span<const double> values, std::size_t size) {
    HEADROOM_ASSERT(values.size() >= size && size > 0);
    const std::size_t windows = values.size() - size + 1;
    std::vector<double> out(size * size);
    for (std::size_t gap = 0; gap < size; ++gap) {
        double sum = 0.0;
        for (std::size_t w = 0; w < windows; ++w) {
            sum += values[w] * values[w + gap];
        }
        // One place further along, every window has moved on by one value.
        for (std::size_t j = 0; j + gap < size; ++j) {
            out[(j + gap) * size + j] = sum;
            if (j + gap + 1 < size) {
                sum += values[j + windows] * values[j + windows + gap] - values[j] * values[j + gap];
            }
        }
    }
    return out;
}

Result<WindowScore> score_windows(const EvenTable& table, const WindowProtocol& protocol) {
    const std::size_t lags = protocol.look_back;
    const std::size_t steps = protocol.horizon;
    const std::size_t end = protocol.train_rows + protocol.watched_rows + protocol.test_rows;
    if (table.rows() < end) {
        return Error{Errc::invalid, "the table has " + std::to_string(table.rows()) +
                                        " rows, the protocol needs " + std::to_string(end)};
    }
    if (lags == 0 || steps == 0 || protocol.train_rows < lags + steps || protocol.watched_rows < steps ||
        protocol.test_rows < steps) {
        return Error{Errc::invalid, "a part of the table is shorter than a window of " +
                                        std::to_string(lags) + " and " + std::to_string(steps) + " rows"};
    }
    std::vector<std::vector<double>> values = table.columns;
    std::vector<Products> train;
    std::vector<Products> watched;
    for (std::vector<double>& column : values) {
        standardise(column, protocol.train_rows);
        const std::span<const double> all = column;
        train.push_back(products_of(all.first(protocol.train_rows), lags, steps));
        watched.push_back(
            products_of(all.subspan(protocol.train_rows - lags, protocol.watched_rows + lags), lags, steps));
    }
    Products pooled = train.front();
    for (std::size_t c = 1; c < train.size(); ++c) {
        pooled.add(train[c]);
    }
    WindowScore score{.watched_mse = std::numeric_limits<double>::infinity()};
    Weights chosen;
    for (const double penalty : penalties) {
        std::optional<Weights> weights = solve(pooled, penalty);
        if (!weights) {
            continue;
        }
        double mse = 0.0;
        for (const Products& products : watched) {
            mse += mean_square(*weights, products) / static_cast<double>(watched.size());
        }
        if (mse < score.watched_mse) {
            score.watched_mse = mse;
            score.penalty = penalty;
            chosen = std::move(*weights);
        }
    }
    if (chosen.empty()) {
        return Error{Errc::invalid, "a column of the table is not finite"};
    }
    const double count = static_cast<double>(protocol.test_rows - steps + 1) * static_cast<double>(steps) *
                         static_cast<double>(values.size());
    for (const std::vector<double>& column : values) {
        const std::span<const double> test =
            std::span(column).subspan(end - protocol.test_rows - lags, protocol.test_rows + lags);
        const Errors errors = errors_of(chosen, test, lags, steps);
        score.mse += errors.square / count;
        score.mae += errors.size / count;
    }
    return score;
}

}  // namespace headroom::forecast
