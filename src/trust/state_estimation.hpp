#pragma once

#include "core/result.hpp"
#include "trust/dense.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace headroom::trust {

/// A state that fits measurements, and how well it does.
struct StateEstimate {
    std::vector<double> state;
    std::vector<double> residual;   ///< of every meter: (z − Hx) / sigma; 0 for a meter that was left out
    double objective = 0.0;         ///< J(x): the sum of the squared residuals
    std::size_t degrees = 0;        ///< meters used minus states
    double largest = 0.0;           ///< |residual| over its own standard deviation, the largest of all
    std::size_t largest_meter = 0;  ///< the one it stands at
};

struct BadDataRules {
    double tail = 0.001;           ///< chi-square: so often J is exceeded by noise alone
    double normalised_max = 4.25;  ///< about the same for the largest of 30 to 50 normalised residuals
    std::size_t removals_max = 6;  ///< meters that may be set aside in one sample
};

/// What a sample of measurements is worth.
struct StateVerdict {
    StateEstimate first;                ///< of all finite measurements
    StateEstimate clean;                ///< without the suspects
    std::vector<std::size_t> suspects;  ///< meters set aside, the worst first
    double tail = 1.0;                  ///< probability that noise alone makes J of `first` as large
    bool is_bad = false;                ///< `first` fails one of the two tests
    bool is_clean = true;               ///< `clean` passes both: its state may be used
};

/// Weighted least squares for z = Hx + e, independent errors of known standard deviation: HᵀWH is factorised
/// once per topology, an estimate is two multiplications. The DC model of a network is of this form; for an
/// AC model `h` is the Jacobian at the operating point and `z` the deviation from it.
/// Source: Abur and Expósito, Power System State Estimation, chapters 2 and 5.
class StateEstimator {
  public:
    /// `h`: a row for each meter, a column for each state. Errors: `invalid` when a value is not finite, a
    /// sigma is not above 0, their number is not the rows', or the meters do not determine every state.
    [[nodiscard]] static Result<StateEstimator> make(Matrix h, std::vector<double> sigma);

    [[nodiscard]] std::size_t meters() const { return h_.rows(); }
    [[nodiscard]] std::size_t states() const { return h_.columns(); }

    /// Measurements that are not finite are left out. Errors: `invalid` when their number is not that of the
    /// meters, or the rest no longer determines every state.
    [[nodiscard]] Result<StateEstimate> estimate(std::span<const double> z) const;

    /// Chi-square test of J and test of the largest normalised residual; while one fails, the meter with the
    /// largest one is set aside and the rest estimated again, as long as it stays determined.
    [[nodiscard]] Result<StateVerdict> judge(std::span<const double> z, const BadDataRules& rules) const;

    /// H x
    [[nodiscard]] std::vector<double> measurements_of(std::span<const double> state) const;

  private:
    /// Gain and residual variances for a set of meters.
    struct Solver {
        Matrix gain;                   // K = (HᵀWH)⁻¹HᵀW, states x meters
        std::vector<double> variance;  // of the residual over sigma, by meter: 1 − H K's diagonal
        std::size_t used = 0;
    };
    StateEstimator(Matrix h, std::vector<double> sigma, Solver all);
    [[nodiscard]] static Result<Solver> solver(const Matrix& h, std::span<const double> sigma,
                                               const std::vector<bool>& used);
    [[nodiscard]] StateEstimate apply(const Solver& solver, std::span<const double> z,
                                      const std::vector<bool>& used) const;

    Matrix h_;
    std::vector<double> sigma_;
    Solver all_;
};

/// The standard deviation, the same for all meters, that explains the residuals of a clean learning period:
/// median of J at sigma = 1 over the median of chi-square. `samples` is at least one. Errors: those of
/// `StateEstimator`.
[[nodiscard]] Result<double> learn_sigma(const Matrix& h, std::span<const std::vector<double>> samples);

}  // namespace headroom::trust
