#pragma once

#include "app/bench_monitor_feed.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "monitor/shard_pool.hpp"
#include "telemetry/batch_decoder.hpp"
#include "telemetry/point_registry.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace headroom::app {

/// What the allocator has given out, in bytes.
[[nodiscard]] double heap_bytes();

/// Figures of measured rounds.
struct Rates {
    std::vector<double> per_s;
    std::vector<double> cpu_ns;  ///< processor time of all threads of this process for a reading
    std::vector<double> wall_ns;
};

/// Times one round: from where it is made to `end`.
class RoundTimer {
  public:
    RoundTimer();
    void end(std::size_t readings, Rates& rates) const;

  private:
    SteadyTime from_;
    double cpu_from_;
};

/// A monitor with its registry, network and decoders: the hot path as a source would drive it.
class MonitorPath {
  public:
    MonitorPath(std::size_t points, std::size_t threads, monitor::MonitorOptions options);

    /// What the feed holds; a tick, with its forecasts, after every pulse is part of it, so that a reading
    /// costs as many forecasts in a small network as in a large one. Errors: `invalid` when a reading is not
    /// taken.
    Result<std::uint64_t> take(const MonitorFeed& feed);
    /// Every forecast is made a first time, all horizons of it, before anything is measured: from then on one
    /// horizon a point is made anew in five minutes.
    void make_forecasts(MonitorFeed& feed);
    /// `runs` rounds behind two that are not measured. Errors: those of `take`.
    Result<void> measure(MonitorFeed& feed, int runs, Rates& rates);
    /// Sixteen days of half-hours of every feeder.
    void warm(UtcTime now);
    /// Of the allocator, since this was made.
    [[nodiscard]] double bytes() const { return heap_bytes() - base_bytes_; }
    [[nodiscard]] monitor::Monitor& monitor() { return *monitor_; }
    [[nodiscard]] telemetry::PointRegistry& registry() { return *registry_; }

    static constexpr int rounds_unmeasured = 2;

  private:
    void decode(const MonitorFeed& feed, UtcTime now, std::size_t part, std::size_t from, std::size_t to);

    grid::Network network_;
    UtcTime ticked_{};  // the next pulse to be ticked
    monitor::ShardPool pool_;
    double base_bytes_ = 0.0;
    std::unique_ptr<telemetry::PointRegistry> registry_;
    std::unique_ptr<monitor::Monitor> monitor_;
    std::vector<std::unique_ptr<telemetry::BatchDecoder>> decoders_;
    std::vector<std::vector<telemetry::Reading>> decoded_;
};

}  // namespace headroom::app
