#pragma once

#include "net/mqtt_client.hpp"

#include <string>

namespace headroom::app {

/// Writes to the log when the connection to `broker` ("mqtt://host:port") is lost and when it is back, once
/// for each cause, with the remedy. Call before `client.start()`.
void watch_broker(net::MqttClient& client, const std::string& broker);

}  // namespace headroom::app
