#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "dispatch/channel.hpp"
#include "net/mqtt_client.hpp"

#include <memory>
#include <string>

namespace headroom::dispatch {

/// Orders to devices over MQTT 5, as docs/formats/device-order.md has it. `prefix` is "headroom/v1".
///
/// A device is whoever the topic names (the broker's access list binds it to a login): payloads that cannot
/// be read or name another device are dropped, counted and logged. While the broker is away `send` answers
/// `unavailable`; the subscriptions are made good at each connect. Once a minute of steady time every device
/// that is online is told the time of `clock`, in which orders are written, and that of `wall`. `client` and
/// the clocks outlive the channel.
[[nodiscard]] std::unique_ptr<Channel> make_mqtt_channel(asio::any_io_executor executor,
                                                         net::MqttClient& client, std::string prefix,
                                                         DomainClock& clock, WallClock& wall);

}  // namespace headroom::dispatch
