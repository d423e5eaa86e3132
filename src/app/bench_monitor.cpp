#include "app/bench_monitor.hpp"

#include "app/bench_monitor_bare.hpp"
#include "app/bench_monitor_path.hpp"
#include "app/bench_result.hpp"
#include "app/bench_usage.hpp"
#include "core/clock.hpp"
#include "features/stream_row.hpp"
#include "forecast/gbdt.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

using monitor::ShardPool;
using telemetry::PointRef;

constexpr std::size_t monitor_batch = 100;
constexpr int monitor_runs_min = 5;
constexpr int saves = 5;
constexpr std::size_t small_points = 1000;
constexpr std::size_t day_half_hours = 54;  // the day before, as far as the features look

Rates measure_bare(MonitorFeed& feed, std::size_t threads, int runs) {
    ShardPool pool(threads);
    std::vector<std::unique_ptr<BareReader>> readers;
    for (std::size_t i = 0; i < threads; ++i) {
        readers.push_back(std::make_unique<BareReader>(feed.points()));
    }
    Rates rates;
    for (int run = -MonitorPath::rounds_unmeasured; run < runs; ++run) {
        feed.advance();
        const RoundTimer timer;
        pool.run([&](std::size_t part) {
            for (std::size_t i = feed.bodies() * part / threads; i < feed.bodies() * (part + 1) / threads;
                 ++i) {
                readers[part]->take(feed.body(i));
            }
        });
        if (run >= 0) {
            timer.end(feed.readings(), rates);
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
    MonitorPath path(points, 1, {});
    MonitorFeed feed(points, 1, monitor_batch);
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
double forecasts_per_s(MonitorPath& path, std::size_t points, UtcTime from) {
    const SteadyTime begin = steady_now();
    constexpr int minutes_ticked = 5;
    for (int minute = 1; minute <= minutes_ticked; ++minute) {
        path.monitor().tick(from + minutes{minute});
    }
    return static_cast<double>(points) / (milliseconds_between(begin, steady_now()) / 1000.0);
}

/// A network's rounds with sixteen days behind every feeder and all forecasts made.
Result<Rates> measure_served(MonitorPath& path, MonitorFeed& feed, int runs) {
    path.warm(feed.now());
    path.make_forecasts(feed);
    Rates rates;
    if (const Result<void> measured = path.measure(feed, runs, rates); !measured) {
        return measured.error();
    }
    return rates;
}

/// A small network, as many readings a round: what a reading costs when everything is in the cache.
Result<void> measure_small(const BenchMonitorOptions& options, int runs, json::Array& results) {
    MonitorFeed feed(small_points, 200, monitor_batch);
    MonitorPath path(small_points, options.threads, {});
    const Result<Rates> rates = measure_served(path, feed, runs);
    if (!rates) {
        return rates.error();
    }
    results.push_back(median_result("monitor.ns_per_reading_1k", "ns", rates->wall_ns));
    results.push_back(median_result("monitor.cpu_ns_per_reading_1k", "ns", rates->cpu_ns));
    return {};
}

Result<void> measure_each(const BenchMonitorOptions& options, MonitorFeed& feed, int runs,
                          json::Array& results) {
    MonitorPath path(options.points, options.threads, {.half_hours = day_half_hours});
    Rates rates;
    Result<void> measured = path.measure(feed, runs, rates);
    results.push_back(median_result("monitor.bytes_per_feeder_day_ring", "bytes",
                                    {path.bytes() / static_cast<double>(options.points)}));
    const Result<forecast::StreamModel> model = stream_model();
    if (!model) {
        return model.error();
    }
    Rates each;
    measured = measured ? path.monitor().infer_each(*model) : measured;
    measured = measured ? path.measure(feed, runs, each) : measured;
    results.push_back(median_result("monitor.readings_per_s_inference_each", "1/s", each.per_s));
    results.push_back(median_result("monitor.cpu_ns_per_reading_inference_each", "ns", each.cpu_ns));
    return measured;
}

Result<void> measure_whole(const BenchMonitorOptions& options, MonitorPath& path, MonitorFeed& feed, int runs,
                           json::Array& results) {
    const Result<Rates> rates = measure_served(path, feed, runs);
    if (!rates) {
        return rates.error();
    }
    results.push_back(median_result("monitor.readings_per_s", "1/s", rates->per_s));
    results.push_back(median_result("monitor.ns_per_reading_1m", "ns", rates->wall_ns));
    results.push_back(median_result("monitor.cpu_ns_per_reading", "ns", rates->cpu_ns));
    results.push_back(median_result("monitor.bytes_per_feeder", "bytes",
                                    {path.bytes() / static_cast<double>(options.points)}));
    const monitor::MonitorMemory memory = path.monitor().memory();
    results.push_back(
        median_result("monitor.state_bytes_per_point", "bytes",
                      {static_cast<double>(memory.bytes) / static_cast<double>(memory.points)}));
    std::vector<double> forecasts;
    for (int run = 0; run < runs; ++run) {
        forecasts.push_back(forecasts_per_s(path, options.points, feed.now() + minutes{5 * run}));
    }
    results.push_back(median_result("monitor.forecasts_per_s", "1/s", forecasts));
    return {};
}

/// A snapshot of what `path` holds, written and read back.
Result<void> measure_restart(const BenchMonitorOptions& options, MonitorPath& path, json::Array& results) {
    const std::filesystem::path file = options.dir / "bench-monitor.snapshot";
    std::vector<double> save_s;
    std::vector<double> pause_ms;
    for (int run = 0; run < saves; ++run) {
        const SteadyTime from = steady_now();
        if (Result<void> saved = path.monitor().save(file, {}); !saved) {
            return saved;
        }
        save_s.push_back(milliseconds_between(from, steady_now()) / 1000.0);
        pause_ms.push_back(path.monitor().save_pause_ms());
    }
    results.push_back(median_result("monitor.save_s", "s", std::move(save_s)));
    results.push_back(median_result("monitor.save_pause_ms", "ms", std::move(pause_ms)));
    MonitorPath again(options.points, options.threads, {});
    const Usage cpu_from = usage_now();
    const SteadyTime from = steady_now();
    const Result<monitor::SnapshotInfo> restored = again.monitor().restore(file);
    const double restore_s = milliseconds_between(from, steady_now()) / 1000.0;
    const double restore_cpu_s = (usage_now().process_us - cpu_from.process_us) / 1e6;
    std::error_code ignored;  // a scratch file that stays behind is no fault of what was measured
    std::filesystem::remove(file, ignored);
    if (!restored) {
        return restored.error();
    }
    results.push_back(median_result("monitor.warm_restart_1m_s", "s", {restore_s}));
    results.push_back(median_result("monitor.warm_restart_cpu_s", "s", {restore_cpu_s}));
    return {};
}

}  // namespace

Result<json::Object> bench_monitor(const BenchMonitorOptions& options) {
    const int runs = std::max(options.runs, monitor_runs_min);
    const auto is_wanted = [&](std::string_view part) {
        return options.only.empty() || options.only == part;
    };
    if (!is_wanted("growth") && !is_wanted("each") && !is_wanted("restart")) {
        return Error{Errc::invalid, "the monitor's bench has no part \"" + options.only + "\""};
    }
    json::Array results;
    MonitorFeed feed(options.points, 1, monitor_batch);
    Result<void> measured;
    if (is_wanted("growth")) {
        const Rates bare = measure_bare(feed, options.threads, runs);
        results.push_back(median_result("monitor.bare_readings_per_s", "1/s", bare.per_s));
        results.push_back(median_result("monitor.bare_cpu_ns_per_reading", "ns", bare.cpu_ns));
        measured = measure_small(options, runs, results);
    }
    if (measured && is_wanted("each")) {
        measured = measure_each(options, feed, runs, results);
    }
    if (measured && (is_wanted("growth") || is_wanted("restart"))) {
        MonitorPath path(options.points, options.threads, {});
        measured = measure_whole(options, path, feed, runs, results);
        if (measured && is_wanted("restart")) {
            measured = measure_restart(options, path, results);
        }
    }
    if (!measured) {
        return measured.error();
    }
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
