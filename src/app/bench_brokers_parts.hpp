#pragma once

#include "app/bench_brokers.hpp"
#include "core/clock.hpp"
#include "net/broker_process.hpp"
#include "net/mqtt_subscriber.hpp"

#include <functional>
#include <string>

namespace headroom::app {

// What the benches of brokers share.

inline constexpr std::size_t bench_feeders = 100'000;
inline constexpr std::size_t bench_batch = 100;
inline constexpr int bench_runs = 5;

/// Wall time, in seconds.
[[nodiscard]] inline double seconds_between(SteadyTime from, SteadyTime to) {
    return milliseconds_between(from, to) / 1000.0;
}
/// The event time that benches begin at.
[[nodiscard]] UtcTime bench_begin();
/// Looks again and again, twenty seconds at most.
[[nodiscard]] bool bench_wait_until(const std::function<bool()>& condition);
/// A private mosquitto without a bound of its queues.
[[nodiscard]] Result<net::BrokerProcess> start_bench_broker(const std::filesystem::path& dir);
[[nodiscard]] net::MqttSubscriberSettings bench_reader(const net::BrokerProcess& broker, int qos,
                                                       const std::string& id);

}  // namespace headroom::app
