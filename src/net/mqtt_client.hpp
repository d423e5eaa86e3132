#pragma once

#include "core/async.hpp"
#include "net/mqtt_message.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::net {

/// What the broker publishes when the connection ends without a goodbye.
struct MqttWill {
    MqttMessage message;
    std::uint32_t delay_s = 0;
};

struct MqttSettings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883;
    std::string client_id;  ///< empty: the broker gives one (then `clean_start` must hold)
    std::string user;
    std::string password;
    std::string ca_file;  ///< PEM; set: TLS, and the broker's certificate is checked
    std::string cert_file;
    std::string key_file;
    bool clean_start = true;
    std::uint32_t session_expiry_s = 0;
    std::uint16_t keepalive_s = 30;
    std::optional<MqttWill> will;
    milliseconds connect_timeout = seconds{5};
    milliseconds reconnect_first = milliseconds{100};  ///< doubled at each failure
    milliseconds reconnect_longest = seconds{10};
    std::size_t outgoing_max = 10'000;  ///< publishes not yet answered; more are refused with `unavailable`
    std::size_t incoming_max = 10'000;  ///< messages not yet handed over; then the broker is slowed by TCP
};

struct PublishResult {
    int reason_code = 0;          ///< of the PUBACK; 0 for QoS 0
    bool no_subscribers = false;  ///< reason 16: taken, but nobody listens
};

/// A client of one MQTT 5 broker. It connects, and connects again with growing pauses, by itself; messages
/// that were not acknowledged when a connection broke are not sent again by it: their publisher was told
/// `unavailable` and knows better whether they still hold. The library (libmosquitto) lives on a thread of
/// its own; everything public is called on, and every callback runs on, the thread of `executor`, which must
/// outlive this.
class MqttClient {
  public:
    using MessageCallback = std::function<void(const MqttMessage&)>;
    /// `why` says what ended or refused the connection; empty when connected.
    using StateCallback = std::function<void(bool connected, const std::string& why)>;

    MqttClient(asio::any_io_executor executor, MqttSettings settings);
    /// As `stop`.
    ~MqttClient();
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    /// Called at each change. Set before `start`.
    void on_state(StateCallback callback);

    /// Begins to connect. Subscriptions made before are in place when a kept session's messages arrive.
    /// Errors: `invalid` for settings that cannot work.
    Result<void> start();
    /// Says goodbye (the will stays unpublished), ends the thread; what is pending ends with `unavailable`.
    void stop();
    [[nodiscard]] bool connected() const;

    /// Goes on at the PUBACK (QoS 1), or when written (QoS 0).
    /// Errors: `unavailable` when not connected, when the connection breaks before the PUBACK (the message
    /// may have arrived), or when too many are pending; `denied` for a reason code of 128 or more, which the
    /// message names; `invalid` for a topic, property or size that MQTT forbids.
    Awaitable<Result<PublishResult>> publish(std::string topic, std::string payload, int qos, bool retain,
                                             MqttProperties properties = {});

    /// Hands every message whose topic matches `filter` to `callback`, now and after each reconnect. Goes on
    /// at the SUBACK.
    /// Errors: `denied` when the broker refuses the filter, `invalid` for a malformed one (neither stays);
    /// `unavailable` without a connection: the subscription stands and is made good at the next connect.
    Awaitable<Result<void>> subscribe(std::string filter, int qos, MessageCallback callback);
    /// Ends every subscription of exactly this filter.
    void unsubscribe(const std::string& filter);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::net
