#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/mqtt_client.hpp"
#include "sim/fleet.hpp"

#include <memory>
#include <string>

namespace headroom::sim {

/// The fleet's gateway over MQTT 5: takes `<prefix>/+/down/order` and publishes each device's `up/ack`,
/// `up/birth`, `up/state` and `up/meas`, as docs/formats/device-order.md has it. One client speaks for every
/// device, so the broker must let it. One io_context thread; client, fleet and clock outlive the io_context's
/// run.
class FleetMqtt {
  public:
    FleetMqtt(asio::any_io_executor executor, net::MqttClient& client, Fleet& fleet, DomainClock& clock,
              std::string prefix = "headroom/v1");
    /// Takes no more orders.
    ~FleetMqtt();
    FleetMqtt(const FleetMqtt&) = delete;
    FleetMqtt& operator=(const FleetMqtt&) = delete;

    /// Subscribes; the client subscribes again by itself at each reconnect. Errors: those of
    /// `MqttClient::subscribe`; after `unavailable` the subscription stands and is made good at the next
    /// connect.
    Awaitable<Result<void>> start();
    /// Births and "online" for every device, retained. Errors: the first that publishing met.
    Awaitable<Result<void>> announce();
    /// "offline" for every device, retained: one connection has one will, and cannot leave one for each of
    /// them.
    Awaitable<Result<void>> leave();
    /// One measurement from every device that follows an order now.
    void publish_measurements();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::sim
