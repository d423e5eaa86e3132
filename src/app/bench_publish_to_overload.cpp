#include "agents/sources/mqtt_source.hpp"
#include "app/bench_brokers_parts.hpp"
#include "app/bench_feeders.hpp"
#include "net/mqtt_flood.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

/// One run of `seconds` (at least five): every feeder once a second, messages spread evenly over it; one
/// feeder of each message goes far over its limit once. Times from just before the write to the overload in
/// hand.
Result<std::vector<double>> overload_delays(const net::BrokerProcess& broker, BenchFeeders& feeders,
                                            BenchMessages& messages, double for_s, UtcTime& time) {
    std::vector<std::atomic<std::int64_t>> published(messages.size());
    std::unordered_map<std::string, std::size_t> message_of;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        message_of.emplace(BenchFeeders::name(messages.first_feeder(i)), i);
    }
    std::vector<double> delays_ms;
    delays_ms.reserve(messages.size());
    agents::ReadingsSink sink = feeders.sink();
    sink.ingest = [&, inner = feeders.sink().ingest](std::span<const telemetry::Reading> readings,
                                                     SteadyTime received) {
        const monitor::IngestCount count = inner(readings, received);
        for (const monitor::RaisedOverload& raised : feeders.monitor().take_overloads()) {
            const std::int64_t sent_ns = published[message_of.at(raised.overload.feeder)].load();
            delays_ms.push_back(static_cast<double>(steady_now().time_since_epoch().count() - sent_ns) / 1e6);
        }
        return count;
    };
    agents::MqttSourceOptions options;
    options.broker = bench_reader(broker, 0, "bench-latency");
    options.topics = {"bench/#"};
    auto source =
        agents::MqttSource::make(feeders.registry(), std::move(sink), feeders.clock(), std::move(options));
    if (!source) {
        return source.error();
    }
    if (const Result<void> started = (*source)->start(); !started) {
        return started.error();
    }
    net::MqttFlood sender;
    if (!bench_wait_until([&] { return (*source)->connection().connected; })) {
        return Error{Errc::timeout, "the reader did not connect", {}};
    }
    if (const Result<void> connected = sender.connect(broker.port(), "bench-pulse"); !connected) {
        return connected.error();
    }
    constexpr int rounds_before = 2;  // every feeder is known and settled
    const int rounds = rounds_before + std::max(5, static_cast<int>(for_s));
    const SteadyTime begun = steady_now();
    for (int round = 0; round < rounds; ++round) {
        time += seconds{1};
        feeders.set_now(time);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const bool is_over =
                round >= rounds_before && i % static_cast<std::size_t>(rounds - rounds_before) ==
                                              static_cast<std::size_t>(round - rounds_before);
            const std::string_view text = is_over ? messages.with_overload(i, time) : messages.at(i, time);
            const auto slot =
                begun + seconds{round} +
                std::chrono::nanoseconds{1'000'000'000 / static_cast<std::int64_t>(messages.size()) *
                                         static_cast<std::int64_t>(i)};
            std::this_thread::sleep_until(slot);
            published[i] = steady_now().time_since_epoch().count();
            Result<void> sent = sender.send("bench/readings", text, 0);
            sent = sent ? sender.flush() : sent;
            if (!sent) {
                return sent.error();
            }
        }
    }
    const std::uint64_t all = static_cast<std::uint64_t>(rounds) * messages.size();
    const bool is_complete = bench_wait_until([&] { return (*source)->counts().messages >= all; });
    (*source)->stop();
    if (!is_complete || delays_ms.size() != messages.size()) {
        return Error{Errc::timeout,
                     fmt::format("{} of {} overloads were raised", delays_ms.size(), messages.size()),
                     {}};
    }
    std::sort(delays_ms.begin(), delays_ms.end());
    return delays_ms;
}

}  // namespace

Result<json::Array> bench_ingest_latency(const BenchIngestOptions& options) {
    json::Array results;
    Result<net::BrokerProcess> broker = start_bench_broker(options.dir);
    if (!broker) {
        return broker.error();
    }
    std::vector<double> p50;
    std::vector<double> p99;
    for (int run = 0; run < bench_runs; ++run) {
        auto feeders = BenchFeeders::make(bench_feeders);
        if (!feeders) {
            return feeders.error();
        }
        BenchMessages messages(bench_feeders, bench_batch, 11);
        UtcTime time = bench_begin();
        const auto delays = overload_delays(*broker, **feeders, messages, options.seconds, time);
        if (!delays) {
            return delays.error();
        }
        p50.push_back((*delays)[delays->size() / 2]);
        p99.push_back((*delays)[delays->size() * 99 / 100]);
    }
    results.push_back(bench_result("ingest.publish_to_overload_ms_p50", "ms", p50));
    results.push_back(bench_result("ingest.publish_to_overload_ms_p99", "ms", p99));
    return results;
}

}  // namespace headroom::app
