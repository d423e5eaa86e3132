#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::net {

/// Publishes to a broker on this machine as fast as it takes messages, at the least cost: MQTT 5 by hand, one
/// copy into a buffer, one write for many messages. For benches, where the sender must not be what is
/// measured; it knows no reconnect. One thread.
class MqttFlood {
  public:
    MqttFlood() = default;
    ~MqttFlood();
    MqttFlood(const MqttFlood&) = delete;
    MqttFlood& operator=(const MqttFlood&) = delete;

    /// Errors: `unavailable`.
    Result<void> connect(std::uint16_t port, const std::string& client_id);
    /// Takes a message into the buffer, which is written when it is full. QoS 0 or 1.
    Result<void> send(std::string_view topic, std::string_view payload, int qos);
    /// Writes what is buffered, and reads the answers that have come.
    Result<void> flush();
    /// QoS 1 messages that wait for their PUBACK.
    [[nodiscard]] std::uint64_t unanswered() const { return sent_qos1_ - answered_; }

  private:
    Result<void> write_all();
    Result<void> read_answers();

    int fd_ = -1;
    std::string buffer_;
    std::string answers_;
    std::uint16_t packet_id_ = 0;
    std::uint64_t sent_qos1_ = 0;
    std::uint64_t answered_ = 0;
};

}  // namespace headroom::net
