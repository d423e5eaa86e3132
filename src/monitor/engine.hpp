#pragma once

#include "forecast/forecaster.hpp"
#include "forecast/live_forecast.hpp"
#include "grid/network.hpp"
#include "monitor/frozen_points.hpp"
#include "monitor/monitor.hpp"
#include "monitor/shard.hpp"
#include "monitor/shard_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::monitor {

/// Less work than so many readings, or points, is done before other threads would have woken up.
inline constexpr std::size_t large_batch = 4096;

/// Where a point's state is: its shard and its place there; `none` while nothing is kept of it.
class Place {
  public:
    static constexpr unsigned local_bits = 26;
    static constexpr std::size_t shards_max = 63;

    Place() = default;
    Place(std::uint32_t shard, std::uint32_t local) : bits_(shard << local_bits | local) {}
    [[nodiscard]] bool is_none() const { return bits_ == none; }
    [[nodiscard]] std::uint32_t shard() const { return bits_ >> local_bits; }
    [[nodiscard]] std::uint32_t local() const { return bits_ & ((1U << local_bits) - 1); }

  private:
    std::uint32_t bits_ = none;
};

struct SnapshotHeader;
class SnapshotFile;
class ByteWriter;

/// What the errors of one limit's forecasts have taught.
struct FrozenTracking {
    telemetry::PointRef ref = telemetry::no_point;
    bool is_export = false;
    std::int32_t learnt = features::no_period;
    forecast::PointBias bias;
};

struct FrozenEvent {
    telemetry::PointRef ref = telemetry::no_point;
    bool is_export = false;
    OpenEvent open;
};

/// The state as it was at one moment, copied as it lies in memory: readings wait for the copy, and frames are
/// made of it afterwards.
struct Frozen {
    UtcTime now{};
    std::vector<FrozenPoints> points;  // by shard
    std::optional<forecast::ForecastModel> model;
    std::vector<FrozenEvent> events;
    std::string tracked_model;  // id of the ensemble; empty while none serves
    forecast::LiveTracking tracking;
    forecast::TrackingCounts counts;
    std::vector<std::vector<FrozenTracking>> tracked;  // by shard
};

/// The frames of followed errors, where an ensemble serves. Errors: those of the file.
Result<void> write_tracking(SnapshotFile& out, const Frozen& frozen,
                            const telemetry::PointRegistry& registry);

/// Shards, the way of a batch through them, and what they found in one order.
class Monitor::Engine {
  public:
    Engine(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options);

    void apply(const grid::Network& network);
    void warm(telemetry::PointRef point, const store::SeriesBlock& history);
    Result<void> serve(std::shared_ptr<const forecast::LiveModel> model);
    void inform(std::shared_ptr<const forecast::CovariateTable> table) {
        context_.covariates = std::move(table);
    }
    void train(UtcTime now);
    IngestCount ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                       std::vector<std::uint32_t>* used);
    void tick(UtcTime now);

    void expect_changes_only(std::uint16_t source) { context_.changes_only.set(source); }
    void distrust(telemetry::PointRef ref, UtcTime since, trust::IncidentKind kind);
    void believe(telemetry::PointRef ref);

    std::vector<RaisedOverload> take_overloads();
    std::vector<EventId> take_cleared();
    std::vector<EventId> take_breached();
    std::vector<trust::Verdict> take_verdicts();
    std::vector<store::SeriesBlock> take_rollups();
    void adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end);

    /// Points of each shard.
    [[nodiscard]] std::vector<std::uint32_t> point_counts() const;
    /// Copies into memory that was made before, as far as it reaches.
    void freeze(Frozen& out);
    /// Of so many points from `from` on, behind what is in `out`.
    void freeze_half_hours(std::size_t shard, std::uint32_t from, std::uint32_t count, ByteWriter& out);
    [[nodiscard]] const telemetry::PointRegistry& registry() const { return *context_.registry; }
    [[nodiscard]] std::size_t half_hours() const { return context_.options.half_hours; }
    Result<SnapshotInfo> restore(const std::filesystem::path& file);

    [[nodiscard]] PointView view(telemetry::PointRef ref) const;
    [[nodiscard]] double period_mean_kw(telemetry::PointRef ref, UtcTime period) const;
    [[nodiscard]] std::optional<forecast::LoadForecast> forecast_of(telemetry::PointRef ref) const;
    [[nodiscard]] std::optional<forecast::LoadForecast> forecast_ahead(telemetry::PointRef ref, UtcTime now,
                                                                       std::int64_t periods) const;
    [[nodiscard]] MonitorMemory memory() const;
    [[nodiscard]] std::uint64_t forecasts_made() const;
    Result<void> infer_each(std::optional<forecast::StreamModel> model);
    [[nodiscard]] std::vector<float> stream_row(telemetry::PointRef ref) const;

  private:
    // engine.cpp: points and readings
    [[nodiscard]] Place place_of(telemetry::PointRef ref) const;
    [[nodiscard]] std::uint32_t shard_by_name(std::string_view point_id) const;
    Place ensure_place(telemetry::PointRef ref);
    void link_generation(telemetry::PointRef ref, Place place);
    [[nodiscard]] Shard& shard_of(Place place) const { return *shards_[place.shard()]; }
    /// Splits readings[from, to) by shard; answers false when a point has no place yet.
    bool route(std::span<const telemetry::Reading> readings, std::size_t part, std::size_t parts);
    void gather(IngestCount& count);
    void run(bool is_large, const std::function<void(std::size_t)>& job);

    // engine_limits.cpp: limits, forecasts and events
    void intern_network();
    void add_limits();
    void choose_limits(UtcTime now);
    void raise_candidates();
    void follow_errors();
    [[nodiscard]] bool is_covered(const Shard& shard, std::uint32_t limited, UtcTime start,
                                  UtcTime end) const;
    [[nodiscard]] bool is_told_by_a_phase(const risk::Overload& overload) const;

    // engine_snapshot.cpp
    Result<void> restore_points(std::string_view payload, const SnapshotHeader& header,
                                const std::vector<std::uint16_t>& sources, std::vector<Place>& order);
    Result<void> restore_half_hours(std::string_view payload, const std::vector<Place>& order,
                                    std::size_t& ordinal);
    Result<void> restore_events(std::string_view payload);
    // engine_snapshot_live.cpp
    void freeze_tracking(Frozen& out);
    Result<void> restore_tracking(std::string_view payload,
                                  const std::function<telemetry::PointRef(std::string_view)>& find);

    Context context_;
    std::vector<std::unique_ptr<Shard>> shards_;
    ShardPool pool_;
    std::vector<Place, HugePages<Place>> places_;  // by point
    std::optional<grid::Season> season_;

    /// What one thread routed to each shard.
    struct Routed {
        std::vector<std::vector<Item>> by_shard;
        std::uint64_t unknown = 0;
    };
    std::vector<Routed> routed_;
    std::vector<std::uint8_t> is_routed_;  // by part: all its points have a place
    std::vector<std::uint8_t> used_;

    std::vector<Candidate> candidates_;
    std::vector<RaisedOverload> raised_;
    std::vector<EventId> cleared_;
    std::vector<EventId> breached_;
    std::vector<trust::Verdict> verdicts_;
    std::vector<RolledUp> rollups_;
};

}  // namespace headroom::monitor
