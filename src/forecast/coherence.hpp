#pragma once

#include "forecast/backtest.hpp"
#include "forecast/ensemble.hpp"

#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Which series add up to which. One level: a substation is the sum of its feeders.
struct Hierarchy {
    struct Station {
        std::string name;
        std::vector<std::string> feeders;
    };
    std::vector<Station> stations;
};
/// Reads `substation,feeder`, one row a feeder. Errors: those of the file; `invalid` naming a feeder that
/// stands below two substations, below itself, or is a substation too.
[[nodiscard]] Result<Hierarchy> read_hierarchy(const std::filesystem::path& file);

/// A total and its parts that add up: forecasts made apart from each other, each moved by its share of what
/// is missing, in proportion to the variance of its error. Weighted least squares with a diagonal weight.
/// Source: Wickramasuriya, Athanasopoulos and Hyndman, Optimal forecast reconciliation (MinT, 2019).
struct Reconciled {
    double total = 0.0;
    std::vector<double> parts;
};
/// Precondition: as many variances as parts, none negative. With all variances zero the total gives way.
[[nodiscard]] Reconciled reconcile(double total, double total_variance, std::span<const double> parts,
                                   std::span<const double> variances);

/// Quantiles of a sum of loads whose errors have the given mean correlation (0: independent, 1: together):
/// the medians' sum, and on each side √((1−ρ) Σd² + ρ (Σd)²) of the parts' distances d from their medians.
/// Exact for normal errors. Ascends. Precondition: 0 ≤ correlation ≤ 1.
[[nodiscard]] QuantileValues quantiles_of_sum(std::span<const QuantileValues> parts, double correlation);

/// Mean correlation of the errors of several series, from what they were at the same instants.
class ErrorCorrelation {
  public:
    /// One error a series, NaN where there is none.
    void add(std::span<const double> errors);
    /// Between 0 and 1; `prior` counts as much as `prior_instants`.
    [[nodiscard]] double mean() const;

    static constexpr double prior = 0.1;
    static constexpr double prior_instants = 48.0;

  private:
    std::vector<double> squares_;
    std::vector<double> counts_;
    double products_ = 0.0;  // of pairs, each over its two deviations so far
    double pairs_ = 0.0;
};

/// A substation and its feeders at one instant, made coherent: the feeders keep their spread around moved
/// medians; a substation with a forecast of its own keeps its spread, one without has that of the sum. Pure;
/// the live side calls it with its own variances. `total` is nullptr without a forecast of its own.
struct CoherentStation {
    QuantileValues total{};
    std::vector<QuantileValues> feeders;
};
[[nodiscard]] CoherentStation make_coherent(const QuantileValues* total, double total_variance,
                                            std::span<const QuantileValues> feeders,
                                            std::span<const double> variances, double correlation);
/// Variance of the error that the quantiles themselves promise.
[[nodiscard]] double variance_of(const QuantileValues& load);

struct CoherentRows {
    std::vector<std::string> names;  ///< those of the panel, then substations that it does not hold
    std::vector<BacktestRow> rows;   ///< `series` is an index into `names`
    std::size_t instants = 0;        ///< that were made coherent, over all substations
    std::size_t left_as_is = 0;      ///< at which a feeder had no forecast
};
/// Makes the forecasts of a backtest coherent. Variances and correlation at an origin rest on errors of
/// targets up to it. Errors: `not_found` naming a feeder that the panel does not hold.
[[nodiscard]] Result<CoherentRows> make_coherent(const Panel& panel, std::vector<BacktestRow> rows,
                                                 const Hierarchy& hierarchy);

/// The same for forecasts from now: variances as the quantiles promise, correlation of the errors that the
/// model would have made over the last week. Substations without a series are appended.
/// Errors: `not_found` as above; `conflict` when the series do not end at the same instant.
[[nodiscard]] Result<void> make_coherent(const Ensemble& ensemble, const Panel& panel,
                                         std::span<const Covariate> covariates, const Hierarchy& hierarchy,
                                         std::vector<EnsembleForecast>& forecasts);

}  // namespace headroom::forecast
