#pragma once

#include "core/clock.hpp"
#include "net/byte_stream.hpp"
#include "net/mqtt_pieces.hpp"
#include "net/mqtt_subscriber.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace headroom::net {

/// One connection of a subscriber to its broker: CONNECT, SUBSCRIBE, then messages in pieces. Of the reader's
/// thread alone.
class MqttSession {
  public:
    /// Says CONNECT on `stream`.
    MqttSession(const MqttSubscriberSettings& settings, std::unique_ptr<ByteStream> stream,
                std::uint64_t connection);

    /// Reads what is there into `piece`, behind what it holds. When there are messages in it afterwards it is
    /// to be handed over and another to be brought next time; a packet that is cut off goes on there. Else
    /// the same is to be brought again. Errors: why the connection is at an end.
    Result<void> read(MqttPiece& piece);
    /// Writes what waits, as far as the broker takes it. Errors: as `read`.
    Result<void> write();
    /// Pings in time. Errors: `timeout` when the broker has fallen silent; only when `is_reading`, for
    /// what we do not read cannot be heard.
    Result<void> keep_alive(SteadyTime now, bool is_reading);
    void answer_for(std::span<const std::uint16_t> packet_ids);
    /// Says goodbye and waits a little for it to leave.
    void end(milliseconds time);

    [[nodiscard]] bool is_subscribed() const { return is_subscribed_; }
    /// CONNECT and SUBSCRIBE must be answered by then; messages of a kept session move it.
    [[nodiscard]] SteadyTime answer_due() const { return answer_due_; }
    [[nodiscard]] std::uint64_t connection() const { return connection_; }
    [[nodiscard]] int descriptor() const { return stream_->descriptor(); }
    [[nodiscard]] bool has_to_write() const { return written_ < out_.size() || stream_->wants_to_write(); }

  private:
    Result<void> take_packets(MqttPiece& piece);
    Result<void> take_packet(const mqtt::Frame& frame, std::string_view body, MqttPiece& piece);
    Result<void> take_connack(std::string_view body);
    Result<void> take_suback(std::string_view body);
    void subscribe();
    [[nodiscard]] std::string broker() const;

    const MqttSubscriberSettings& settings_;
    const std::unique_ptr<ByteStream> stream_;
    const std::uint64_t connection_;
    const std::size_t packet_bytes_max_;
    std::size_t parsed_ = 0;  // of the piece at hand
    std::string tail_;        // the beginning of a packet, for the next piece
    std::string out_;
    std::size_t written_ = 0;
    bool is_accepted_ = false;
    bool is_subscribed_ = false;
    seconds keepalive_;
    SteadyTime answer_due_;
    SteadyTime heard_;
    SteadyTime next_ping_;
};

}  // namespace headroom::net
