#include "net/mqtt_session.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <poll.h>

namespace headroom::net {
namespace {

constexpr std::uint16_t subscribe_id = 1;
constexpr std::size_t room_min = 64UL * 1024;  // of a piece, or reading is not worth the call

std::string reason_text(std::uint8_t reason) {
    return "reason " + std::to_string(reason) + ", " + mosquitto_reason_string(reason);
}

Error ended(const std::string& why) {
    return Error{Errc::unavailable, why, {}};
}

}  // namespace

MqttSession::MqttSession(const MqttSubscriberSettings& settings, std::unique_ptr<ByteStream> stream,
                         std::uint64_t connection)
    : settings_(settings),
      stream_(std::move(stream)),
      connection_(connection),
      packet_bytes_max_(settings.payload_bytes_max + 2 * mqtt::text_bytes_max),
      keepalive_(settings.keepalive_s),
      answer_due_(steady_now() + settings.connect_timeout),
      heard_(steady_now()),
      next_ping_(heard_ + keepalive_ / 2) {
    mqtt::put_connect(out_, {.client_id = settings_.client_id,
                             .user = settings_.user,
                             .password = settings_.password,
                             .clean_start = settings_.clean_start,
                             .keepalive_s = settings_.keepalive_s,
                             .session_expiry_s = settings_.clean_start ? 0 : settings_.session_expiry_s,
                             .receive_maximum = settings_.receive_maximum,
                             .packet_bytes_max = static_cast<std::uint32_t>(packet_bytes_max_)});
}

std::string MqttSession::broker() const {
    return "the MQTT broker " + settings_.host + ":" + std::to_string(settings_.port);
}

Result<void> MqttSession::read(MqttPiece& piece) {
    if (piece.filled == 0) {  // a new one begins with what the last one ended with
        piece.connection = connection_;
        parsed_ = 0;
        piece.filled = tail_.size();
    }
    if (piece.bytes.size() < piece.filled + room_min) {  // only while nothing has been found in it
        piece.bytes.resize(std::max(2 * piece.bytes.size(), piece.filled + room_min));
    }
    std::memcpy(piece.bytes.data(), tail_.data(), tail_.size());
    tail_.clear();
    const std::size_t filled_before = piece.filled;
    Result<void> outcome;
    do {
        const Result<std::size_t> count = stream_->read(std::span(piece.bytes).subspan(piece.filled));
        if (!count) {
            outcome = ended("the connection to " + broker() + " ended: " + count.error().message);
            break;
        }
        piece.filled += *count;
    } while (stream_->holds_bytes() && piece.filled < piece.bytes.size());
    if (piece.filled > filled_before) {
        heard_ = steady_now();
    }
    // What arrived before the end counts.
    if (const Result<void> taken = take_packets(piece); !taken) {
        return taken;
    }
    if (!piece.messages.empty()) {
        tail_.assign(piece.bytes.data() + parsed_, piece.filled - parsed_);
    }
    return outcome;
}

Result<void> MqttSession::take_packets(MqttPiece& piece) {
    const std::string_view all(piece.bytes.data(), piece.filled);
    if (!is_accepted_ && !all.empty() &&
        static_cast<std::uint8_t>(all.front()) >> 4U != static_cast<unsigned>(mqtt::PacketType::connack)) {
        return ended(broker() + " did not answer CONNECT");  // whatever it is, it is not waited for
    }
    for (;;) {
        const Result<std::optional<mqtt::Frame>> frame = mqtt::frame_of(all.substr(parsed_));
        if (!frame) {
            return frame.error();
        }
        if (!frame->has_value()) {
            return {};
        }
        const mqtt::Frame& packet = **frame;
        if (packet.bytes() > packet_bytes_max_) {
            return ended(broker() + " sent a packet of " + std::to_string(packet.bytes()) +
                         " bytes, more than it was allowed");
        }
        if (parsed_ + packet.bytes() > all.size()) {
            return {};
        }
        if (const Result<void> taken =
                take_packet(packet, all.substr(parsed_ + packet.head_bytes, packet.body_bytes), piece);
            !taken) {
            return taken;
        }
        parsed_ += packet.bytes();
    }
}

Result<void> MqttSession::take_packet(const mqtt::Frame& frame, std::string_view body, MqttPiece& piece) {
    switch (frame.type()) {
        case mqtt::PacketType::publish: {
            Result<mqtt::Publish> message = mqtt::parse_publish(frame.first, body);
            if (!message) {
                return message.error();
            }
            piece.messages.push_back(*message);
            if (!is_subscribed_) {
                // What a kept session held comes before the answer to SUBSCRIBE: the broker is not silent.
                answer_due_ = steady_now() + settings_.connect_timeout;
            }
            return {};
        }
        case mqtt::PacketType::connack:
            return take_connack(body);
        case mqtt::PacketType::suback:
            return take_suback(body);
        case mqtt::PacketType::pingresp:
        case mqtt::PacketType::puback:
            return {};
        case mqtt::PacketType::disconnect:
            return ended(broker() + " ended the connection with " +
                         reason_text(mqtt::parse_disconnect(body)));
    }
    return ended(broker() + " sent a packet of type " + std::to_string(frame.first >> 4U));
}

Result<void> MqttSession::take_connack(std::string_view body) {
    const Result<mqtt::Connack> answer = mqtt::parse_connack(body);
    if (!answer) {
        return answer.error();
    }
    if (answer->reason != 0) {
        return ended(broker() + " refused the connection with " + reason_text(answer->reason));
    }
    is_accepted_ = true;
    if (answer->keepalive_s) {
        keepalive_ = seconds{*answer->keepalive_s};
        next_ping_ = steady_now() + keepalive_ / 2;
    }
    subscribe();
    return {};
}

void MqttSession::subscribe() {
    std::vector<mqtt::Subscription> subscriptions;
    for (const std::string& filter : settings_.filters) {
        // What is retained is sent for a new subscription only, not at every reconnect.
        subscriptions.push_back(
            {.filter = filter, .qos = settings_.qos, .retained_when_new = !filter.starts_with("$share/")});
    }
    mqtt::put_subscribe(out_, subscribe_id, subscriptions);
}

Result<void> MqttSession::take_suback(std::string_view body) {
    const Result<mqtt::Suback> answer = mqtt::parse_suback(body);
    if (!answer) {
        return answer.error();
    }
    for (const char reason : answer->reasons) {
        if (static_cast<std::uint8_t>(reason) >= mqtt::reason_failure) {
            return ended(broker() + " refused a subscription with " +
                         reason_text(static_cast<std::uint8_t>(reason)));
        }
    }
    is_subscribed_ = true;
    return {};
}

void MqttSession::answer_for(std::span<const std::uint16_t> packet_ids) {
    for (const std::uint16_t id : packet_ids) {
        mqtt::put_puback(out_, id);
    }
}

Result<void> MqttSession::write() {
    while (written_ < out_.size()) {
        const Result<std::size_t> count = stream_->write(std::string_view(out_).substr(written_));
        if (!count) {
            return ended("the connection to " + broker() + " ended: " + count.error().message);
        }
        if (*count == 0) {
            return {};
        }
        written_ += *count;
    }
    out_.clear();
    written_ = 0;
    return {};
}

Result<void> MqttSession::keep_alive(SteadyTime now, bool is_reading) {
    if (keepalive_ == seconds::zero() || !is_accepted_) {
        return {};
    }
    if (!is_reading) {
        heard_ = now;
    }
    if (now - heard_ > keepalive_ * 3 / 2) {
        return Error{Errc::timeout, broker() + " has fallen silent", {}};
    }
    if (now >= next_ping_) {
        next_ping_ = now + keepalive_ / 2;
        mqtt::put_pingreq(out_);
    }
    return {};
}

void MqttSession::end(milliseconds time) {
    if (is_accepted_) {
        mqtt::put_disconnect(out_);
    }
    const SteadyTime until = steady_now() + time;
    while (write() && has_to_write() && steady_now() < until) {
        pollfd file{.fd = descriptor(), .events = POLLOUT, .revents = 0};
        static_cast<void>(::poll(&file, 1, static_cast<int>(time.count())));
    }
}

}  // namespace headroom::net
