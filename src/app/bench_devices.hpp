#pragma once

#include "core/async.hpp"
#include "core/ids.hpp"
#include "net/mqtt_client.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace headroom::app {

/// "D00017", the DER of a bench's feeder of that number.
[[nodiscard]] std::string bench_der_name(int number);

/// Devices that take every order at once, behind a real broker, on a thread of their own as devices are.
class BenchDevices {
  public:
    explicit BenchDevices(std::uint16_t broker_port);
    ~BenchDevices();
    BenchDevices(const BenchDevices&) = delete;
    BenchDevices& operator=(const BenchDevices&) = delete;

    /// Connected and subscribed. Any thread.
    [[nodiscard]] bool are_ready() const { return are_ready_.load(std::memory_order_acquire); }
    /// When the first order for a device arrived. Any thread.
    [[nodiscard]] std::optional<SteadyTime> received(const std::string& der) const;

  private:
    Awaitable<void> subscribe();
    void take(const net::MqttMessage& message);
    Awaitable<void> acknowledge(std::string der, InstructionId id);

    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    net::MqttClient client_;
    std::atomic<bool> are_ready_{false};
    mutable std::mutex mutex_;
    std::map<std::string, SteadyTime> received_;
    std::thread thread_;
};

}  // namespace headroom::app
