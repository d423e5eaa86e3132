#include "app/bench_monitor_path.hpp"

#include "app/bench_made_up_days.hpp"
#include "app/bench_usage.hpp"

#include <fmt/format.h>

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::app {
namespace {

using monitor::Monitor;
using telemetry::Reading;

/// Readings that are decoded before they are taken in: what a busy source hands over at a time.
constexpr std::size_t chunk_readings = 60'000;

double cpu_ns() {
    return usage_now().process_us * 1e3;
}

}  // namespace

double heap_bytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

RoundTimer::RoundTimer() : from_(steady_now()), cpu_from_(cpu_ns()) {}

void RoundTimer::end(std::size_t readings, Rates& rates) const {
    const double seconds = milliseconds_between(from_, steady_now()) / 1000.0;
    const auto count = static_cast<double>(readings);
    rates.per_s.push_back(count / seconds);
    rates.wall_ns.push_back(seconds * 1e9 / count);
    rates.cpu_ns.push_back((cpu_ns() - cpu_from_) / count);
}

MonitorPath::MonitorPath(std::size_t points, std::size_t threads, monitor::MonitorOptions options)
    : network_(MonitorFeed::network(points)), pool_(threads), base_bytes_(heap_bytes()), decoded_(threads) {
    options.shards = threads;
    options.horizons_per_refresh = 1;
    registry_ = std::make_unique<telemetry::PointRegistry>();
    monitor_ = std::make_unique<Monitor>(network_, *registry_, options);
    for (std::size_t i = 0; i < threads; ++i) {
        decoders_.push_back(std::make_unique<telemetry::BatchDecoder>(
            *registry_, telemetry::JsonDecoderOptions{.source = "bench"}));
    }
}

Result<std::uint64_t> MonitorPath::take(const MonitorFeed& feed) {
    const std::size_t step = std::max<std::size_t>(1, chunk_readings / feed.batch());
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
        return Error{Errc::invalid, fmt::format("of {} readings {} were taken", feed.readings(), accepted)};
    }
    return accepted;
}

void MonitorPath::make_forecasts(MonitorFeed& feed) {
    feed.skip(first_forecasts_for);
    make_first_forecasts(*monitor_, feed.now());
    ticked_ = feed.now() + MonitorFeed::pulse;
}

Result<void> MonitorPath::measure(MonitorFeed& feed, int runs, Rates& rates) {
    for (int run = -rounds_unmeasured; run < runs; ++run) {
        feed.advance();
        const RoundTimer timer;
        const Result<std::uint64_t> taken = take(feed);
        if (!taken) {
            return taken.error();
        }
        if (run >= 0) {
            timer.end(feed.readings(), rates);
        }
        static_cast<void>(monitor_->take_rollups());
        static_cast<void>(monitor_->take_overloads());
    }
    return {};
}

void MonitorPath::warm(UtcTime now) {
    warm_with_made_up_days(*monitor_, *registry_, network_, now);
}

void MonitorPath::decode(const MonitorFeed& feed, UtcTime now, std::size_t part, std::size_t from,
                         std::size_t to) {
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

}  // namespace headroom::app
