#pragma once

#include "forecast/ensemble.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// What each column of `row` adds to the trees' answer beside that for `reference`: exact Shapley values of
/// the game in which a column is either the row's or the reference's. They sum to
/// predict(row) − predict(reference), up to the rounding of single precision. Adds to `out`, one value a
/// column, times `times`. Source: Lundberg et al., From local explanations to global understanding with
/// explainable AI for trees (2020), independent TreeSHAP.
void add_tree_contributions(const Trees& trees, std::span<const float> row, std::span<const float> reference,
                            double times, std::span<double> out);

/// The same of a linear model over `terms`: a term that is a product with the time of day is shared between
/// its column and the hour as both orders of changing them ask for.
void add_linear_contributions(const LinearTerms& terms, const LinearModel& model, std::span<const float> row,
                              std::span<const float> reference, double times, std::span<double> out);

/// Why a forecast's median is what it is. All loads in the unit of the file.
struct Explanation {
    std::string series;
    std::int64_t origin_s = 0;
    std::int64_t target_s = 0;
    std::int64_t lead_s = 0;  ///< of the model that serves it
    double base = 0.0;        ///< the seasonal or newest load that it is a change from
    double usual = 0.0;       ///< change that the models foretell for an ordinary row
    double correction = 0.0;  ///< median of past errors
    double rounding = 0.0;    ///< held within bounds, and single precision
    double median = 0.0;      ///< base + usual + correction + rounding + all contributions
    struct Part {
        std::string member;  ///< base, trees_all, …
        double weight = 0.0;
        double change = 0.0;  ///< what it foretells as a change from the base; 0 where it is missing
    };
    std::vector<Part> parts;  ///< of the blend; weights sum to 1
    struct Contribution {
        std::string column;
        double value = 0.0;  ///< of the row; NaN = unknown
        double load = 0.0;
    };
    std::vector<Contribution> contributions;  ///< of every column, largest first
};

/// Explains the forecast for `target_s` that `forecast_ensemble` makes of the panel's series at its newest
/// reading. Errors: as `forecast_ensemble`; `not_found` for an unknown series or one without readings;
/// `invalid` for a target that is not behind the newest reading or more than two days off.
[[nodiscard]] Result<Explanation> explain(const Ensemble& ensemble, const Panel& panel,
                                          std::span<const Covariate> covariates, const std::string& series,
                                          std::int64_t target_s);

/// Names of the blend's members, in the order of `Member`.
inline constexpr std::array<std::string_view, member_count> member_names{
    "base", "trees_all", "ridge_all", "trees_own", "ridge_own_loose", "ridge_own_tight"};

}  // namespace headroom::forecast
