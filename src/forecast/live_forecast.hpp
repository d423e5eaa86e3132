#pragma once

#include "features/half_hours.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/lead_rows.hpp"
#include "forecast/live_model.hpp"
#include "forecast/live_tracking.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace headroom::forecast {

/// A point as the ensemble serves it.
struct LivePoint {
    features::HalfHours past;  ///< ends before the origin
    std::int32_t series = -1;  ///< its number in the training; −1 when it was never seen
    SeriesScale scale;         ///< `live_scale`
    std::size_t point_class = 0;
    const PointBias* bias = nullptr;  ///< nullptr for none
};

/// Forecasts a block of points from one origin: rows by the maker of the training, trees for all rows of a
/// lead at once. Keeps its memory from block to block. One thread.
///
/// `origin` is a period number; what lies before it may be known, and the first half-hour forecast is the
/// origin itself. The same points give the same bits in whatever blocks they come.
class LiveForecaster {
  public:
    /// Looks at a block. `points`, `model` and `table` are borrowed until the next call. At most some
    /// hundreds. Without a table the model's covariates are unknown.
    void look(const LiveModel& model, std::int64_t origin, std::span<const LivePoint> points,
              const CovariateTable* table = nullptr);
    /// A covariate of the model is unknown of the half-hour at the origin, or of the one before it where it
    /// is measured: its columns are unknown in the rows, and people are told `feed_is_silent`.
    [[nodiscard]] bool lacks_feed() const { return lacks_feed_; }
    /// Why a point of the block cannot be served; `Fallback::none` when it can.
    [[nodiscard]] Fallback fault(std::size_t point) const { return faults_[point]; }

    /// The half-hours `leads` of all points: rows()[point × (to − from) + i − from]. `leads` may reach to
    /// `live_periods_max`. Rows of a point with a fault mean nothing.
    void forecast(const LiveTracking& tracking, Leads leads);
    [[nodiscard]] std::span<const QuantileRow> rows() const { return rows_; }

    /// What every learnt lead would have said of the half-hour before the origin, against what came: moves
    /// the points' own biases and counts for their classes. `biases` are those of the block, one a point;
    /// nullptr leaves a point out.
    void learn(const LiveTracking& tracking, std::span<PointBias* const> biases, TrackingCounts& counts);

  private:
    void make_rows(std::int64_t target, std::int64_t newest);
    void evaluate(std::size_t lead, std::vector<double>& blended, std::vector<double>& widths);

    const LiveModel* model_ = nullptr;
    std::int64_t origin_ = 0;
    std::span<const LivePoint> points_;
    Panel panel_;
    std::optional<RowMaker> maker_;
    bool lacks_feed_ = false;
    std::vector<float> outside_;  // of a row, the same for all points
    std::vector<Fallback> faults_;
    std::vector<std::int32_t> numbers_;
    std::vector<float> values_;
    std::vector<double> bases_;
    std::vector<MemberValues> members_;
    std::vector<double> blended_near_;
    std::vector<double> blended_far_;
    std::vector<double> widths_near_;
    std::vector<double> widths_far_;
    std::vector<float> scratch_;
    std::vector<QuantileRow> rows_;
};

/// Half-hours that the ensemble reaches at most: two days.
inline constexpr std::int64_t live_periods_max = 96;
/// Points that are taken together.
inline constexpr std::size_t live_block = 64;

/// Reason of a forecast of the ensemble that lacks a feed.
inline constexpr std::string_view feed_is_silent =
    "a feed that the model looks at says nothing: its values are unknown";

/// Whole watts of a load in kW, held within what a row can carry.
[[nodiscard]] std::int32_t row_watts(double kw);

}  // namespace headroom::forecast
