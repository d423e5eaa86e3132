#pragma once

#include "forecast/error_history.hpp"
#include "forecast/lead_learner.hpp"
#include "forecast/quantiles.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// What was learnt for one lead. Longer leads than the last are served by the last.
struct EnsembleLead {
    std::int64_t lead_s = 0;
    LeadModel model;
    std::array<QuantileValues, error_blocks> errors{};  ///< in widths, by block of local time
    std::size_t rows = 0;
    double error_mean = 0.0;       ///< mean size of the blend's error on rows it had not seen, in scales
    double base_error_mean = 0.0;  ///< the same of the base alone
};

/// Models for a range of leads, and what they were learnt from. Serves series that it never saw.
struct Ensemble {
    std::string schema_hash;  ///< of the rows; see `RowMaker`
    Region region = Region::england_and_wales;
    std::int64_t step_s = 0;
    std::uint32_t seed = 0;
    std::int64_t data_from_s = 0;  ///< time of the oldest reading
    std::int64_t data_to_s = 0;    ///< of the newest
    std::vector<std::string> covariates;
    std::vector<std::string> series;  ///< with models of their own, where the history was long enough
    std::vector<EnsembleLead> leads;  ///< ascending
};

struct TrainEnsembleOptions {
    Region region = Region::england_and_wales;
    LearnOptions learn;
    /// Leads shorter than the grid's step are left out.
    std::vector<std::int64_t> leads_s{300, 900, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 48 * 3600};
    std::size_t rows_max = 200'000;  ///< a lead; the rows are thinned out evenly beyond
};

/// Learns every lead from the panel. Deterministic by the seed. Errors: `invalid` when a lead has fewer than
/// 200 rows; those of the trees' growing.
[[nodiscard]] Result<Ensemble> train_ensemble(const Panel& panel, std::span<const Covariate> covariates,
                                              const TrainEnsembleOptions& options,
                                              const std::function<void(double, std::string_view)>& progress);

struct EnsembleForecast {
    std::string series;
    std::int64_t origin_s = 0;  ///< time of the newest reading that was used
    std::string reason;         ///< why it is empty, or whose models serve it; empty for the first choice
    struct Step {
        std::int64_t target_s = 0;
        QuantileValues load{};  ///< in the unit of the file
    };
    std::vector<Step> steps;
};

/// Forecasts every series of the panel from its newest reading to `horizon_s` behind it.
/// Errors: `conflict` when grid, region or covariates are not those the model was learnt with.
[[nodiscard]] Result<std::vector<EnsembleForecast>> forecast_ensemble(const Ensemble& ensemble,
                                                                      const Panel& panel,
                                                                      std::span<const Covariate> covariates,
                                                                      std::int64_t horizon_s);

}  // namespace headroom::forecast
