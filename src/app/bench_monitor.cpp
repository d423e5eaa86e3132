#include "app/bench_monitor.hpp"

#include "app/bench_monitor_bare.hpp"
#include "app/bench_monitor_feed.hpp"
#include "core/clock.hpp"
#include "features/stream_row.hpp"
#include "forecast/gbdt.hpp"
#include "monitor/monitor.hpp"
#include "monitor/shard_pool.hpp"
#include "telemetry/batch_decoder.hpp"

#include <fmt/format.h>

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

using monitor::Monitor;
using monitor::ShardPool;
using telemetry::PointRef;
using telemetry::Reading;

constexpr std::size_t batch = 100;
/// Readings that are decoded before they are taken in: what a busy source hands over at a time.
constexpr std::size_t chunk_readings = 60'000;
constexpr int rounds_unmeasured = 2;
constexpr int runs_min = 5;
constexpr std::size_t small_points = 1000;
constexpr milliseconds forecast_interval = minutes{5};
constexpr int history_days = 16;
constexpr std::size_t day_half_hours = 54;  // the day before, as far as the features look

json::Value result_of(const std::string& name, const std::string& unit, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return json::Object{{"name", name},         {"value", values[values.size() / 2]},
                        {"unit", unit},         {"min", values.front()},
                        {"max", values.back()}, {"runs", static_cast<std::int64_t>(values.size())}};
}

/// Processor time of all threads of this process.
double cpu_ns() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto ns = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
    };
    return ns(usage.ru_utime) + ns(usage.ru_stime);
}

/// What the allocator has given out.
double heap_bytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

struct Rates {
    std::vector<double> per_s;
    std::vector<double> cpu_ns;
    std::vector<double> wall_ns;
    void add(std::size_t readings, double seconds, double cpu) {
        const auto count = static_cast<double>(readings);
        per_s.push_back(count / seconds);
        wall_ns.push_back(seconds * 1e9 / count);
        cpu_ns.push_back(cpu / count);
    }
};

/// A monitor with its registry, network and decoders: the hot path as a source would drive it.
class Path {
  public:
    Path(std::size_t points, std::size_t threads, monitor::MonitorOptions options)
        : network_(MonitorFeed::network(points)), pool_(threads), decoded_(threads) {
        const double before = heap_bytes();
        options.shards = threads;
        options.horizons_per_refresh = 1;
        registry_ = std::make_unique<telemetry::PointRegistry>();
        monitor_ = std::make_unique<Monitor>(network_, *registry_, options);
        base_bytes_ = before;
        for (std::size_t i = 0; i < threads; ++i) {
            decoders_.push_back(std::make_unique<telemetry::BatchDecoder>(
                *registry_, telemetry::JsonDecoderOptions{.source = "bench"}));
        }
    }

    /// What the feed holds; a tick, with its forecasts, after every pulse is part of it, so that a reading
    /// costs as many forecasts in a small network as in a large one.
    Result<std::uint64_t> take(const MonitorFeed& feed) {
        const std::size_t step = std::max<std::size_t>(1, chunk_readings / batch);
        std::uint64_t accepted = 0;
        ticked_ = std::max(ticked_, feed.time_of(0));
        for (std::size_t from = 0; from < feed.bodies(); from += step) {
            const std::size_t to = std::min(feed.bodies(), from + step);
            const UtcTime now = feed.time_of(to - 1);
            pool_.run([&](std::size_t part) { decode(feed, now, part, from, to); });
            for (std::vector<Reading>& readings : decoded_) {
                accepted += monitor_->ingest(readings, now).accepted;
            }
            const UtcTime next = to < feed.bodies() ? feed.time_of(to) : now + MonitorFeed::pulse;
            for (; ticked_ < next; ticked_ += MonitorFeed::pulse) {
                monitor_->tick(ticked_);
            }
        }
        if (accepted != feed.readings()) {
            return Error{Errc::invalid,
                         fmt::format("of {} readings {} were taken", feed.readings(), accepted)};
        }
        return accepted;
    }
    /// Every forecast is made a first time, all horizons of it, before anything is measured: from then on one
    /// horizon a point is made anew in five minutes.
    void make_forecasts(MonitorFeed& feed) {
        for (milliseconds passed{0}; passed <= forecast_interval; passed += seconds{30}) {
            feed.skip(seconds{30});
            monitor_->tick(feed.now());
        }
        ticked_ = feed.now() + MonitorFeed::pulse;
    }
    Result<void> measure(MonitorFeed& feed, int runs, Rates& rates) {
        for (int run = -rounds_unmeasured; run < runs; ++run) {
            feed.advance();
            const double cpu_from = cpu_ns();
            const SteadyTime from = steady_now();
            const Result<std::uint64_t> taken = take(feed);
            if (!taken) {
                return taken.error();
            }
            if (run >= 0) {
                rates.add(feed.readings(), milliseconds_between(from, steady_now()) / 1000.0,
                          cpu_ns() - cpu_from);
            }
            static_cast<void>(monitor_->take_rollups());
            static_cast<void>(monitor_->take_overloads());
        }
        return {};
    }
    /// Sixteen days of half-hours of every feeder.
    void warm(UtcTime now) {
        store::SeriesBlock block{.key = {},
                                 .start = floor_period(now) - hours{24 * history_days},
                                 .step = period_length,
                                 .values = {}};
        for (std::size_t point = 0; point < registry_->size(); ++point) {
            const telemetry::PointKey& key = registry_->key(static_cast<PointRef>(point));
            if (key.phase != grid::Phase::sum || network_.feeder(key.point_id) == nullptr) {
                continue;
            }
            block.values.clear();
            const auto base = static_cast<float>(80 + point % 60);
            for (int i = 0; i < history_days * 48; ++i) {
                const float hour = static_cast<float>(i % 48) / 2.0F;
                const float peak = std::max(0.0F, 1.0F - std::abs(hour - 18.0F) / 4.0F);
                const auto wobble = static_cast<float>((static_cast<std::size_t>(i) * 7 + point * 13) % 17);
                block.values.push_back(base * (1.0F + 0.6F * peak) + wobble);
            }
            monitor_->warm(static_cast<PointRef>(point), block);
        }
        monitor_->train(now);
    }
    [[nodiscard]] double bytes() const { return heap_bytes() - base_bytes_; }
    [[nodiscard]] Monitor& monitor() { return *monitor_; }
    [[nodiscard]] telemetry::PointRegistry& registry() { return *registry_; }

  private:
    void decode(const MonitorFeed& feed, UtcTime now, std::size_t part, std::size_t from, std::size_t to) {
        telemetry::BatchDecoder& decoder = *decoders_[part];
        std::vector<Reading>& readings = decoded_[part];
        readings.clear();
        decoder.reset(now);
        const std::size_t parts = decoded_.size();
        for (std::size_t i = from + (to - from) * part / parts; i < from + (to - from) * (part + 1) / parts;
             ++i) {
            // What cannot be read is missed in the count at the end of the round.
            static_cast<void>(decoder.decode(feed.body(i), telemetry::WireFormat::json, {}, readings));
        }
    }

    grid::Network network_;
    UtcTime ticked_{};  // the next pulse to be ticked
    ShardPool pool_;
    double base_bytes_ = 0.0;
    std::unique_ptr<telemetry::PointRegistry> registry_;
    std::unique_ptr<Monitor> monitor_;
    std::vector<std::unique_ptr<telemetry::BatchDecoder>> decoders_;
    std::vector<std::vector<Reading>> decoded_;
};

Rates measure_bare(MonitorFeed& feed, std::size_t threads, int runs) {
    ShardPool pool(threads);
    std::vector<std::unique_ptr<BareReader>> readers;
    for (std::size_t i = 0; i < threads; ++i) {
        readers.push_back(std::make_unique<BareReader>(feed.points()));
    }
    Rates rates;
    for (int run = -rounds_unmeasured; run < runs; ++run) {
        feed.advance();
        const double cpu_from = cpu_ns();
        const SteadyTime from = steady_now();
        pool.run([&](std::size_t part) {
            for (std::size_t i = feed.bodies() * part / threads; i < feed.bodies() * (part + 1) / threads;
                 ++i) {
                readers[part]->take(feed.body(i));
            }
        });
        if (run >= 0) {
            rates.add(feed.readings(), milliseconds_between(from, steady_now()) / 1000.0,
                      cpu_ns() - cpu_from);
        }
    }
    return rates;
}

/// A hundred trees of depth six over the streaming rows of a small network: what the load will have changed
/// in five minutes.
Result<forecast::StreamModel> stream_model() {
    constexpr std::size_t lead = 5;
    constexpr int rounds = 90;
    constexpr std::size_t points = 300;
    Path path(points, 1, {});
    MonitorFeed feed(points, 1, batch);
    std::vector<float> rows;
    std::vector<float> targets;
    std::vector<std::vector<std::vector<float>>> seen;  // by round and point
    for (int round = 0; round < rounds; ++round) {
        feed.advance();
        if (const Result<std::uint64_t> taken = path.take(feed); !taken) {
            return taken.error();
        }
        std::vector<std::vector<float>>& now = seen.emplace_back();
        for (std::size_t point = 0; point < path.registry().size(); ++point) {
            now.push_back(path.monitor().stream_row(static_cast<PointRef>(point)));
            if (seen.size() <= lead || now.back().empty()) {
                continue;
            }
            const std::vector<float>& before = seen[seen.size() - 1 - lead][point];
            if (!before.empty()) {
                rows.insert(rows.end(), before.begin(), before.end());
                targets.push_back(now.back()[2] - before[2]);
            }
        }
    }
    Result<forecast::GbdtFit> fit =
        forecast::grow_trees(features::stream_count, {.rows = rows, .targets = targets, .weights = {}}, {},
                             {.rounds_max = 100, .depth_max = 6, .min_child_weight = 1.0, .lambda = 0.1});
    if (!fit) {
        return fit.error();
    }
    return forecast::StreamModel{.schema_hash = features::stream_schema_hash({}, MonitorFeed::pulse),
                                 .cadence = MonitorFeed::pulse,
                                 .lead = MonitorFeed::pulse * static_cast<int>(lead),
                                 .trees = std::move(fit->trees)};
}

/// Ticks over an interval and a half with nothing read: forecasts of one point and horizon a second.
double forecasts_per_s(Path& path, std::size_t points, UtcTime from) {
    const SteadyTime begin = steady_now();
    constexpr int minutes_ticked = 5;
    for (int minute = 1; minute <= minutes_ticked; ++minute) {
        path.monitor().tick(from + minutes{minute});
    }
    return static_cast<double>(points) / (milliseconds_between(begin, steady_now()) / 1000.0);
}

}  // namespace

Result<json::Object> bench_monitor(const BenchMonitorOptions& options) {
    const int runs = std::max(options.runs, runs_min);
    json::Array results;
    MonitorFeed feed(options.points, 1, batch);
    const Rates bare = measure_bare(feed, options.threads, runs);
    {
        // A small network, as many readings a round: what a reading costs when everything is in the cache.
        MonitorFeed small_feed(small_points, 200, batch);
        Path small(small_points, options.threads, {});
        small.warm(small_feed.now());
        small.make_forecasts(small_feed);
        Rates rates;
        if (const Result<void> measured = small.measure(small_feed, runs, rates); !measured) {
            return measured.error();
        }
        results.push_back(result_of("monitor.ns_per_reading_1k", "ns", rates.wall_ns));
        results.push_back(result_of("monitor.cpu_ns_per_reading_1k", "ns", rates.cpu_ns));
    }
    {
        Path path(options.points, options.threads, {.half_hours = day_half_hours});
        Rates rates;
        Result<void> measured = path.measure(feed, runs, rates);
        results.push_back(result_of("monitor.bytes_per_feeder_day_ring", "bytes",
                                    {path.bytes() / static_cast<double>(options.points)}));
        const Result<forecast::StreamModel> model = stream_model();
        if (!model) {
            return model.error();
        }
        Rates each;
        measured = measured ? path.monitor().infer_each(*model) : measured;
        measured = measured ? path.measure(feed, runs, each) : measured;
        if (!measured) {
            return measured.error();
        }
        results.push_back(result_of("monitor.readings_per_s_inference_each", "1/s", each.per_s));
        results.push_back(result_of("monitor.cpu_ns_per_reading_inference_each", "ns", each.cpu_ns));
    }
    Path path(options.points, options.threads, {});
    path.warm(feed.now());
    path.make_forecasts(feed);
    Rates rates;
    if (const Result<void> measured = path.measure(feed, runs, rates); !measured) {
        return measured.error();
    }
    results.push_back(result_of("monitor.readings_per_s", "1/s", rates.per_s));
    results.push_back(result_of("monitor.ns_per_reading_1m", "ns", rates.wall_ns));
    results.push_back(result_of("monitor.cpu_ns_per_reading", "ns", rates.cpu_ns));
    results.push_back(result_of("monitor.bare_readings_per_s", "1/s", bare.per_s));
    results.push_back(result_of("monitor.bare_cpu_ns_per_reading", "ns", bare.cpu_ns));
    results.push_back(
        result_of("monitor.bytes_per_feeder", "bytes", {path.bytes() / static_cast<double>(options.points)}));
    const monitor::MonitorMemory memory = path.monitor().memory();
    results.push_back(result_of("monitor.state_bytes_per_point", "bytes",
                                {static_cast<double>(memory.bytes) / static_cast<double>(memory.points)}));
    std::vector<double> forecasts;
    for (int run = 0; run < runs; ++run) {
        forecasts.push_back(forecasts_per_s(path, options.points, feed.now() + minutes{5 * run}));
    }
    results.push_back(result_of("monitor.forecasts_per_s", "1/s", forecasts));

    const std::filesystem::path file = options.dir / "bench-monitor.snapshot";
    const SteadyTime save_from = steady_now();
    if (const Result<void> saved = path.monitor().save(file, {}); !saved) {
        return saved.error();
    }
    results.push_back(
        result_of("monitor.save_s", "s", {milliseconds_between(save_from, steady_now()) / 1000.0}));
    results.push_back(result_of("monitor.save_pause_ms", "ms", {path.monitor().save_pause_ms()}));
    Path again(options.points, options.threads, {});
    const double restore_cpu_from = cpu_ns();
    const SteadyTime restore_from = steady_now();
    const Result<monitor::SnapshotInfo> restored = again.monitor().restore(file);
    const double restore_s = milliseconds_between(restore_from, steady_now()) / 1000.0;
    const double restore_cpu_s = (cpu_ns() - restore_cpu_from) / 1e9;
    std::error_code ignored;  // a scratch file that stays behind is no fault of what was measured
    std::filesystem::remove(file, ignored);
    if (!restored) {
        return restored.error();
    }
    results.push_back(result_of("monitor.warm_restart_1m_s", "s", {restore_s}));
    results.push_back(result_of("monitor.warm_restart_cpu_s", "s", {restore_cpu_s}));
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
