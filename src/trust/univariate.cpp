#include "trust/univariate.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::trust {
namespace {

// Single steps are the noisiest kind; short means are calmer than values, so that their floor is lower.
constexpr std::array<double, 4> weights{1.0, 1.0, 0.8, 1.0};
constexpr std::array<double, 4> floors{1.0, 0.5, 1.0, 0.5};
constexpr double yesterday_clip = 6.0;  // deviations
constexpr double record_growth = 1.3;   // by one alarm at most: an attack does not deafen the watch

}  // namespace

UnivariateWatch::UnivariateWatch(UnivariateRules rules)
    : rules_(rules), yesterday_(rules.day, 0.0), since_alarm_(rules.refractory) {
    HEADROOM_ASSERT(rules.day > 1 && rules.fast > 0 && rules.record > 0.0);
}

std::array<double, UnivariateWatch::kinds> UnivariateWatch::departures(double value, double deviation) {
    const double short_weight = 2.0 / (static_cast<double>(rules_.fast) + 1.0);
    if (seen_ >= rules_.day) {
        const double apart = std::abs(value - yesterday_[seen_ % rules_.day]);
        from_yesterday_ += short_weight * (std::min(apart, yesterday_clip * deviation) - from_yesterday_);
    }
    fast_ += short_weight * (value - fast_);
    return {std::abs(value - mean_), std::abs(fast_ - mean_), std::abs(value - last_),
            seen_ >= rules_.day + rules_.fast ? from_yesterday_ : 0.0};
}

double UnivariateWatch::take(double value) {
    HEADROOM_ASSERT(std::isfinite(value));
    if (seen_ == 0) {
        mean_ = fast_ = last_ = value;
        yesterday_[0] = value;
        seen_ = 1;
        return 0.0;
    }
    const double deviation = std::sqrt(std::max(variance_, 0.0)) + 1e-12;
    const std::array<double, kinds> found = departures(value, deviation);
    const double floor = rules_.floor_share * std::abs(mean_) + rules_.floor_deviations * deviation + 1e-9;
    double largest = 0.0;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        if (records_[kind] > 0.0) {
            largest = std::max(largest,
                               weights[kind] * found[kind] / std::max(records_[kind], floors[kind] * floor));
        }
    }
    const bool is_warm = seen_ > rules_.warm_up;
    const bool is_beyond = is_warm && largest > rules_.record;
    const bool may_speak = is_warm && since_alarm_ >= rules_.refractory;
    since_alarm_ = may_speak && is_beyond ? 1 : since_alarm_ + 1;

    const double weight = std::max(rules_.forget, 1.0 / static_cast<double>(seen_ + 1));
    const double clipped =
        is_warm ? std::clamp(value, mean_ - rules_.clip * deviation, mean_ + rules_.clip * deviation) : value;
    variance_ = (1.0 - weight) * (variance_ + weight * (clipped - mean_) * (clipped - mean_));
    mean_ += weight * (clipped - mean_);
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        const double counts = is_beyond ? std::min(found[kind], record_growth * records_[kind]) : found[kind];
        records_[kind] = std::max(records_[kind] * (1.0 - rules_.fade), counts);
    }
    yesterday_[seen_ % rules_.day] = value;
    last_ = value;
    ++seen_;
    return may_speak ? largest / (1.0 + largest) : 0.0;
}

}  // namespace headroom::trust
