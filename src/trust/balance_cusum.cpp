#include "trust/balance_cusum.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::trust {
namespace {

constexpr double median_of_normal = 0.6744897501960817;  // of |z|, z standard normal
constexpr double mean_of_normal = 0.7978845608028654;    // likewise
constexpr double outlier = 4.0;

}  // namespace

bool Cusum::take(double z, const CusumRules& rules) {
    if (!std::isfinite(z)) {
        return statistic() > rules.limit;
    }
    const double clipped = std::clamp(z, -rules.clip, rules.clip);
    up = std::clamp(up + clipped - rules.drift, 0.0, rules.ceiling);
    down = std::clamp(down - clipped - rules.drift, 0.0, rules.ceiling);
    return statistic() > rules.limit;
}

void Unrest::add(double z, const UnrestRules& rules) {
    if (std::isfinite(z)) {
        const double size = std::min(std::abs(z), rules.clip);
        sum += 0.5 * (size * size * (1.0 - 1.0 / rules.ratio) - std::log(rules.ratio));
    }
}

bool Unrest::settle(const UnrestRules& rules) {
    sum = std::clamp(sum, 0.0, rules.ceiling);
    return sum > rules.limit;
}

double BalanceAccuracy::variance_kw2(double kw) const {
    const double deviation = rules_.class_share * std::abs(kw) + rules_.floor_kw;
    return deviation * deviation;
}

double BalanceAccuracy::deviation_kw(double variance_kw2) const {
    return factor_ * std::sqrt(variance_kw2);
}

void BalanceAccuracy::take(double difference_kw, double variance_kw2, bool is_doubted) {
    if (!std::isfinite(difference_kw) || !(variance_kw2 > 0.0)) {
        return;
    }
    const double size = std::abs(difference_kw) / std::sqrt(variance_kw2);
    if (!learnt_) {
        first_.push_back(static_cast<float>(size));
        if (first_.size() < rules_.learn) {
            return;
        }
        const auto middle = first_.begin() + static_cast<std::ptrdiff_t>(first_.size() / 2);
        std::nth_element(first_.begin(), middle, first_.end());
        factor_ = std::max(rules_.factor_min, static_cast<double>(*middle) / median_of_normal);
        learnt_ = true;
        std::vector<float>().swap(first_);
        return;
    }
    if (!is_doubted && size < outlier * factor_) {
        factor_ = std::max(rules_.factor_min, factor_ + rules_.forget * (size / mean_of_normal - factor_));
    }
}

}  // namespace headroom::trust
