#include "app/bench_feeders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace headroom::app {
namespace {

constexpr std::string_view behind_time = R"(","kw":)";
constexpr std::size_t value_after = behind_time.size();

}  // namespace

BenchFeeders::BenchFeeders(grid::Network network)
    : network_(std::move(network)),
      monitor_(std::make_unique<monitor::Monitor>(network_, registry_, monitor::MonitorOptions{})) {}

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

BenchMessages::BenchMessages(std::size_t feeders, std::size_t batch, std::uint64_t seed) {
    const Random random(seed);
    std::vector<std::size_t> order(feeders);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = feeders; i > 1; --i) {
        std::swap(order[i - 1],
                  order[static_cast<std::size_t>(random.uniform(1, i) * static_cast<double>(i))]);
    }
    const std::string time = format_utc(UtcTime{});
    for (std::size_t begin = 0; begin < feeders; begin += batch) {
        Message message{.text = "[", .times = {}, .first_value = 0, .first_feeder = order[begin]};
        for (std::size_t i = begin; i < std::min(feeders, begin + batch); ++i) {
            message.text += fmt::format(R"({}{{"feeder":"{}","ts":")", i == begin ? "" : ",",
                                        BenchFeeders::name(order[i]));
            message.times.push_back(message.text.size());
            message.text += time;
            message.text += behind_time;
            if (i == begin) {
                message.first_value = message.text.size();
            }
            message.text += fmt::format("{:05.1f}}}", 100.0 + 200.0 * random.uniform(2, i));
        }
        message.text += "]";
        messages_.push_back(std::move(message));
    }
}

void BenchMessages::stamp(Message& message, UtcTime at) {
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
