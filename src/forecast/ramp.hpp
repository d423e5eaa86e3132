#pragma once

#include "features/stream_row.hpp"
#include "forecast/quantiles.hpp"
#include "forecast/series_panel.hpp"
#include "forecast/trees.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// How far ahead a ramp is told, where the readings are fine enough.
inline constexpr std::array<std::int64_t, 4> ramp_leads_s{300, 900, 1800, 3600};

/// How fast a load will change, learnt from streaming rows of one cadence. Serves any point: what it reads
/// and answers is in units of the row's own spread. Immutable; callable from any thread.
struct RampModel {
    std::string schema_hash;  ///< `features::stream_schema_hash` of the rows
    std::int64_t cadence_s = 0;
    std::uint32_t seed = 0;
    std::int64_t data_from_s = 0;
    std::int64_t data_to_s = 0;
    std::vector<std::string> external;  ///< names of the rows' columns behind the streaming ones
    struct Lead {
        std::int64_t lead_s = 0;
        Trees change;             ///< to the load `lead_s` from now, in spreads
        Trees width;              ///< logarithm of the error's expected size, in spreads
        QuantileValues errors{};  ///< ascending, in widths, on rows that were not seen
        std::size_t rows = 0;
        double error_mean = 0.0;    ///< mean size of the error on rows not seen, in spreads
        double no_ramp_mean = 0.0;  ///< the same of foretelling no change
    };
    std::vector<Lead> leads;  ///< ascending
};

struct RampForecast {
    struct Lead {
        std::int64_t lead_s = 0;
        QuantileValues kw_min{};  ///< mean change a minute until then, ascending; unit of the row a minute
    };
    std::vector<Lead> leads;  ///< empty when the newest reading or its spread is not known
};

/// Pure. `row` is what `features::make_stream_row` made with the model's schema. Precondition: as many
/// columns as the model's rows have.
[[nodiscard]] RampForecast ramp(const RampModel& model, std::span<const float> row);

struct RampOptions {
    std::uint32_t seed = 7;
    std::size_t rows_max = 300'000;                   ///< a lead; thinned out evenly beyond
    const std::atomic<bool>* is_cancelled = nullptr;  ///< asked after every tree
};
/// Learns from a panel whose step is at most half an hour; the rows are made by the function that serves.
/// Covariates known ahead stand in the rows as they are now and by how much they will change.
/// Deterministic by the seed. Errors: `invalid` for a coarser panel or too few rows; `unavailable`
/// when it was cancelled; those of the trees.
[[nodiscard]] Result<RampModel> train_ramp(const Panel& panel, std::span<const Covariate> covariates,
                                           const RampOptions& options);

struct RampScore {
    struct Lead {
        std::int64_t lead_s = 0;
        std::size_t rows = 0;
        double mae = 0.0;  ///< of the median, unit a minute; each series weighs the same
        double no_ramp_mae = 0.0;
        double ratio = 0.0;       ///< mean over the series of the two's quotient
        double band_share = 0.0;  ///< of truths between the 10 % and the 90 % quantile
        double event_f1 = 0.0;    ///< of |ramp| over the history's 95 % quantile, told by that band
        double event_f1_median = 0.0;
    };
    std::vector<Lead> leads;
};
/// Holds a model against the readings of `truth`, which it has not seen. Errors: `conflict` for another grid
/// or other covariates.
[[nodiscard]] Result<RampScore> score_ramp(const RampModel& model, const Panel& panel,
                                           std::span<const Covariate> covariates, const SeriesFile& truth);

[[nodiscard]] std::string write_ramp(const RampModel& model);
/// Errors: as `read_model`.
[[nodiscard]] Result<RampModel> read_ramp(std::string_view text);
[[nodiscard]] Result<void> save_ramp(const RampModel& model, const std::filesystem::path& file);
[[nodiscard]] Result<RampModel> load_ramp(const std::filesystem::path& file);

}  // namespace headroom::forecast
