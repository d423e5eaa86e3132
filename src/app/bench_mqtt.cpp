#include "agents/sources/mqtt_source.hpp"
#include "app/bench_brokers_parts.hpp"
#include "app/bench_feeders.hpp"
#include "app/bench_usage.hpp"
#include "net/mqtt_bare.hpp"
#include "net/mqtt_flood.hpp"
#include "telemetry/batch_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::uint64_t bytes_on_the_way_max = 4UL * 1024 * 1024;

/// Somebody who reads: how many messages, and how to begin and end.
struct Reader {
    std::function<std::uint64_t()> messages;
    std::function<Result<void>()> start;
    std::function<bool()> is_ready;
    std::function<void()> stop;
};

struct MqttRate {
    double readings_per_s = 0.0;
    double publisher_cores = 0.0;
    double broker_ns = 0.0;  ///< processor time of the broker for a reading
    double reader_ns = 0.0;  ///< of this process without the publisher's thread
    double forecasts_per_s = 0.0;
};

/// Publishes as fast as the reader keeps up, for so long; the rate is that of what the reader had in that
/// time.
Result<MqttRate> flood(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
                       int qos, double for_s, const Reader& reader, UtcTime& time) {
    net::MqttFlood sender;
    if (const Result<void> connected = sender.connect(broker.port(), "bench-sender"); !connected) {
        return connected.error();
    }
    const std::uint64_t window = std::max<std::uint64_t>(
        100, bytes_on_the_way_max / std::max<std::size_t>(1, messages.at(0, time).size()));
    feeders.set_now(time);
    const std::uint64_t before = reader.messages();
    std::uint64_t sent = 0;
    std::size_t next = 0;
    const std::uint64_t forecasts = feeders.monitor().forecasts_made();
    const Usage cpu = usage_now();
    const double broker_cpu_us = process_cpu_us(broker.pid());
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
    const Usage cpu_after = usage_now();
    const double broker_us = process_cpu_us(broker.pid()) - broker_cpu_us;
    const auto made = static_cast<double>(feeders.monitor().forecasts_made() - forecasts);
    const double publisher_us = cpu_after.thread_us - cpu.thread_us;
    const double readings = std::max(1.0, static_cast<double>(got * messages.readings(0)));
    if (const Result<void> flushed = sender.flush(); !flushed) {
        return flushed.error();
    }
    if (!bench_wait_until([&] { return reader.messages() - before >= sent; })) {
        return Error{Errc::timeout, "the reader did not get everything that was published", {}};
    }
    time += seconds{1};
    return MqttRate{.readings_per_s = readings / took,
                    .publisher_cores = publisher_us / 1e6 / took,
                    .broker_ns = broker_us * 1e3 / readings,
                    .reader_ns = (cpu_after.process_us - cpu.process_us - publisher_us) * 1e3 / readings,
                    .forecasts_per_s = made / took};
}

Result<MqttRate> run_with(const Reader& reader, const std::function<Result<MqttRate>()>& measure) {
    if (const Result<void> started = reader.start(); !started) {
        return started.error();
    }
    Result<MqttRate> rate = bench_wait_until(reader.is_ready)
                                ? measure()
                                : Result<MqttRate>(Error{Errc::timeout, "the reader did not connect", {}});
    reader.stop();
    return rate;
}

/// A subscriber with the usual library.
Result<MqttRate> bare_mqtt(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
                           int qos, double for_s, UtcTime& time) {
    net::MqttBare bare({.port = broker.port(), .client_id = "bench-bare", .filter = "bench/#", .qos = qos});
    const Reader reader{.messages = [&] { return bare.messages(); },
                        .start = [&] { return bare.start(); },
                        .is_ready = [&] { return bare.is_subscribed(); },
                        .stop = [&] { bare.stop(); }};
    return run_with(reader, [&] { return flood(broker, messages, feeders, qos, for_s, reader, time); });
}

/// Our own reader with nothing behind it.
Result<MqttRate> idle_mqtt(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
                           int qos, double for_s, UtcTime& time) {
    net::MqttSubscriber idle(
        bench_reader(broker, qos, "bench-idle"),
        {.message = [](std::string_view, std::string_view) {}, .rest = [] {}, .state = {}});
    const Reader reader{.messages = [&] { return idle.counts().messages; },
                        .start = [&] { return idle.start(); },
                        .is_ready = [&] { return idle.counts().connected; },
                        .stop = [&] { idle.stop(); }};
    return run_with(reader, [&] { return flood(broker, messages, feeders, qos, for_s, reader, time); });
}

Result<MqttRate> full_mqtt(const net::BrokerProcess& broker, BenchMessages& messages, BenchFeeders& feeders,
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
    feeders.set_now(time);  // the readers beside it have a time of their own
    BenchTicks ticks(feeders.monitor(), feeders.clock());
    Result<MqttRate> rate =
        run_with(reader, [&] { return flood(broker, messages, feeders, qos, for_s, reader, time); });
    ticks.stop();
    const agents::SourceCounts counts = full.counts();
    if (rate && counts.accepted != counts.readings) {
        return Error{Errc::invalid,
                     fmt::format("of {} readings only {} were accepted: not a measurement of acceptance",
                                 counts.readings, counts.accepted),
                     {}};
    }
    return rate;
}

/// What the runs of one way gave.
struct Runs {
    std::vector<double> readings_per_s;
    std::vector<double> broker_ns;
    std::vector<double> reader_ns;
    std::vector<double> forecasts_per_s;
    void add(const MqttRate& rate) {
        readings_per_s.push_back(rate.readings_per_s);
        broker_ns.push_back(rate.broker_ns);
        reader_ns.push_back(rate.reader_ns);
        forecasts_per_s.push_back(rate.forecasts_per_s);
    }
};

using MqttMeasure = Result<MqttRate> (*)(const net::BrokerProcess&, BenchMessages&, BenchFeeders&, int,
                                         double, UtcTime&);

struct MqttBench {
    net::BrokerProcess broker;
    std::unique_ptr<BenchFeeders> feeders;
    BenchMessages json;
    BenchMessages binary;
    UtcTime time = bench_begin();  // of what the monitor reads: it must not find gaps in it
    UtcTime time_of_others = bench_begin();
    double seconds = 0.0;

    Result<MqttRate> run(MqttMeasure measure, BenchMessages& messages, int qos) {
        return measure(broker, messages, *feeders, qos, seconds,
                       measure == full_mqtt ? time : time_of_others);
    }
    /// All feeders have been forecast and heard of, and their rhythm is known, before anything is measured.
    Result<void> warm_up() {
        feeders->prepare(time);
        telemetry::BatchDecoder decoder(feeders->registry(), {.source = "bench"});
        const agents::ReadingsSink sink = feeders->sink();
        std::vector<telemetry::Reading> readings;
        for (int round = 0; round < 3; ++round) {
            feeders->set_now(time);
            decoder.reset(time);
            for (std::size_t i = 0; i < json.size(); ++i) {
                readings.clear();
                if (Result<void> read =
                        decoder.decode(json.at(i, time), telemetry::WireFormat::json, {}, readings);
                    !read) {
                    return read;
                }
                static_cast<void>(sink.ingest(readings, steady_now()));
            }
            time += std::chrono::seconds{1};
        }
        return {};
    }
};

Result<void> measure_qos(MqttBench& bench, int qos, json::Array& results) {
    struct Way {
        const char* name;
        MqttMeasure measure;
        BenchMessages& messages;
        Runs runs;
    };
    std::vector<Way> ways{{"ingest.mqtt_", full_mqtt, bench.json, {}},
                          {"ingest.mqtt_bare_", bare_mqtt, bench.json, {}},
                          {"ingest.mqtt_idle_", idle_mqtt, bench.json, {}},
                          {"ingest.mqtt_binary_", full_mqtt, bench.binary, {}},
                          {"ingest.mqtt_binary_bare_", bare_mqtt, bench.binary, {}}};
    std::vector<double> cores;
    for (int run = 0; run < bench_runs; ++run) {
        for (Way& way : ways) {
            const Result<MqttRate> rate = bench.run(way.measure, way.messages, qos);
            if (!rate) {
                return rate.error();
            }
            way.runs.add(*rate);
            if (&way == &ways.front()) {
                cores.push_back(rate->publisher_cores);
            }
        }
    }
    const std::string suffix = qos == 0 ? "" : "_qos1";
    for (const Way& way : ways) {
        const std::string name = way.name;
        results.push_back(
            bench_result(name + "readings_per_s" + suffix, "readings/s", way.runs.readings_per_s));
        results.push_back(
            bench_result(name + "broker_cpu_ns_per_reading" + suffix, "ns", way.runs.broker_ns));
        results.push_back(
            bench_result(name + "reader_cpu_ns_per_reading" + suffix, "ns", way.runs.reader_ns));
        if (way.measure == full_mqtt) {
            results.push_back(
                bench_result(name + "forecasts_per_s" + suffix, "1/s", way.runs.forecasts_per_s));
        }
    }
    results.push_back(bench_ratio("ingest.mqtt_of_bare" + suffix, ways[0].runs.readings_per_s,
                                  ways[1].runs.readings_per_s));
    results.push_back(bench_ratio("ingest.mqtt_of_idle" + suffix, ways[0].runs.readings_per_s,
                                  ways[2].runs.readings_per_s));
    results.push_back(bench_ratio("ingest.mqtt_binary_of_bare" + suffix, ways[3].runs.readings_per_s,
                                  ways[4].runs.readings_per_s));
    results.push_back(bench_result("ingest.mqtt_publisher_cores" + suffix, "cores", cores));
    return {};
}

}  // namespace

Result<json::Array> bench_ingest_mqtt(const BenchIngestOptions& options) {
    Result<net::BrokerProcess> broker = start_bench_broker(options.dir);
    if (!broker) {
        return broker.error();
    }
    auto feeders = BenchFeeders::make(bench_feeders);
    if (!feeders) {
        return feeders.error();
    }
    MqttBench bench{.broker = std::move(*broker),
                    .feeders = std::move(*feeders),
                    .json = BenchMessages(bench_feeders, bench_batch, 11),
                    .binary = BenchMessages(bench_feeders, bench_batch, 11, telemetry::WireFormat::binary),
                    .seconds = options.seconds};
    if (const Result<void> warm = bench.warm_up(); !warm) {
        return warm.error();
    }
    json::Array results;
    for (const int qos : {0, 1}) {
        if (const Result<void> measured = measure_qos(bench, qos, results); !measured) {
            return measured.error();
        }
    }
    return results;
}

}  // namespace headroom::app
