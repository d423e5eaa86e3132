#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::net {

/// What MQTT 5 can tell about a message besides topic and payload. Source: MQTT 5.0 §3.3.2.3.
struct MqttProperties {
    std::optional<std::uint32_t> message_expiry_s;  ///< received: what the broker has left of it
    std::string response_topic;
    std::string correlation_data;  ///< any bytes, at most 65,535
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> user;

    bool operator==(const MqttProperties&) const = default;
};

struct MqttMessage {
    std::string topic;
    std::string payload;
    int qos = 0;  ///< 0 or 1; QoS 2 adds nothing that an order id does not give
    bool retain = false;
    MqttProperties properties;
};

}  // namespace headroom::net
