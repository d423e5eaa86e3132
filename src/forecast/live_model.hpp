#pragma once

#include "core/result.hpp"
#include "features/half_hours.hpp"
#include "forecast/ensemble.hpp"
#include "forecast/live_covariates.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headroom::forecast {

/// The grid of the loads that are served live, in seconds: half-hours.
inline constexpr std::int64_t live_step_s = 1800;
/// Half-hours of the past that a row may look at: four weeks before the target and what surrounds them. A
/// ring that keeps fewer gives rows with more unknown columns than those of the training.
inline constexpr std::size_t live_past_periods = 29 * 48;
/// A longer list of leads than this is no model for the control room.
inline constexpr std::size_t live_leads_max = 8;

/// Loads on a grid of 2^-16 kW: their sums are exact in double precision, so that a row is the same bits
/// however far the history behind it reaches. About 15 mW; holds for |load| below 2^20 kW.
[[nodiscard]] double snapped_kw(double kw);

/// Two learnt leads and how much the longer one counts.
struct LeadMix {
    std::size_t near = 0;
    std::size_t far = 0;
    double far_share = 0.0;  ///< 0 … 1
};

/// An ensemble that the control room can serve: half-hours, of the covariates those that the control room
/// keeps (`live_columns`), the rows of this version.
/// Immutable; callable from any thread.
class LiveModel {
  public:
    /// `id` names the model to people: the beginning of its file's SHA-256.
    /// Errors: `conflict` when it was learnt on another grid, with other covariates or for other rows;
    /// `invalid` for more than `live_leads_max` leads. The message says what to do.
    [[nodiscard]] static Result<LiveModel> make(Ensemble ensemble, std::string id);

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const Ensemble& ensemble() const { return ensemble_; }
    /// The series' number in the training; −1 for one that was never seen.
    [[nodiscard]] std::int32_t series(std::string_view name) const;
    /// Who serves a lead: the learnt leads on both sides of it, by straight lines between them; beyond the
    /// ends, and where the two tell the load as a change from another base, the one on the lead's own side.
    [[nodiscard]] LeadMix mix(std::int64_t lead_s) const;
    /// The columns that it was learnt with, in its order; empty for none.
    [[nodiscard]] std::vector<const Covariate*> covariates(const CovariateTable& table) const;

  private:
    LiveModel(Ensemble ensemble, std::string id);
    Ensemble ensemble_;
    std::string id_;
    std::unordered_map<std::string, std::int32_t> numbers_;
    std::vector<std::size_t> columns_;  // of `live_columns`
};

/// Level and scale for serving at `origin` (a period number): of the four weeks before the last midnight
/// (UTC), so that it changes once a day; of everything before the origin while that is less than a day.
[[nodiscard]] SeriesScale live_scale(const features::HalfHours& past, std::int64_t origin);

}  // namespace headroom::forecast
