#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::net {

struct MqttSubscriberSettings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883;
    std::string client_id;  ///< 1 … 64 characters; a kept session hangs on it
    std::string user;       ///< at most 256 bytes
    std::string password;   ///< at most 512 bytes; needs a user
    std::string ca_file;    ///< PEM; set: TLS, and the broker's certificate is checked
    std::string cert_file;
    std::string key_file;
    /// 1 … 64 filters; `$share/GROUP/FILTER` shares the messages out among the group's members.
    std::vector<std::string> filters;
    int qos = 1;
    bool clean_start = false;                       ///< false: what came while we were away is delivered
    std::uint32_t session_expiry_s = 3600;          ///< how long the broker keeps it
    std::uint16_t receive_maximum = 1000;           ///< QoS 1 messages on their way without our PUBACK
    std::size_t payload_bytes_max = 1024UL * 1024;  ///< larger ones are counted and passed over
    std::uint16_t keepalive_s = 30;
    milliseconds connect_timeout{5000};
    milliseconds reconnect_first{100};  ///< doubled at each failure
    milliseconds reconnect_longest{10'000};
};

/// Errors: `invalid`, naming the field and its bounds.
[[nodiscard]] Result<void> check(const MqttSubscriberSettings& settings);

/// Reads a stream of messages from one MQTT 5 broker and keeps doing so: it connects again with growing
/// pauses. Made for volume, with two threads of its own: one reads the connection in large pieces and finds
/// the messages in them, the other hands them over as they lie there, without a copy. Pieces are few: a
/// handler that takes its time slows the reading down, and the broker is slowed by TCP: its queue then holds
/// what waits (QoS 1) or drops it (QoS 0).
///
/// A QoS 1 message is answered for after the `rest` behind it has returned. What was not when the connection
/// breaks or the process dies is delivered again, when the session is kept.
class MqttSubscriber {
  public:
    struct Handlers {
        /// On the taker's thread. Views are valid until the handler returns.
        std::function<void(std::string_view topic, std::string_view payload)> message;
        /// On the taker's thread: everything that has arrived has been handed over, or a good many: the
        /// moment to pass on what was gathered. Called before that thread waits.
        std::function<void()> rest;
        /// On the reader's thread. `why` is empty when connected. Told once per change, and for the first
        /// failure.
        std::function<void(bool connected, const std::string& why)> state;
    };
    struct Counts {
        std::uint64_t messages = 0;
        std::uint64_t payload_bytes = 0;
        std::uint64_t oversize = 0;     ///< passed over because of `payload_bytes_max`
        std::uint64_t connections = 0;  ///< made so far
        bool connected = false;
    };

    MqttSubscriber(MqttSubscriberSettings settings, Handlers handlers);
    /// As `stop`.
    ~MqttSubscriber();
    MqttSubscriber(const MqttSubscriber&) = delete;
    MqttSubscriber& operator=(const MqttSubscriber&) = delete;

    /// Begins. Errors: those of `check`.
    Result<void> start();
    /// Reads no more; hands over and answers for what was read, says goodbye, ends the threads. Not from a
    /// handler.
    void stop();
    /// Any thread.
    [[nodiscard]] Counts counts() const;

  private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace headroom::net
