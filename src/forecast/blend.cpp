#include "forecast/blend.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::forecast {
namespace {

constexpr int descent_steps = 400;

}  // namespace

void ErrorProducts::add(std::span<const double> errors, double weight) {
    HEADROOM_ASSERT(errors.size() == models_);
    for (std::size_t i = 0; i < models_; ++i) {
        for (std::size_t j = 0; j < models_; ++j) {
            sums_[i * models_ + j] += weight * errors[i] * errors[j];
        }
    }
    weight_ += weight;
}

void ErrorProducts::add(const ErrorProducts& other, double weight) {
    HEADROOM_ASSERT(other.models_ == models_);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        sums_[i] += weight * other.sums_[i];
    }
    weight_ += weight * other.weight_;
}

double ErrorProducts::at(std::size_t i, std::size_t j) const {
    return weight_ > 0.0 ? sums_[i * models_ + j] / weight_ : 0.0;
}

std::vector<double> blend_weights(const ErrorProducts& errors, std::span<const double> prior,
                                  double prior_strength) {
    const std::size_t n = errors.models();
    HEADROOM_ASSERT(prior.size() == n);
    std::vector<double> weights(prior.begin(), prior.end());
    double unit = 0.0;  // mean squared error of the models, which makes the steps free of units
    double allowed = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        if (prior[i] > 0.0) {
            unit += errors.at(i, i);
            allowed += 1.0;
        }
    }
    if (allowed < 1.0 || unit <= 0.0 || errors.weight() <= 0.0) {
        return weights;
    }
    unit /= allowed;
    const double pull = prior_strength / (prior_strength + errors.weight());
    std::vector<double> gradient(n);
    for (int step = 0; step < descent_steps; ++step) {
        for (std::size_t i = 0; i < n; ++i) {
            double seen = 0.0;
            for (std::size_t j = 0; j < n; ++j) {
                seen += errors.at(i, j) * weights[j];
            }
            gradient[i] = (1.0 - pull) * seen / unit + pull * (weights[i] - prior[i]);
        }
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < n; ++i) {
            least = prior[i] > 0.0 ? std::min(least, gradient[i]) : least;
        }
        double sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            weights[i] *= std::exp(-std::min(gradient[i] - least, 4.0));
            sum += weights[i];
        }
        for (double& weight : weights) {
            weight /= sum;
        }
    }
    return weights;
}

}  // namespace headroom::forecast
