#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "sim/fleet.hpp"

#include <memory>
#include <string>

namespace headroom::sim {

/// The fleet's gateway over WebSocket: dials in, says hello for every device, answers orders, as
/// docs/formats/device-order.md has it. When the connection ends it dials again with growing pauses until
/// stopped. One io_context thread; fleet and clock outlive it.
class FleetWebSocket {
  public:
    /// `url` is the control room's: "ws://127.0.0.1:8000/devices/v1".
    FleetWebSocket(asio::any_io_executor executor, Fleet& fleet, DomainClock& clock, std::string url);
    /// As `stop`.
    ~FleetWebSocket();
    FleetWebSocket(const FleetWebSocket&) = delete;
    FleetWebSocket& operator=(const FleetWebSocket&) = delete;

    /// Begins to dial.
    void start();
    /// Says goodbye and dials no more.
    void stop();
    /// The hello has been written and the connection stands.
    [[nodiscard]] bool is_connected() const;
    /// One measurement from every device that follows an order now; nothing while not connected.
    void publish_measurements();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::sim
