#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace headroom::net::mqtt {

// The packets of MQTT 5 that a reader of volume says and hears; pure. Source: OASIS MQTT 5.0, §2 and §3.

enum class PacketType : std::uint8_t {
    connack = 2,
    publish = 3,
    puback = 4,
    suback = 9,
    pingresp = 13,
    disconnect = 14
};

inline constexpr std::uint8_t reason_failure = 0x80;  ///< this and above are refusals
inline constexpr std::size_t text_bytes_max = 65'535;

struct Connect {
    std::string_view client_id;
    std::string_view user;      ///< empty: none is told
    std::string_view password;  ///< likewise
    bool clean_start = true;
    std::uint16_t keepalive_s = 60;
    std::uint32_t session_expiry_s = 0;
    std::uint16_t receive_maximum = 65'535;
    std::uint32_t packet_bytes_max = 0;  ///< larger ones are not sent to us; 0: no bound
};
struct Subscription {
    std::string_view filter;
    int qos = 0;
    bool retained_when_new = false;  ///< what is retained comes for a new subscription only; else always
};

// Each appends one packet. Texts have at most `text_bytes_max` bytes.
void put_connect(std::string& out, const Connect& connect);
void put_subscribe(std::string& out, std::uint16_t packet_id, std::span<const Subscription> subscriptions);
void put_publish(std::string& out, std::string_view topic, std::string_view payload, int qos,
                 std::uint16_t packet_id);
void put_puback(std::string& out, std::uint16_t packet_id);
void put_pingreq(std::string& out);
void put_disconnect(std::string& out);

/// The fixed header of a packet.
struct Frame {
    std::uint8_t first = 0;  ///< type and flags
    std::size_t head_bytes = 0;
    std::size_t body_bytes = 0;
    [[nodiscard]] PacketType type() const { return static_cast<PacketType>(first >> 4U); }
    [[nodiscard]] std::size_t bytes() const { return head_bytes + body_bytes; }
};
/// Of the packet that `data` begins with; nothing while its header is not complete. Errors: `invalid`.
[[nodiscard]] Result<std::optional<Frame>> frame_of(std::string_view data);

struct Publish {
    std::string_view topic;
    std::string_view payload;
    int qos = 0;
    std::uint16_t packet_id = 0;  ///< of QoS 1
};
struct Connack {
    std::uint8_t reason = 0;
    std::optional<std::uint16_t> keepalive_s;  ///< the server's word counts
};
struct Suback {
    std::uint16_t packet_id = 0;
    std::string_view reasons;  ///< a byte for each filter
};

// Each reads the body behind the fixed header. Views point into it. Errors: `invalid`, saying what.
[[nodiscard]] Result<Publish> parse_publish(std::uint8_t first, std::string_view body);
[[nodiscard]] Result<Connack> parse_connack(std::string_view body);
[[nodiscard]] Result<Suback> parse_suback(std::string_view body);
/// The packet that a PUBACK answers.
[[nodiscard]] Result<std::uint16_t> parse_puback(std::string_view body);
/// Why the server ends the connection.
[[nodiscard]] std::uint8_t parse_disconnect(std::string_view body);

}  // namespace headroom::net::mqtt
