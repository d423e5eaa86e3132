#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "features/half_hour_ring.hpp"
#include "forecast/live_model.hpp"
#include "forecast/load_forecast.hpp"
#include "forecast/stream_model.hpp"
#include "grid/network.hpp"
#include "risk/assess.hpp"
#include "store/series.hpp"
#include "telemetry/reading.hpp"
#include "trust/incident_kind.hpp"
#include "trust/verdict.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::monitor {

struct MonitorOptions {
    risk::RiskRules rules;
    milliseconds forecast_every{minutes{5}};  ///< event time between forecasts of one point
    milliseconds late_after{
        hours{2}};  ///< readings older than this against their point's newest are too late
    milliseconds future_tolerance{minutes{2}};
    bool unknown_points_allowed = false;  ///< replay of files: points appear as they are read
    /// Parts of the state that threads work on side by side; 0 = one less than the processors, at least one.
    /// What comes out is the same for any number.
    std::size_t shards = 0;
    /// Horizons (forecast::lead_buckets) that a refresh makes anew; 0 = all of them, for networks of up to
    /// some ten thousand points. With n of them, nearer ones come more often: horizon h is never older than
    /// 2^(h+1) / n refreshes, the last never older than the one before it. With 1, every 5 minutes and the
    /// default rules: 10, 20, 40, 80 and 80 minutes for leads of 1, 2, 3–4, 5–8 and 9–13 half-hours.
    std::size_t horizons_per_refresh = 0;
    /// Half-hours kept of each point, 54 to 4096: sixteen days; 96 where memory is short (no lag of a week);
    /// with 54 the day before reaches far enough for the three-hour residual, and there is no second day.
    std::size_t half_hours = features::half_hours_kept;
};

/// What the state takes, as asked for from the system.
struct MonitorMemory {
    std::size_t points = 0;  ///< that state is kept of
    std::size_t bytes = 0;
};

/// What became of a batch. Every reading is counted exactly once.
struct IngestCount {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t conflicts = 0;
    std::array<std::uint64_t, telemetry::quarantine_reasons> quarantined{};
};

/// An overload with all it was decided from, for the audit log and replay.
struct RaisedOverload {
    risk::Overload overload;
    risk::RiskInput input;
    std::string forecast_method;
    std::string forecast_model;  ///< id of the ensemble behind it; empty for any other method
};

/// How far a source of readings has been taken in: what the state of a snapshot contains.
struct SourcePosition {
    std::string source;
    std::string partition;
    std::int64_t next_offset = 0;
    bool operator==(const SourcePosition&) const = default;
};

/// What a snapshot says of itself.
struct SnapshotInfo {
    UtcTime saved_at{};  ///< domain time of the state
    std::vector<SourcePosition> positions;
    std::string note;         ///< the caller's own
    std::size_t points = 0;   ///< in the file
    std::size_t unknown = 0;  ///< of these, of places that this network does not have: left out
    bool has_model = false;   ///< a model for the present features was in it
};

/// A feeder's phase as the pages show it.
struct PointView {
    telemetry::PointRef point = telemetry::no_point;
    double load_kw = 0.0;  ///< newest usable reading; NaN before the first
    UtcTime at{};
    telemetry::Quality quality = telemetry::Quality::measured;
    std::uint16_t source = 0;
    double limit_kw = 0.0;  ///< NaN when the point has none
    /// Load expected one lead of the streaming model ahead; NaN without such a model.
    double next_kw = std::numeric_limits<double>::quiet_NaN();
    std::size_t readings = 0;
    milliseconds cadence{0};  ///< distance of its readings; 0 before it is known
    /// The newest reading as it came, doubted or not; NaN before the first.
    double raw_kw = std::numeric_limits<double>::quiet_NaN();
    UtcTime raw_at{};  ///< its beginning
    /// Why its readings are not believed; `load_kw` is then the forecast's.
    std::optional<trust::IncidentKind> distrusted = std::nullopt;
};

/// The hot path: telemetry → features → forecast → trust → risk over batches of readings, for all points.
/// Only overloads, sampled state, verdicts and half-hourly roll-ups leave it. Deterministic: the same
/// readings in the same order give the same overloads. Callable from any thread: each call takes one lock,
/// once.
class Monitor {
  public:
    /// `network` and `registry` outlive it. Points of feeders and DERs in the network are interned at once.
    Monitor(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    /// Takes a changed network: places and limits appear, change, disappear; what is known of the others
    /// stays, open events too. Readings of a place that has gone are quarantined, its events end with their
    /// windows. `network` outlives the monitor, or the next call of this.
    void apply(const grid::Network& network);

    /// Asks the model at every reading of a point of its cadence (small networks, benches); nothing stops
    /// that. Errors: `unsupported` when the model was made for other features.
    Result<void> infer_each(std::optional<forecast::StreamModel> model);
    /// The streaming features of the point's newest slot, as `infer_each` makes them; what training is given.
    /// Where `ID-solar`, `ID-pv` or `ID-wind` is metered beside ID, its generation is taken in. Empty before
    /// the point's grid is known.
    [[nodiscard]] std::vector<float> stream_row(telemetry::PointRef point) const;

    /// Half-hourly past of a point, before its first reading (start-up, simulator). NaN = unknown.
    void warm(telemetry::PointRef point, const store::SeriesBlock& history);
    /// Serves forecasts with this ensemble from the next tick on, and follows its errors from zero; with
    /// nullptr with the simpler methods alone. Errors: `unsupported` when fewer half-hours are kept than its
    /// rows look at (`MonitorOptions::half_hours`, forecast::live_past_periods).
    Result<void> serve(std::shared_ptr<const forecast::LiveModel> model);
    /// What feeds say of the world outside, for the ensemble's rows from the next one on.
    void inform(std::shared_ptr<const forecast::CovariateTable> table);
    /// Fits the forecasters to what has been warmed or seen; cheap enough to run at start and nightly.
    void train(UtcTime now);

    /// `used`, when given, is filled with the positions of the readings that were new and usable.
    IngestCount ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                       std::vector<std::uint32_t>* used = nullptr);
    /// Refreshes the forecasts that are due and looks ahead.
    void tick(UtcTime now);

    /// This source of readings sends a value when it has moved: equal ones in a row are no stuck meter, and
    /// silence is no gap. `source` is the registry's handle.
    void expect_changes_only(std::uint16_t source);
    /// From now on, and back to `since`, the readings of the point are not believed: they are taken and
    /// counted as before, `PointView::raw_kw` and the half-hours `KEY/raw` keep them, but the forecast's P50
    /// (without one: last week's, or yesterday's half-hour) stands for them in half-hours and features, and
    /// they neither raise, begin, stop, reduce nor end anything. A point that is not known is ignored.
    void distrust(telemetry::PointRef point, UtcTime since, trust::IncidentKind kind);
    /// Readings that come from now on are believed (again), the first one however far it is from the last;
    /// what was replaced stays so.
    void believe(telemetry::PointRef point);

    /// Overloads raised since the last call, by feeder, the worst loading of each first. One open overload
    /// per limit and window; the sum of the phases raises none while a phase of the feeder has one.
    [[nodiscard]] std::vector<RaisedOverload> take_overloads();
    /// Events whose window has passed since the last call, with the loading below the clear level for as many
    /// readings as the rules say, or with no readings or no relief for two hours.
    [[nodiscard]] std::vector<EventId> take_cleared();
    /// Events whose window has not begun although their limit is exceeded now: armed capacity is to be fired
    /// at once.
    [[nodiscard]] std::vector<EventId> take_breached();
    [[nodiscard]] std::vector<trust::Verdict> take_verdicts();
    /// Half-hours completed since the last call, for the series store.
    [[nodiscard]] std::vector<store::SeriesBlock> take_rollups();
    /// After a restart: an event of the record store that is still open, so that it is not raised again.
    void adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end);

    /// Writes the state to `file` (docs/formats/monitor-snapshot.md), so that it is the old one or the whole
    /// new one whatever happens. Readings wait only while the hot state is copied (`save_pause_ms`), then
    /// `copied` is called, when given: whatever is read from then on is not in the snapshot. The positions
    /// are those up to which readings have been given to `ingest`; `note` is the caller's, up to 1 MiB. One
    /// call at a time. Errors: `invalid` for a longer note, `unavailable` when the file cannot be written,
    /// with or without `copied` called before.
    Result<void> save(const std::filesystem::path& file, std::span<const SourcePosition> positions,
                      std::string_view note = {}, const std::function<void()>& copied = {});
    /// Takes the state of a snapshot, before the first reading; points are matched by their keys. Errors:
    /// `not_found`; `unsupported` for a file of another version, `corrupt` for a damaged one (the state is
    /// then of no use: make a new monitor), both with the remedy.
    Result<SnapshotInfo> restore(const std::filesystem::path& file);
    /// How long readings had to wait for the last `save`.
    [[nodiscard]] double save_pause_ms() const;

    [[nodiscard]] PointView view(telemetry::PointRef point) const;
    /// The views of many points under one lock, in the order of `points`; `out` is overwritten.
    void views(std::span<const telemetry::PointRef> points, std::vector<PointView>& out) const;
    /// Mean load of a completed or current half-hour, NaN when unknown.
    [[nodiscard]] double period_mean_kw(telemetry::PointRef point, UtcTime period) const;
    [[nodiscard]] MonitorMemory memory() const;
    /// Forecasts that ticks have made so far: one for each point and refresh, of one horizon or of all of
    /// them
    /// (`MonitorOptions::horizons_per_refresh`).
    [[nodiscard]] std::uint64_t forecasts_made() const;
    /// A copy of the newest forecast of the point; nothing before the first.
    [[nodiscard]] std::optional<forecast::LoadForecast> forecast(telemetry::PointRef point) const;
    /// A forecast made now, for any point with a past: `periods` half-hours from that of `now` on, at most
    /// forecast::live_periods_max; the simpler methods reach forecast::periods_max. Nothing for a point that
    /// was never heard of.
    [[nodiscard]] std::optional<forecast::LoadForecast> forecast_ahead(telemetry::PointRef point, UtcTime now,
                                                                       std::int64_t periods) const;

  private:
    class Engine;
    mutable std::mutex mutex_;  // of the engine
    double save_pause_ms_ = 0.0;
    std::unique_ptr<Engine> engine_;
};

}  // namespace headroom::monitor
