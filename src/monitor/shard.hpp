#pragma once

#include "features/half_hours.hpp"
#include "features/reading_ring.hpp"
#include "features/stream_row.hpp"
#include "forecast/forecaster.hpp"
#include "forecast/live_forecast.hpp"
#include "forecast/stream_model.hpp"
#include "grid/network.hpp"
#include "monitor/chunks.hpp"
#include "monitor/forecast_rows.hpp"
#include "monitor/live_state.hpp"
#include "monitor/monitor.hpp"
#include "monitor/point_state.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace headroom::monitor {

/// The forecasts of one interval are spread over so many ticks.
inline constexpr std::int64_t tick_portions = 5;
/// So many verdicts are held until somebody takes them; further ones are dropped.
inline constexpr std::size_t verdicts_max = 100'000;
inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// What all shards read while they work, and nobody writes meanwhile.
struct Context {
    const grid::Network* network = nullptr;
    telemetry::PointRegistry* registry = nullptr;
    MonitorOptions options;
    trust::WatchRules trust_rules;
    std::size_t alarm = 0;                                            // position of the alarm quantile
    std::bitset<telemetry::PointRegistry::sources_max> changes_only;  // sources that send when a value moves
    std::optional<forecast::ForecastModel> model;
    std::optional<forecast::StreamModel> stream_model;           // asked at every reading
    bool stream_external = false;                                // it was made with weather and price
    std::shared_ptr<const forecast::LiveModel> live;             // put in front of `model`; nullptr for none
    std::uint32_t live_generation = 1;                           // changes with it
    std::shared_ptr<const forecast::CovariateTable> covariates;  // of its rows; nullptr: unknown
    forecast::LiveTracking tracking;
    forecast::TrackingCounts counts;  // not followed yet
    forecast::Ahead ahead;
    std::int64_t closed = features::no_period;  // half-hours before it are in the rings
    UtcTime now{};
    UtcTime latest{};  // readings may end so late: now and the tolerance

    [[nodiscard]] std::int64_t periods_ahead() const;
    /// Columns of a streaming row, those of weather and price (`forecast::live_columns`) behind the others.
    [[nodiscard]] static std::size_t stream_width(bool has_external) {
        return features::stream_count + (has_external ? forecast::live_columns.size() : 0);
    }
};

/// Where a reading of the batch goes: its position in the batch and its point's in the shard.
struct Item {
    std::uint32_t position = 0;
    std::uint32_t local = 0;
};

/// An event of a limit that is not over.
struct OpenEvent {
    EventId event;
    UtcTime start{};
    UtcTime end{};
};

/// features::PointLevel in less room: no ring has more half-hours than fit.
struct KeptLevel {
    double level_kw = 0.0;
    double noise_kw = 0.0;
    std::uint16_t known = 0;
    std::uint16_t pairs = 0;

    KeptLevel() = default;
    KeptLevel(const features::PointLevel& level)  // NOLINT(google-explicit-constructor): the same thing
        : level_kw(level.level_kw),
          noise_kw(level.noise_kw),
          known(static_cast<std::uint16_t>(level.known)),
          pairs(static_cast<std::uint16_t>(level.pairs)) {}
    operator features::PointLevel() const {  // NOLINT(google-explicit-constructor)
        return {.level_kw = level_kw, .noise_kw = noise_kw, .known = known, .pairs = pairs};
    }
};

/// A point and direction that somebody has set a limit to.
struct Limited {
    std::int64_t limit_w = 0;  // 0 while no limit applies
    std::int64_t clear_w = 0;
    std::uint32_t order = 0;            // among all; what is found is told in this order
    std::uint32_t local = 0;            // the point
    std::uint32_t chosen = none;        // position of the limit that binds in the network's list
    std::uint32_t first_candidate = 0;  // of several in the shard's list; an only one itself
    std::int32_t forecast_start = features::no_period;
    std::int32_t level_origin = features::no_period;  // what the level below was reckoned for
    KeptLevel level;
    std::uint16_t candidates = 0;
    std::uint16_t below = 0;  // for export: readings below the clear level in a row
    forecast::Method method = forecast::Method::none;
    forecast::Fallback why = forecast::Fallback::none;
    std::uint8_t refreshes = 0;    // where forecasts are refreshed horizon by horizon
    std::uint8_t portion : 4 = 0;  // of the ticks that share the forecasts of one interval
    bool is_export : 1 = false;
    bool is_candidate : 1 = false;  // has been found over its limit in the batch at hand
    bool has_open : 1 = false;
    bool lacks_feed : 1 = false;  // of the ensemble's forecast
};
static_assert(sizeof(Limited) == 72);

/// What a shard found. `position` is that of the reading in the batch, or the limit's order in a tick, so
/// that what several shards found can be told in one order.
template <class T>
struct Found {
    std::uint32_t position = 0;
    T what;
};
struct Candidate {
    std::uint32_t shard = 0;
    std::uint32_t limited = 0;
    RaisedOverload raised;
};
struct RolledUp {
    telemetry::PointRef point = telemetry::no_point;
    std::int32_t period = 0;
    float mean_kw = 0.0F;
    bool is_kept_apart = false;  // measured by a meter that is not believed
};
struct Findings {
    IngestCount count;
    std::vector<Found<trust::Verdict>> verdicts;
    std::vector<Found<RolledUp>> rollups;
    std::vector<Found<Candidate>> candidates;
    std::vector<Found<EventId>> breached;
    std::vector<Found<EventId>> cleared;
    void clear();
};

/// The state of a part of the points, in arrays by use, and what a reading does to it. Phases and sum of one
/// place are in one shard. Belongs to one thread at a time; takes no lock, and no memory for a reading that
/// raises nothing and is not doubted.
class Shard {
  public:
    Shard(const Context& context, std::uint32_t index);

    // shard_points.cpp: points
    void reserve(std::size_t points, std::size_t limits);
    std::uint32_t add_point(telemetry::PointRef ref, grid::Quantity quantity, bool is_device);
    [[nodiscard]] std::uint32_t points() const { return static_cast<std::uint32_t>(first_limits_.size()); }
    [[nodiscard]] HotPoint& hot(std::uint32_t local) { return blocks_.at(local)->hot; }
    [[nodiscard]] const HotPoint& hot(std::uint32_t local) const { return blocks_.at(local)->hot; }
    [[nodiscard]] telemetry::PointRef ref(std::uint32_t local) const { return blocks_.at(local)->ref; }
    [[nodiscard]] std::span<float, features::ring_size> ring_values(std::uint32_t local) {
        return blocks_.at(local)->ring;
    }
    [[nodiscard]] OlderSums& older(std::uint32_t local) { return blocks_.at(local)->older; }
    [[nodiscard]] features::HalfHourRing half_hours(std::uint32_t local);
    void forget_level(std::uint32_t local);
    [[nodiscard]] std::int32_t newest_half_hour(std::uint32_t local) const {
        return blocks_.at(local)->newest_half_hour;
    }
    [[nodiscard]] double limit_kw(std::uint32_t local) const;
    [[nodiscard]] double period_mean_kw(std::uint32_t local, std::int64_t period);
    /// Copies the first to.size() points as they are.
    void copy_points(std::span<PointBlock> to) const;
    /// Bytes of state that have been asked for.
    [[nodiscard]] std::size_t bytes() const;

    // shard_points.cpp: limits
    /// By grid::Direction.
    [[nodiscard]] std::array<std::uint32_t, 2> limits_of(std::uint32_t local) const;
    [[nodiscard]] std::uint32_t limited_of(std::uint32_t local, grid::Direction direction) const;
    std::uint32_t add_limited(std::uint32_t local, grid::Direction direction);
    [[nodiscard]] std::vector<Limited>& limits() { return limits_; }
    [[nodiscard]] std::vector<std::int64_t>& forecast_due() { return forecast_due_; }
    [[nodiscard]] std::vector<std::uint32_t>& candidates() { return candidates_; }
    [[nodiscard]] const std::vector<Limited>& limits() const { return limits_; }
    /// The events that a limit is in; nullptr for none.
    [[nodiscard]] const std::vector<OpenEvent>* open_of(std::uint32_t limited) const;
    /// Calls `look` with each limit that is in an event, and the event; by limit.
    template <class Look>
    void for_open(Look look) const {
        for (std::uint32_t index = 0; !open_.empty() && index < limits_.size(); ++index) {
            if (limits_[index].has_open) {
                for (const OpenEvent& open : *open_of(index)) {
                    look(limits_[index], open);
                }
            }
        }
    }
    /// A new event, or a new window of one that is known.
    void add_open(std::uint32_t limited, OpenEvent event);
    void choose_limits(grid::Season season);

    // shard.cpp: readings
    /// Takes the items' readings in their order. `used` (a byte per reading, or nothing) is set for those
    /// that were new and usable.
    void take(std::span<const Item> items, std::span<const telemetry::Reading> readings, std::uint8_t* used);
    [[nodiscard]] features::ReadingRing ring(std::uint32_t local, std::int64_t& newest_slot);

    // shard_periods.cpp
    void close_periods(std::int64_t current, bool is_all);

    // shard_risk.cpp and shard_forecast.cpp: limits, forecasts and events
    void end_windows();
    void refresh_forecasts();
    [[nodiscard]] std::optional<forecast::LoadForecast> forecast(std::uint32_t limited) const;
    [[nodiscard]] std::uint64_t forecasts_made() const { return forecasts_made_; }
    /// Made at once, for any point. Precondition: periods within the reach of the methods at hand.
    [[nodiscard]] forecast::LoadForecast forecast_ahead(std::uint32_t local, std::int64_t origin,
                                                        std::int64_t periods);
    /// Another ensemble, or none, serves from now on.
    void serve_anew();
    [[nodiscard]] forecast::TrackingCounts take_tracking_counts();
    [[nodiscard]] const forecast::TrackingCounts& tracking_counts() const { return tracking_counts_; }
    [[nodiscard]] LiveState& live_state(std::uint32_t limited);

    // shard_trust.cpp: points whose readings are not believed
    /// `rewritten` gets the half-hours since `since`, as measured and as they stand now.
    void distrust(std::uint32_t local, UtcTime since, trust::IncidentKind kind,
                  std::vector<RolledUp>& rewritten);
    void believe(std::uint32_t local);
    [[nodiscard]] std::optional<trust::IncidentKind> distrusted_as(std::uint32_t local) const;

    // shard_stream.cpp: rows and answers at every reading
    /// `generation` is what is metered of the solar or wind power behind `local`.
    void link_generation(std::uint32_t local, std::uint32_t generation, bool is_wind);
    /// The row of the point's newest slot; answers false before its grid is known.
    bool stream_row(std::uint32_t local, bool has_external, std::span<float> row);
    [[nodiscard]] float next_kw(std::uint32_t local) const {
        return local < next_kw_.size() ? next_kw_[local] : std::numeric_limits<float>::quiet_NaN();
    }

    Findings found;

  private:
    bool take_one(Item item, const telemetry::Reading& reading);
    bool take_in_order(Item item, HotPoint& point, const telemetry::Reading& reading);
    bool take_late(Item item, HotPoint& point, const telemetry::Reading& reading);
    bool take_second(Item item, HotPoint& point, const telemetry::Reading& reading, double known);
    void relearn_cadence(std::uint32_t local, HotPoint& point, std::int64_t wanted_ms, UtcTime start);
    void write_ring(std::uint32_t local, HotPoint& point, std::int64_t start, float value);
    void use(Item item, HotPoint& point, const telemetry::Reading& reading, bool is_correction);
    void quarantine(telemetry::Quarantine reason);
    void doubt(std::uint32_t position, telemetry::PointRef ref, UtcTime at, trust::Doubt doubt, bool usable,
               std::string detail);
    void prefetch_rest(std::uint32_t local) const;

    [[nodiscard]] double expected_kw(std::uint32_t local, std::int64_t period);
    [[nodiscard]] float stand_in(std::uint32_t local, std::int64_t at_ms);
    void keep_apart(Item item, HotPoint& point, const telemetry::Reading& reading);

    [[nodiscard]] double generated_kw(std::uint32_t local, UtcTime at);
    [[nodiscard]] std::span<const float> external(std::int64_t period);
    void infer_later(std::uint32_t local);
    void infer();

    void add_to_periods(Item item, HotPoint& point, const telemetry::Reading& reading);
    void add_to_period(Item item, HotPoint& point, std::int64_t period, double kw, std::int64_t length_ms);
    [[nodiscard]] bool is_full(std::uint32_t local, const HotPoint& point, const telemetry::Reading& reading);
    void correct_periods(std::uint32_t local, HotPoint& point, const telemetry::Reading& reading, double was);
    /// Calls `look` with the half-hours before the newest that there is anything of, oldest first, and keeps
    /// what it makes of them.
    template <class Look>
    void for_older(std::uint32_t local, Look look) {
        const std::int32_t newest = hot(local).sum.period;
        if (newest == features::no_period) {
            return;
        }
        OlderSums& sums = older(local);
        for (std::int64_t period = newest - std::int64_t{older_periods}; period < newest; ++period) {
            if (PeriodSum sum = sums.at(period); sum.weight > 0) {
                look(sum);
                sums.put(sum);
            }
        }
    }
    void advance(Item item, HotPoint& point, std::int64_t period);
    void retire(std::uint32_t position, std::uint32_t local, PeriodSum& sum);
    void mark_late(std::uint32_t local);

    void look_now(Item item, HotPoint& point, const telemetry::Reading& reading, bool is_correction);
    void look_now_export(Item item, HotPoint& point, std::int64_t load_w);
    void over_limit(Item item, std::uint32_t limited, HotPoint& point);
    void remember(std::uint32_t local, HotPoint& point, std::uint32_t at_ms, std::int64_t load_w,
                  bool is_correction);
    [[nodiscard]] RecentWatts* recent(std::uint32_t local, HotPoint& point);
    [[nodiscard]] risk::RiskInput question(const Limited& limited) const;
    void ask(std::uint32_t position, std::uint32_t index, risk::RiskInput input);

    void make_forecasts(std::span<const std::uint32_t> due);
    void prefetch_forecast(std::uint32_t index);
    void refresh(std::uint32_t index, forecast::Fallback because);
    void refresh_live(std::span<const std::uint32_t> block);
    [[nodiscard]] bool is_made(std::uint32_t index);
    [[nodiscard]] std::span<float> past_memory(std::size_t place);
    [[nodiscard]] forecast::LivePoint live_point(const features::HalfHours& past,
                                                 const features::PointLevel& level, LiveState& state,
                                                 std::int64_t origin) const;
    void keep_rows(std::uint32_t index, forecast::Leads leads, std::span<const forecast::QuantileRow> rows);
    [[nodiscard]] forecast::Leads leads_of(Limited& limited) const;
    void look_ahead(std::uint32_t index);

    const Context& context_;
    std::uint32_t index_;
    std::size_t window_;
    std::size_t rows_max_;

    Chunks<PointBlock> blocks_;
    Chunks<RecentWatts> long_recent_;
    Chunks<float> half_hours_;
    std::vector<std::uint32_t> first_limits_;                         // by point
    std::unordered_map<std::uint32_t, std::uint32_t> second_limits_;  // where both directions are limited

    std::vector<Limited> limits_;
    std::vector<std::int64_t> forecast_due_;
    std::vector<std::uint32_t> candidates_;
    ForecastRows forecasts_;
    std::uint64_t forecasts_made_ = 0;
    std::unordered_map<std::uint32_t, std::vector<OpenEvent>> open_;

    std::vector<std::uint32_t> late_;  // points with a corrected half-hour that had been closed
    std::vector<float> scratch_;
    bool is_corrected_ = false;  // the reading at hand has changed a slot

    struct Distrusted {
        trust::IncidentKind kind = trust::IncidentKind::tampering;
        PeriodSum measured;  // the half-hour at hand, as the meter has it
    };
    std::unordered_map<std::uint32_t, Distrusted> distrusted_;

    std::unordered_map<std::uint32_t, std::array<std::uint32_t, 2>> generation_;  // solar and wind by point
    std::vector<float> next_kw_;  // empty while no streaming model is asked
    features::LocalHour hour_;
    std::vector<float> external_;  // of the half-hour `external_of_`, from `external_from_`
    std::int64_t external_of_ = features::no_period;
    std::shared_ptr<const forecast::CovariateTable> external_from_;
    std::vector<float> stream_rows_;
    std::vector<std::uint32_t> stream_points_;
    std::vector<forecast::QuantileRow> rows_;

    std::vector<LiveState> live_states_;  // by limit; empty while no ensemble serves
    forecast::LiveForecaster live_forecaster_;
    forecast::TrackingCounts tracking_counts_;
    std::vector<float> live_pasts_;  // of a block
    std::vector<std::uint32_t> due_;
    std::vector<std::uint32_t> block_;
    std::vector<forecast::LivePoint> block_points_;
};

}  // namespace headroom::monitor
