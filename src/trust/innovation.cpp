#include "trust/innovation.hpp"

#include "core/result.hpp"
#include "trust/chi_square.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::trust {
namespace {

constexpr std::size_t horizon_max = 16;
constexpr std::array<std::size_t, 5> horizons{1, 2, 4, 8, 16};
// Keeps the covariance invertible where a state hardly moves; a share of its mean variance.
constexpr double ridge_share = 1e-6;
// An innovation weighs at most as one of this distance, so that no single one makes the covariance blind.
constexpr double clip_multiple = 1.5;
// A covariance is judged with once it rests on so many independent errors for each state.
constexpr double worth_min = 3.0;

std::vector<double> difference(std::span<const double> a, std::span<const double> b) {
    std::vector<double> result(a.size());
    std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::minus<>{});
    return result;
}

Matrix with_ridge(const Matrix& covariance) {
    Matrix ridged = covariance;
    double trace = 0.0;
    for (std::size_t i = 0; i < covariance.rows(); ++i) {
        trace += covariance.at(i, i);
    }
    for (std::size_t i = 0; i < covariance.rows(); ++i) {
        ridged.at(i, i) += ridge_share * trace / static_cast<double>(covariance.rows()) + 1e-30;
    }
    return ridged;
}

}  // namespace

InnovationWatch::InnovationWatch(std::size_t states, InnovationRules rules)
    : states_(states),
      rules_(rules),
      critical_(chi_square_critical(rules.tail, static_cast<double>(states))),
      ring_((rules.days_back + 1) * rules.day + horizon_max + 1),
      spread_(2 * horizon_max, Spread{.covariance = Matrix(states, states), .seen = 0}) {
    HEADROOM_ASSERT(states > 0 && rules.day > horizon_max && rules.days_back > 1);
}

const InnovationWatch::Slot* InnovationWatch::back(std::size_t samples) const {
    if (samples == 0 || samples > seen_ || samples > ring_.size()) {
        return nullptr;
    }
    return &ring_[(seen_ - samples) % ring_.size()];
}

const InnovationWatch::Spread& InnovationWatch::spread(std::size_t horizon, std::size_t first_day) const {
    return spread_[std::min(horizon, horizon_max) - 1 + (first_day == 1 ? 0 : horizon_max)];
}

std::vector<double> InnovationWatch::forecast(std::size_t horizon, std::size_t first_day) const {
    const Slot* from = back(horizon);
    if (from == nullptr || !from->is_believed) {
        return {};
    }
    for (std::size_t days = first_day; days <= rules_.days_back; ++days) {
        const Slot* then = back(days * rules_.day);
        const Slot* before = back(days * rules_.day + horizon);
        if (then != nullptr && before != nullptr && then->is_believed && before->is_believed) {
            std::vector<double> ahead = difference(then->state, before->state);
            std::transform(ahead.begin(), ahead.end(), from->state.begin(), ahead.begin(), std::plus<>{});
            return ahead;
        }
    }
    return {};
}

double InnovationWatch::inverse_shrink(std::size_t seen, std::size_t horizon) const {
    // Errors over k samples overlap: n of them are worth about 3n/2k independent ones.
    const double overlap = horizon == 1 ? 1.0 : 1.5 / static_cast<double>(std::min(horizon, horizon_max));
    const double worth = overlap * std::min(static_cast<double>(seen), 2.0 / rules_.forget);
    const auto size = static_cast<double>(states_);
    return worth < worth_min * size ? 0.0 : (worth - size - 2.0) / (worth - 1.0);
}

std::optional<InnovationWatch::Distance> InnovationWatch::distance(std::span<const double> state,
                                                                   std::size_t horizon,
                                                                   std::size_t first_day) const {
    const Spread& known = spread(horizon, first_day);
    const std::vector<double> expected =
        known.seen < rules_.learn ? std::vector<double>{} : forecast(horizon, first_day);
    const Result<Cholesky> factor = Cholesky::of(with_ridge(known.covariance));
    if (expected.empty() || !factor) {
        return std::nullopt;
    }
    const std::vector<double> error = difference(state, expected);
    // Beyond the longest horizon whose spread is known the errors go on growing like a walk.
    const double growth = static_cast<double>(horizon) / static_cast<double>(std::min(horizon, horizon_max));
    const double shrink = inverse_shrink(known.seen, horizon);
    if (shrink <= 0.0) {
        return std::nullopt;
    }
    Distance found{.statistic = shrink * factor->quadratic(error) / growth / critical_};
    for (std::size_t i = 0; i < states_; ++i) {
        const double deviations =
            std::abs(error[i]) / std::sqrt(std::max(known.covariance.at(i, i) * growth, 1e-30));
        if (deviations > found.deviations) {
            found.deviations = deviations;
            found.state = i;
        }
    }
    return found;
}

void InnovationWatch::judge_horizon(std::span<const double> state, std::size_t horizon,
                                    Innovation& found) const {
    std::optional<Distance> nearest = distance(state, horizon, 1);
    const std::optional<Distance> weekly = distance(state, horizon, rules_.days_back);
    if (!nearest || (weekly && weekly->statistic < nearest->statistic)) {
        nearest = weekly;
    }
    if (!nearest) {
        return;
    }
    found.is_judged = true;
    if (nearest->statistic > found.statistic) {
        found.statistic = nearest->statistic;
        found.horizon = horizon;
        found.state = nearest->state;
        found.deviations = nearest->deviations;
    }
}

Innovation InnovationWatch::judge(std::span<const double> state) const {
    HEADROOM_ASSERT(state.size() == states_);
    Innovation found{.critical = critical_};
    const std::size_t newest = distrusted_ + 1;
    for (const std::size_t horizon : horizons) {
        judge_horizon(state, horizon, found);
    }
    if (std::find(horizons.begin(), horizons.end(), newest) == horizons.end()) {
        judge_horizon(state, newest, found);
    }
    found.is_suspect = found.statistic > 1.0 && distrusted_ < rules_.distrust_max;
    found.forecast = forecast(newest, 1);
    return found;
}

void InnovationWatch::learn(std::span<const double> state, std::size_t horizon, std::size_t first_day) {
    const std::vector<double> expected = forecast(horizon, first_day);
    if (expected.empty()) {
        return;
    }
    std::vector<double> error = difference(state, expected);
    Spread& known = spread_[horizon - 1 + (first_day == 1 ? 0 : horizon_max)];
    if (known.seen >= rules_.learn) {
        const Result<Cholesky> factor = Cholesky::of(with_ridge(known.covariance));
        const double distance = factor ? factor->quadratic(error) : 0.0;
        if (distance > clip_multiple * critical_) {
            const double shrink = std::sqrt(clip_multiple * critical_ / distance);
            std::transform(error.begin(), error.end(), error.begin(),
                           [shrink](double value) { return value * shrink; });
        }
    }
    ++known.seen;
    const double weight = std::max(rules_.forget, 1.0 / static_cast<double>(known.seen));
    for (std::size_t i = 0; i < states_; ++i) {
        for (std::size_t j = 0; j < states_; ++j) {
            double& entry = known.covariance.at(i, j);
            entry += weight * (error[i] * error[j] - entry);
        }
    }
}

void InnovationWatch::take(std::span<const double> state, bool is_believed) {
    HEADROOM_ASSERT(state.size() == states_);
    Slot slot{.state = {state.begin(), state.end()}, .is_believed = is_believed};
    if (is_believed) {
        for (std::size_t horizon = 1; horizon <= horizon_max; ++horizon) {
            learn(state, horizon, 1);
            learn(state, horizon, rules_.days_back);
        }
        distrusted_ = 0;
    } else {
        std::vector<double> expected = forecast(distrusted_ + 1, 1);
        if (!expected.empty()) {
            slot.state = std::move(expected);
        }
        ++distrusted_;
    }
    ring_[seen_ % ring_.size()] = std::move(slot);
    ++seen_;
}

}  // namespace headroom::trust
