#include "agents/sources/mqtt_source.hpp"
#include "app/bench_brokers_parts.hpp"
#include "app/bench_feeders.hpp"
#include "net/mqtt_flood.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::uint64_t bytes_on_the_way_max = 4UL * 1024 * 1024;

double thread_cpu_s() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds_between(SteadyTime from, SteadyTime to) {
    return milliseconds_between(from, to) / 1000.0;
}

/// Somebody who reads: how many messages, and how to begin and end.
struct Reader {
    std::function<std::uint64_t()> messages;
    std::function<Result<void>()> start;
    std::function<bool()> is_ready;
    std::function<void()> stop;
};

struct Rate {
    double readings_per_s = 0.0;
    double publisher_cores = 0.0;
};

/// Publishes as fast as the reader keeps up, for so long; the rate is that of what the reader had in that
/// time.
Result<Rate> flood(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders, int qos,
                   double for_s, const Reader& reader, UtcTime& time) {
    net::MqttFlood sender;
    if (const Result<void> connected = sender.connect(broker.port(), "bench-sender"); !connected) {
        return connected.error();
    }
    const std::uint64_t window = std::max<std::uint64_t>(
        100, bytes_on_the_way_max / std::max<std::size_t>(1, messages.at(0, time).size()));
    const std::uint64_t before = reader.messages();
    std::uint64_t sent = 0;
    std::size_t next = 0;
    const double cpu = thread_cpu_s();
    const SteadyTime begun = steady_now();
    SteadyTime now = begun;
    while (seconds_between(begun, now) < for_s) {
        if (sent - (reader.messages() - before) >= window || sender.unanswered() >= 1'000) {
            if (const Result<void> flushed = sender.flush(); !flushed) {
                return flushed.error();
            }
            std::this_thread::sleep_for(std::chrono::microseconds{50});
        } else {
            if (next == messages.size()) {
                next = 0;
                time += seconds{1};
                feeders.set_now(time);
            }
            if (const Result<void> taken = sender.send("bench/readings", messages.at(next, time), qos);
                !taken) {
                return taken.error();
            }
            next += 1;
            sent += 1;
        }
        now = steady_now();
    }
    const std::uint64_t got = reader.messages() - before;
    const double took = seconds_between(begun, now);
    const double cores = (thread_cpu_s() - cpu) / took;
    if (const Result<void> flushed = sender.flush(); !flushed) {
        return flushed.error();
    }
    if (!bench_wait_until([&] { return reader.messages() - before >= sent; })) {
        return Error{Errc::timeout, "the reader did not get everything that was published", {}};
    }
    time += seconds{1};
    return Rate{.readings_per_s = static_cast<double>(got * messages.readings(0)) / took,
                .publisher_cores = cores};
}

Result<Rate> run_with(const Reader& reader, const std::function<Result<Rate>()>& measure) {
    if (const Result<void> started = reader.start(); !started) {
        return started.error();
    }
    Result<Rate> rate = bench_wait_until(reader.is_ready)
                            ? measure()
                            : Result<Rate>(Error{Errc::timeout, "the reader did not connect", {}});
    reader.stop();
    return rate;
}

Result<Rate> bare_mqtt(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
                       int qos, double for_s, UtcTime& time) {
    net::MqttSubscriber bare(
        bench_reader(broker, qos, "bench-bare"),
        {.message = [](std::string_view, std::string_view) {}, .rest = [] {}, .state = {}});
    const Reader reader{.messages = [&] { return bare.counts().messages; },
                        .start = [&] { return bare.start(); },
                        .is_ready = [&] { return bare.counts().connected; },
                        .stop = [&] { bare.stop(); }};
    return run_with(reader, [&] { return flood(broker, messages, feeders, qos, for_s, reader, time); });
}

Result<Rate> full_mqtt(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
                       int qos, double for_s, UtcTime& time) {
    agents::MqttSourceOptions options;
    options.broker = bench_reader(broker, qos, "bench-full");
    options.topics = {"bench/#"};
    auto source =
        agents::MqttSource::make(feeders.registry(), feeders.sink(), feeders.clock(), std::move(options));
    if (!source) {
        return source.error();
    }
    agents::MqttSource& full = **source;
    // Counted when their readings are in the monitor.
    const Reader reader{.messages = [&] { return full.counts().messages; },
                        .start = [&] { return full.start(); },
                        .is_ready = [&] { return full.connection().connected; },
                        .stop = [&] { full.stop(); }};
    Result<Rate> rate =
        run_with(reader, [&] { return flood(broker, messages, feeders, qos, for_s, reader, time); });
    const agents::SourceCounts counts = full.counts();
    if (rate && counts.accepted != counts.readings) {
        return Error{Errc::invalid,
                     fmt::format("of {} readings only {} were accepted: not a measurement of acceptance",
                                 counts.readings, counts.accepted),
                     {}};
    }
    return rate;
}

}  // namespace

Result<json::Array> bench_ingest_mqtt(const BenchIngestOptions& options) {
    json::Array results;
    Result<net::BrokerProcess> broker = start_bench_broker(options.dir);
    if (!broker) {
        return broker.error();
    }
    auto feeders = BenchFeeders::make(bench_feeders);
    if (!feeders) {
        return feeders.error();
    }
    BenchMessages messages(bench_feeders, bench_batch, 11);
    UtcTime time = bench_begin();
    (*feeders)->set_now(time);
    for (const int qos : {0, 1}) {
        std::vector<double> bare;
        std::vector<double> full;
        std::vector<double> cores;
        for (int run = 0; run < bench_runs; ++run) {
            const Result<Rate> without = bare_mqtt(*broker, messages, **feeders, qos, options.seconds, time);
            const Result<Rate> with =
                without ? full_mqtt(*broker, messages, **feeders, qos, options.seconds, time) : without;
            if (!with) {
                return with.error();
            }
            bare.push_back(without->readings_per_s);
            full.push_back(with->readings_per_s);
            cores.push_back(with->publisher_cores);
        }
        const std::string suffix = qos == 0 ? "" : "_qos1";
        results.push_back(bench_result("ingest.mqtt_readings_per_s" + suffix, "readings/s", full));
        results.push_back(bench_result("ingest.mqtt_bare_readings_per_s" + suffix, "readings/s", bare));
        results.push_back(bench_result("ingest.mqtt_publisher_cores" + suffix, "cores", cores));
    }
    return results;
}

}  // namespace headroom::app
