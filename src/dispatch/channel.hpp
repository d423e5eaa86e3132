#pragma once

#include "core/async.hpp"
#include "dispatch/instruction.hpp"

#include <functional>
#include <memory>
#include <string>

namespace headroom::dispatch {

/// The way to devices: MQTT, WebSocket, later OCPP and OpenADR. One io_context thread.
class Channel {
  public:
    struct Handlers {
        std::function<void(Ack)> on_ack;
        std::function<void(DeviceMeasurement)> on_measurement;
        /// (der, online): birth, state and will messages.
        std::function<void(std::string, bool)> on_presence;
    };
    virtual ~Channel() = default;
    /// Hands the order to the transport: done when the transport has taken it (PUBACK, frame written).
    /// Errors: `unavailable` no control path or device not listening; `denied` refused by the transport.
    virtual Awaitable<Result<void>> send(const Instruction& instruction) = 0;
    virtual void set_handlers(Handlers handlers) = 0;
    /// False while the broker or gateway is away.
    [[nodiscard]] virtual bool is_connected() const = 0;
    /// "mqtt", "websocket"
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace headroom::dispatch
