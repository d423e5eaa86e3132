#include "agents/sources/kafka_source.hpp"
#include "app/bench_brokers_parts.hpp"
#include "app/bench_feeders.hpp"
#include "app/bench_usage.hpp"
#include "net/kafka_producer.hpp"

#include <fmt/format.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

Result<void> fill_topic(const BenchIngestOptions& options, const std::string& topic, BenchMessages& messages,
                        UtcTime& time, std::uint64_t& sent) {
    net::KafkaProducerSettings settings;
    settings.cluster.brokers = options.kafka;
    settings.all_replicas = false;
    auto producer = net::KafkaProducer::open(settings);
    if (!producer) {
        return producer.error();
    }
    const auto wanted = static_cast<std::uint64_t>(20'000.0 * options.seconds);
    while (sent < wanted) {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const std::string key = std::to_string(i);
            if (const Result<void> taken = (*producer)->send(topic, key, messages.at(i, time)); !taken) {
                return taken;
            }
            sent += 1;
        }
        time += seconds{1};
    }
    return (*producer)->flush(milliseconds{120'000});
}

net::KafkaConsumerSettings consumer_settings(const BenchIngestOptions& options, const std::string& topic,
                                             const std::string& group) {
    net::KafkaConsumerSettings out;
    out.cluster.brokers = options.kafka;
    out.topics = {topic};
    out.group = group;
    return out;
}

struct KafkaRate {
    double readings_per_s = 0.0;
    double cpu_ns = 0.0;  ///< of this process for a reading; the broker's is beside it
    double forecasts_per_s = 0.0;
};

/// From the end of the second round of all feeders to the last message: joining the group is not counted, nor
/// the memory that points take when they are heard of first.
Result<KafkaRate> drained(const std::function<std::uint64_t()>& messages, std::uint64_t wanted,
                          std::size_t per_message, const std::function<std::uint64_t()>& forecasts) {
    constexpr std::uint64_t messages_before = 2 * bench_feeders / bench_batch;
    if (!bench_wait_until([&] { return messages() >= messages_before; })) {
        return Error{Errc::timeout, "nothing came from Kafka", {}};
    }
    const std::uint64_t first = messages();
    const std::uint64_t first_forecasts = forecasts();
    const Usage cpu = usage_now();
    const SteadyTime begun = steady_now();
    const SteadyTime until = begun + seconds{120};
    while (messages() < wanted) {
        if (steady_now() > until) {
            return Error{
                Errc::timeout, fmt::format("only {} of {} messages came from Kafka", messages(), wanted), {}};
        }
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    const double took = seconds_between(begun, steady_now());
    const auto readings = static_cast<double>((wanted - first) * per_message);
    return KafkaRate{.readings_per_s = readings / took,
                     .cpu_ns = (usage_now().process_us - cpu.process_us) * 1e3 / readings,
                     .forecasts_per_s = static_cast<double>(forecasts() - first_forecasts) / took};
}

Result<KafkaRate> bare_kafka(const net::KafkaConsumerSettings& settings, std::uint64_t wanted,
                             std::size_t per_message) {
    auto consumer = net::KafkaConsumer::open(settings, {});
    if (!consumer) {
        return consumer.error();
    }
    std::atomic<bool> is_over = false;
    std::atomic<std::uint64_t> messages = 0;
    std::thread reader([&] {
        std::uint64_t bytes = 0;
        while (!is_over) {
            const auto polled =
                (*consumer)->poll(1'000, milliseconds{50}, [&](std::span<const net::KafkaRecord> records) {
                    for (const net::KafkaRecord& record : records) {
                        bytes += record.value.size();
                    }
                    messages += records.size();
                });
            is_over = is_over || !polled;
        }
    });
    Result<KafkaRate> rate =
        drained([&] { return messages.load(); }, wanted, per_message, [] { return std::uint64_t{0}; });
    is_over = true;
    reader.join();
    return rate;
}

/// The topic's readings begin at `begin` and end before `now`; a round of all feeders is a second.
Result<KafkaRate> full_kafka(const net::KafkaConsumerSettings& settings, UtcTime begin, UtcTime now,
                             std::uint64_t wanted, std::size_t per_message) {
    auto room = BenchFeeders::make(bench_feeders);
    if (!room) {
        return room.error();
    }
    (*room)->prepare(begin);
    (*room)->set_now(now);
    monitor::Monitor& monitor = (*room)->monitor();
    agents::KafkaSourceOptions options;
    options.broker = settings;
    auto source = agents::KafkaSource::make((*room)->registry(), (*room)->sink(), (*room)->clock(),
                                            std::move(options), nullptr);
    if (!source) {
        return source.error();
    }
    (*source)->start();
    const auto messages = [&] { return (*source)->counts().messages; };
    BenchTicks ticks(monitor, [&] {
        return begin + seconds{static_cast<std::int64_t>(messages() / (bench_feeders / bench_batch))};
    });
    Result<KafkaRate> rate = drained(messages, wanted, per_message, [&] { return monitor.forecasts_made(); });
    ticks.stop();
    (*source)->stop();
    const agents::SourceCounts counts = (*source)->counts();
    if (rate && counts.accepted != counts.readings) {
        return Error{Errc::invalid,
                     fmt::format("of {} readings only {} were accepted", counts.readings, counts.accepted),
                     {}};
    }
    return rate;
}

}  // namespace

Result<json::Array> bench_ingest_kafka(const BenchIngestOptions& options) {
    if (options.kafka.empty()) {
        if (options.only == "kafka") {
            return Error{Errc::invalid,
                         "a real Kafka is needed: --kafka host:port, or python3 tests/e2e/kafka_server.py "
                         "headroom bench "
                         "ingest --only kafka --kafka {brokers}",
                         {}};
        }
        return json::Array{};
    }
    json::Array results;
    const std::string unique = std::to_string(steady_now().time_since_epoch().count());
    const std::string topic = "bench-" + unique;
    BenchMessages messages(bench_feeders, bench_batch, 11);
    UtcTime time = bench_begin();
    std::uint64_t sent = 0;
    if (const Result<void> filled = fill_topic(options, topic, messages, time, sent); !filled) {
        return filled.error();
    }
    std::vector<double> bare;
    std::vector<double> full;
    std::vector<double> bare_cpu;
    std::vector<double> full_cpu;
    std::vector<double> forecasts;
    for (int run = 0; run < bench_runs; ++run) {
        const std::string group = unique + "-" + std::to_string(run);
        const Result<KafkaRate> without =
            bare_kafka(consumer_settings(options, topic, "bare-" + group), sent, messages.readings(0));
        const Result<KafkaRate> with = without
                                           ? full_kafka(consumer_settings(options, topic, "full-" + group),
                                                        bench_begin(), time, sent, messages.readings(0))
                                           : without;
        if (!with) {
            return with.error();
        }
        bare.push_back(without->readings_per_s);
        full.push_back(with->readings_per_s);
        bare_cpu.push_back(without->cpu_ns);
        full_cpu.push_back(with->cpu_ns);
        forecasts.push_back(with->forecasts_per_s);
    }
    results.push_back(bench_ratio("ingest.kafka_of_bare", full, bare));
    results.push_back(bench_result("ingest.kafka_readings_per_s", "readings/s", std::move(full)));
    results.push_back(bench_result("ingest.kafka_forecasts_per_s", "1/s", std::move(forecasts)));
    results.push_back(bench_result("ingest.kafka_bare_readings_per_s", "readings/s", std::move(bare)));
    results.push_back(bench_result("ingest.kafka_reader_cpu_ns_per_reading", "ns", std::move(full_cpu)));
    results.push_back(bench_result("ingest.kafka_bare_reader_cpu_ns_per_reading", "ns", std::move(bare_cpu)));
    return results;
}

}  // namespace headroom::app
