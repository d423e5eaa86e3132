#include "trust/state_estimation.hpp"

#include "trust/chi_square.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::trust {
namespace {

// A residual that keeps less than this of its error's variance says nothing: its meter is critical.
constexpr double variance_min = 1e-6;

bool passes(const StateEstimate& estimate, const BadDataRules& rules) {
    return estimate.degrees == 0 ||
           (chi_square_tail(estimate.objective, static_cast<double>(estimate.degrees)) >= rules.tail &&
            estimate.largest <= rules.normalised_max);
}

}  // namespace

StateEstimator::StateEstimator(Matrix h, std::vector<double> sigma, Solver all)
    : h_(std::move(h)), sigma_(std::move(sigma)), all_(std::move(all)) {}

Result<StateEstimator::Solver> StateEstimator::solver(const Matrix& h, std::span<const double> sigma,
                                                      const std::vector<bool>& used) {
    const std::size_t n = h.columns();
    Matrix normal(n, n);
    Solver solver{.gain = Matrix(n, h.rows()), .variance = std::vector<double>(h.rows(), 0.0), .used = 0};
    for (std::size_t m = 0; m < h.rows(); ++m) {
        if (!used[m]) {
            continue;
        }
        ++solver.used;
        const double weight = 1.0 / (sigma[m] * sigma[m]);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                normal.at(i, j) += weight * h.at(m, i) * h.at(m, j);
            }
        }
    }
    const Result<Cholesky> factor = Cholesky::of(normal);
    if (!factor) {
        return Error{Errc::invalid, fmt::format("{} meters do not determine all {} states", solver.used, n)};
    }
    for (std::size_t m = 0; m < h.rows(); ++m) {
        if (!used[m]) {
            continue;
        }
        const std::vector<double> column = factor->solve(h.row(m));
        double leverage = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            solver.gain.at(i, m) = column[i] / (sigma[m] * sigma[m]);
            leverage += column[i] * h.at(m, i);
        }
        solver.variance[m] = std::max(0.0, 1.0 - leverage / (sigma[m] * sigma[m]));
    }
    return solver;
}

Result<StateEstimator> StateEstimator::make(Matrix h, std::vector<double> sigma) {
    if (sigma.size() != h.rows()) {
        return Error{Errc::invalid, fmt::format("{} sigmas for {} meters", sigma.size(), h.rows())};
    }
    for (std::size_t m = 0; m < h.rows(); ++m) {
        if (!(sigma[m] > 0.0) || !std::isfinite(sigma[m])) {
            return Error{Errc::invalid,
                         fmt::format("the sigma {:g} of meter {} is not above 0", sigma[m], m)};
        }
        for (const double value : h.row(m)) {
            if (!std::isfinite(value)) {
                return Error{Errc::invalid, fmt::format("the model's row of meter {} is not finite", m)};
            }
        }
    }
    Result<Solver> all = solver(h, sigma, std::vector<bool>(h.rows(), true));
    if (!all) {
        return all.error();
    }
    return StateEstimator(std::move(h), std::move(sigma), *std::move(all));
}

StateEstimate StateEstimator::apply(const Solver& solver, std::span<const double> z,
                                    const std::vector<bool>& used) const {
    StateEstimate estimate{.state = std::vector<double>(states(), 0.0),
                           .residual = std::vector<double>(meters(), 0.0)};
    for (std::size_t m = 0; m < meters(); ++m) {
        if (used[m]) {
            for (std::size_t i = 0; i < states(); ++i) {
                estimate.state[i] += solver.gain.at(i, m) * z[m];
            }
        }
    }
    const std::vector<double> fitted = measurements_of(estimate.state);
    for (std::size_t m = 0; m < meters(); ++m) {
        if (!used[m]) {
            continue;
        }
        const double residual = (z[m] - fitted[m]) / sigma_[m];
        estimate.residual[m] = residual;
        estimate.objective += residual * residual;
        if (solver.variance[m] > variance_min) {
            const double normalised = std::abs(residual) / std::sqrt(solver.variance[m]);
            if (normalised > estimate.largest) {
                estimate.largest = normalised;
                estimate.largest_meter = m;
            }
        }
    }
    estimate.degrees = solver.used - states();
    return estimate;
}

std::vector<double> StateEstimator::measurements_of(std::span<const double> state) const {
    HEADROOM_ASSERT(state.size() == states());
    std::vector<double> z(meters(), 0.0);
    for (std::size_t m = 0; m < meters(); ++m) {
        for (std::size_t i = 0; i < states(); ++i) {
            z[m] += h_.at(m, i) * state[i];
        }
    }
    return z;
}

Result<StateEstimate> StateEstimator::estimate(std::span<const double> z) const {
    if (z.size() != meters()) {
        return Error{Errc::invalid, fmt::format("{} measurements of {} meters", z.size(), meters())};
    }
    std::vector<bool> used(meters(), true);
    std::transform(z.begin(), z.end(), used.begin(), [](double value) { return std::isfinite(value); });
    if (std::find(used.begin(), used.end(), false) == used.end()) {
        return apply(all_, z, used);
    }
    const Result<Solver> some = solver(h_, sigma_, used);
    return some ? Result<StateEstimate>(apply(*some, z, used)) : Result<StateEstimate>(some.error());
}

Result<StateVerdict> StateEstimator::judge(std::span<const double> z, const BadDataRules& rules) const {
    Result<StateEstimate> first = estimate(z);
    if (!first) {
        return first.error();
    }
    StateVerdict verdict;
    verdict.first = *first;
    verdict.tail =
        first->degrees > 0 ? chi_square_tail(first->objective, static_cast<double>(first->degrees)) : 1.0;
    verdict.is_bad = !passes(*first, rules);
    std::vector<double> rest(z.begin(), z.end());
    StateEstimate clean = *std::move(first);
    while (!passes(clean, rules) && verdict.suspects.size() < rules.removals_max) {
        rest[clean.largest_meter] = std::nan("");
        Result<StateEstimate> again = estimate(rest);
        if (!again) {
            break;  // the suspect is needed to determine a state: it stays, and the sample stays bad
        }
        verdict.suspects.push_back(clean.largest_meter);
        clean = *std::move(again);
    }
    verdict.is_clean = passes(clean, rules);
    verdict.clean = std::move(clean);
    return verdict;
}

Result<double> learn_sigma(const Matrix& h, std::span<const std::vector<double>> samples) {
    HEADROOM_ASSERT(!samples.empty());
    const Result<StateEstimator> unit = StateEstimator::make(h, std::vector<double>(h.rows(), 1.0));
    if (!unit) {
        return unit.error();
    }
    std::vector<double> objectives;
    double degrees = 0.0;
    for (const std::vector<double>& z : samples) {
        const Result<StateEstimate> estimate = unit->estimate(z);
        if (!estimate) {
            return estimate.error();
        }
        objectives.push_back(estimate->objective);
        degrees = static_cast<double>(estimate->degrees);
    }
    if (!(degrees > 0.0)) {
        return Error{Errc::invalid, "no more meters than states: nothing tells how exact the meters are"};
    }
    const auto middle = objectives.begin() + static_cast<std::ptrdiff_t>(objectives.size() / 2);
    std::nth_element(objectives.begin(), middle, objectives.end());
    const double sigma = std::sqrt(*middle / chi_square_critical(0.5, degrees));
    if (!(sigma > 0.0)) {
        return Error{Errc::invalid, "the measurements fit the model without any noise"};
    }
    return sigma;
}

}  // namespace headroom::trust
