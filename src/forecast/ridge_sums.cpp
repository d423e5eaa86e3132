#include "forecast/ridge_sums.hpp"

#include "forecast/ridge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace headroom::forecast {
namespace {

constexpr std::size_t harmonics = 6;
constexpr std::size_t product_waves = 4;  // sine and cosine of the first two harmonics
constexpr double far = 4.0;               // spreads from the centre at which weather is held
constexpr std::size_t weekdays = 7;

bool is_own_unit(ColumnKind kind) {
    return kind != ColumnKind::lag && kind != ColumnKind::key_lag && kind != ColumnKind::difference;
}

}  // namespace

std::size_t terms_of(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::lag:
        case ColumnKind::plain:
            return 1;
        case ColumnKind::key_lag:
        case ColumnKind::difference:
            return 1 + product_waves;
        case ColumnKind::weather:
            return 2 + product_waves;
        case ColumnKind::hour:
            return 2 * harmonics;
        case ColumnKind::weekday:
            return weekdays;
        case ColumnKind::rest_day:
            return 1 + 2 * harmonics;
        case ColumnKind::holiday:
            return 1 + product_waves;
    }
    return 1;
}

LinearTerms::LinearTerms(const std::vector<Column>& columns, std::span<const float> rows) {
    const std::size_t width = columns.size();
    for (std::size_t c = 0; c < width; ++c) {
        kinds_.push_back(columns[c].kind);
        double sum = 0.0;
        double squares = 0.0;
        double known = 0.0;
        for (std::size_t i = c; is_own_unit(columns[c].kind) && i < rows.size(); i += width) {
            if (!std::isnan(rows[i])) {
                sum += static_cast<double>(rows[i]);
                known += 1.0;
            }
        }
        const double centre = known > 0.0 ? sum / known : 0.0;
        for (std::size_t i = c; is_own_unit(columns[c].kind) && i < rows.size(); i += width) {
            if (!std::isnan(rows[i])) {
                squares += std::pow(static_cast<double>(rows[i]) - centre, 2);
            }
        }
        const double spread = known > 0.0 ? std::sqrt(squares / known) : 0.0;
        centres_.push_back(centre);
        spreads_.push_back(spread > 1e-12 ? spread : 1.0);
    }
    count();
}

LinearTerms::LinearTerms(std::vector<ColumnKind> kinds, std::vector<double> centres,
                         std::vector<double> spreads)
    : kinds_(std::move(kinds)), centres_(std::move(centres)), spreads_(std::move(spreads)) {
    HEADROOM_ASSERT(kinds_.size() == centres_.size() && kinds_.size() == spreads_.size());
    count();
}

void LinearTerms::count() {
    size_ = 0;
    for (const ColumnKind kind : kinds_) {
        size_ += terms_of(kind);
    }
}

void LinearTerms::expand(std::span<const float> row, std::span<double> out) const {
    HEADROOM_ASSERT(row.size() == kinds_.size() && out.size() == size_);
    std::array<double, 2 * harmonics> waves{};
    for (std::size_t c = 0; c < kinds_.size(); ++c) {
        if (kinds_[c] == ColumnKind::hour) {
            for (std::size_t k = 0; k < harmonics; ++k) {
                const double angle =
                    2.0 * std::numbers::pi * static_cast<double>(k + 1) * static_cast<double>(row[c]) / 24.0;
                waves[2 * k] = std::sin(angle);
                waves[2 * k + 1] = std::cos(angle);
            }
        }
    }
    std::size_t at = 0;
    const auto put_times = [&](double value, std::size_t count) {
        for (std::size_t k = 0; k < count; ++k) {
            out[at++] = value * waves[k];
        }
    };
    for (std::size_t c = 0; c < kinds_.size(); ++c) {
        const double raw = static_cast<double>(row[c]);
        const bool is_known = std::isfinite(raw);
        const double standard = is_known ? std::clamp((raw - centres_[c]) / spreads_[c], -far, far) : 0.0;
        const double value = is_own_unit(kinds_[c]) ? standard : (is_known ? raw : 0.0);
        switch (kinds_[c]) {
            case ColumnKind::lag:
            case ColumnKind::plain:
                out[at++] = value;
                break;
            case ColumnKind::key_lag:
            case ColumnKind::difference:
                out[at++] = value;
                put_times(value, product_waves);
                break;
            case ColumnKind::weather:
                out[at++] = value;
                out[at++] = value * value;
                put_times(value, product_waves);
                break;
            case ColumnKind::hour:
                put_times(1.0, 2 * harmonics);
                break;
            case ColumnKind::weekday:
                for (std::size_t k = 0; k < weekdays; ++k) {
                    out[at++] = static_cast<std::size_t>(std::max(raw, 0.0)) == k ? 1.0 : 0.0;
                }
                break;
            case ColumnKind::rest_day:
                out[at++] = raw;
                put_times(raw, 2 * harmonics);
                break;
            case ColumnKind::holiday:
                out[at++] = raw;
                put_times(raw, product_waves);
                break;
        }
    }
}

double LinearModel::predict(std::span<const double> terms) const {
    double sum = constant;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += weights[i] * terms[i];
    }
    return sum;
}

void RidgeSums::add(std::span<const double> terms, double target) {
    HEADROOM_ASSERT(terms.size() == terms_);
    for (std::size_t i = 0; i < terms_; ++i) {
        const double a = terms[i];
        if (a == 0.0) {
            continue;
        }
        double* const products = products_.data() + i * terms_;
        for (std::size_t j = 0; j <= i; ++j) {
            products[j] += a * terms[j];
        }
        sums_[i] += a;
        cross_[i] += a * target;
    }
    target_sum_ += target;
    ++rows_;
}

LinearModel RidgeSums::solve(double penalty) const {
    LinearModel model;
    if (rows_ == 0) {
        return model;
    }
    const auto n = static_cast<double>(rows_);
    const double target_mean = target_sum_ / n;
    std::vector<double> means(terms_);
    std::vector<double> spreads(terms_);
    for (std::size_t i = 0; i < terms_; ++i) {
        means[i] = sums_[i] / n;
        const double variance = products_[i * terms_ + i] / n - means[i] * means[i];
        spreads[i] = variance > 1e-10 ? std::sqrt(variance) : 0.0;
    }
    std::vector<double> a(terms_ * terms_);
    std::vector<double> b(terms_);
    for (std::size_t i = 0; i < terms_; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double scale = spreads[i] * spreads[j];
            a[i * terms_ + j] =
                scale > 0.0 ? (products_[i * terms_ + j] / n - means[i] * means[j]) / scale : 0.0;
        }
        a[i * terms_ + i] += penalty;
        b[i] = spreads[i] > 0.0 ? (cross_[i] / n - means[i] * target_mean) / spreads[i] : 0.0;
    }
    model.constant = target_mean;
    if (!solve_cholesky(a, b)) {
        return model;
    }
    model.weights.resize(terms_);
    for (std::size_t i = 0; i < terms_; ++i) {
        model.weights[i] = spreads[i] > 0.0 ? b[i] / spreads[i] : 0.0;
        model.constant -= model.weights[i] * means[i];
    }
    return model;
}

}  // namespace headroom::forecast
