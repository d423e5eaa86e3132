#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "dispatch/channel.hpp"
#include "net/http_server.hpp"
#include "net/websocket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace headroom::dispatch {

/// Orders to devices through gateways that have dialled in, as docs/formats/device-order.md has it. One
/// gateway may speak for many devices, only for those it has said hello for. `send` answers `unavailable` for
/// a device that no open gateway speaks for.
class GatewayChannel : public Channel {
  public:
    /// Serves one gateway until it goes away or talks nonsense. The channel outlives the coroutine.
    virtual Awaitable<void> serve(std::shared_ptr<net::WebSocket> socket) = 0;
    /// Devices that can be reached now.
    [[nodiscard]] virtual std::size_t devices() const = 0;
    /// Messages that could not be used.
    [[nodiscard]] virtual std::uint64_t dropped() const = 0;
};

/// `clock` is the one in which orders are written: what has expired is not sent.
[[nodiscard]] std::unique_ptr<GatewayChannel> make_websocket_channel(asio::any_io_executor executor,
                                                                     DomainClock& clock);

/// Lets gateways dial in at `pattern` ("/devices/v1"), role "device". The channel outlives the server.
void serve_gateways(net::HttpServer& server, std::string pattern, GatewayChannel& channel);

/// The frames, for gateways (simulated devices, tests).
[[nodiscard]] std::string encode_hello(const std::vector<std::string>& ders);
[[nodiscard]] std::string encode_ack_frame(const Ack& ack);
[[nodiscard]] std::string encode_measurement_frame(const DeviceMeasurement& measurement);
/// The order in a frame from the core, with `der` set. Errors: `invalid` with the pointer.
[[nodiscard]] Result<Instruction> decode_order_frame(std::string_view frame);

}  // namespace headroom::dispatch
