#include "app/bench_feeders.hpp"

#include "app/bench_made_up_days.hpp"
#include "telemetry/batch_encoder.hpp"
#include "telemetry/wire_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace headroom::app {
namespace {

constexpr std::string_view behind_time = R"(","kw":)";
constexpr std::size_t value_after = behind_time.size();
constexpr std::size_t base_time_at = 16;  // in the head of a compact batch
constexpr UtcTime bench_base{milliseconds{1'795'000'000'000}};

}  // namespace

BenchFeeders::BenchFeeders(grid::Network network)
    : network_(std::move(network)),
      monitor_(std::make_unique<monitor::Monitor>(network_, registry_,
                                                  monitor::MonitorOptions{.horizons_per_refresh = 1})) {}

std::string BenchFeeders::name(std::size_t feeder) {
    return fmt::format("F-{:06}", feeder);
}

Result<std::unique_ptr<BenchFeeders>> BenchFeeders::make(std::size_t count) {
    grid::Network network;
    if (const Result<void> added = network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}); !added) {
        return added.error();
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::string id = name(i);
        Result<void> added = network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id});
        if (added) {
            added = network.add(
                grid::Limit{.asset = id, .value = 500.0, .source = "bench", .verified_by = "bench"});
        }
        if (!added) {
            return added.error();
        }
    }
    return std::unique_ptr<BenchFeeders>(new BenchFeeders(std::move(network)));
}

agents::ReadingsSink BenchFeeders::sink() {
    return {.ingest =
                [this](std::span<const telemetry::Reading> readings, SteadyTime) {
                    return monitor_->ingest(readings, now_.load(std::memory_order_relaxed));
                },
            .count_quarantined = [](telemetry::Quarantine, std::uint64_t) {}};
}

std::function<UtcTime()> BenchFeeders::clock() const {
    return [this] { return now_.load(std::memory_order_relaxed); };
}

void BenchFeeders::prepare(UtcTime now) {
    warm_with_made_up_days(*monitor_, registry_, network_, now - first_forecasts_for);
    make_first_forecasts(*monitor_, now);
}

BenchTicks::BenchTicks(monitor::Monitor& monitor, std::function<UtcTime()> event_time)
    : monitor_(monitor), event_time_(std::move(event_time)), thread_([this] { run(); }) {}

BenchTicks::~BenchTicks() {
    stop();
}

void BenchTicks::stop() {
    is_over_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void BenchTicks::run() {
    UtcTime ticked = event_time_();
    while (!is_over_) {
        const UtcTime now = event_time_();
        if (now - ticked >= seconds{1}) {
            monitor_.tick(now);
            ticked = now;
        }
        std::this_thread::sleep_for(milliseconds{1});
    }
}

BenchMessages::BenchMessages(std::size_t feeders, std::size_t batch, std::uint64_t seed,
                             telemetry::WireFormat format)
    : random_(seed), is_binary_(format == telemetry::WireFormat::binary) {
    std::vector<std::size_t> order(feeders);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = feeders; i > 1; --i) {
        std::swap(order[i - 1],
                  order[static_cast<std::size_t>(random_.uniform(1, i) * static_cast<double>(i))]);
    }
    for (std::size_t begin = 0; begin < feeders; begin += batch) {
        const auto some = std::span(order).subspan(begin, std::min(batch, feeders - begin));
        messages_.push_back(is_binary_ ? binary_of(some) : json_of(some));
        messages_.back().readings = some.size();
        messages_.back().first_feeder = some.front();
    }
}

BenchMessages::Message BenchMessages::json_of(std::span<const std::size_t> feeders) const {
    const std::string time = format_utc(UtcTime{});
    Message message;
    message.text = "[";
    for (const std::size_t feeder : feeders) {
        message.text += fmt::format(R"({}{{"feeder":"{}","ts":")", message.times.empty() ? "" : ",",
                                    BenchFeeders::name(feeder));
        message.times.push_back(message.text.size());
        message.text += time;
        message.text += behind_time;
        if (message.first_value == 0) {
            message.first_value = message.text.size();
        }
        message.text += fmt::format("{:05.1f}}}", 100.0 + 200.0 * random_.uniform(2, feeder));
    }
    message.text += "]";
    return message;
}

BenchMessages::Message BenchMessages::binary_of(std::span<const std::size_t> feeders) const {
    telemetry::PointRegistry registry;
    std::vector<telemetry::Reading> readings;
    for (const std::size_t feeder : feeders) {
        readings.push_back({.value = 100.0 + std::floor(2000.0 * random_.uniform(2, feeder)) / 10.0,
                            .interval_start = bench_base,
                            .interval_end = bench_base,
                            .point = registry.intern({.point_id = BenchFeeders::name(feeder)})});
    }
    Message message;
    telemetry::encode_batch(readings, registry, telemetry::WireFormat::binary, {}, message.text);
    message.times.push_back(base_time_at);
    message.first_value =
        message.text.size() - feeders.size() * telemetry::wire_row_bytes;  // a row begins with its value
    return message;
}

/// One time for all rows, and every value a tenth of its last digit further, or they would be taken for
/// stuck.
void BenchMessages::stamp_binary(Message& message, UtcTime at) const {
    const std::int64_t ms = at.time_since_epoch().count();
    std::memcpy(message.text.data() + message.times.front(), &ms, sizeof ms);
    for (std::size_t row = 0; row < message.readings; ++row) {
        char* const place = message.text.data() + message.first_value + row * telemetry::wire_row_bytes;
        double value = 0.0;
        std::memcpy(&value, place, sizeof value);
        value = std::floor(value) + static_cast<double>(ms / 1000 % 10) / 10.0;
        std::memcpy(place, &value, sizeof value);
    }
}

void BenchMessages::stamp(Message& message, UtcTime at) {
    if (is_binary_) {
        return stamp_binary(message, at);
    }
    if (at != stamped_ || stamp_.empty()) {
        stamped_ = at;
        stamp_ = format_utc(at);
    }
    const char last_digit = static_cast<char>('0' + at.time_since_epoch().count() / 1000 % 10);
    for (const std::size_t place : message.times) {
        stamp_.copy(message.text.data() + place, stamp_.size());
        // Loads move, or they would be taken for stuck.
        message.text[place + stamp_.size() + value_after + 4] = last_digit;
    }
}

std::string_view BenchMessages::at(std::size_t message, UtcTime at) {
    stamp(messages_[message], at);
    return messages_[message].text;
}

std::string_view BenchMessages::with_overload(std::size_t message, UtcTime at) {
    Message& chosen = messages_[message];
    stamp(chosen, at);
    std::string_view("800.0").copy(chosen.text.data() + chosen.first_value, 5);
    return chosen.text;
}

}  // namespace headroom::app
