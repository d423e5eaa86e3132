#include "net/mqtt_wire.hpp"

namespace headroom::net::mqtt {
namespace {

enum Property : std::uint8_t {
    session_expiry = 0x11,
    server_keepalive = 0x13,
    receive_maximum = 0x21,
    packet_maximum = 0x27,
};

Error broken(const std::string& what) {
    return Error{Errc::invalid, "MQTT: " + what};
}

void put_byte(std::string& out, unsigned value) {
    out += static_cast<char>(value & 0xffU);
}
void put_u16(std::string& out, std::size_t value) {
    put_byte(out, static_cast<unsigned>(value >> 8U));
    put_byte(out, static_cast<unsigned>(value));
}
void put_u32(std::string& out, std::uint32_t value) {
    put_u16(out, value >> 16U);
    put_u16(out, value & 0xffffU);
}
void put_text(std::string& out, std::string_view text) {
    HEADROOM_ASSERT(text.size() <= text_bytes_max);
    put_u16(out, text.size());
    out += text;
}
void put_length(std::string& out, std::size_t length) {
    do {
        const auto low = static_cast<unsigned>(length % 128);
        length /= 128;
        put_byte(out, length > 0 ? low | 0x80U : low);
    } while (length > 0);
}
void put_packet(std::string& out, unsigned first, std::string_view body) {
    put_byte(out, first);
    put_length(out, body.size());
    out += body;
}

/// A variable byte integer at the front of `data`.
struct Length {
    std::size_t value = 0;
    std::size_t bytes = 0;  // 0: it is not complete
};
Result<Length> length_of(std::string_view data) {
    constexpr std::size_t bytes_max = 4;
    Length out;
    for (std::size_t i = 0; i < data.size() && i < bytes_max; ++i) {
        const auto byte = static_cast<unsigned char>(data[i]);
        out.value |= static_cast<std::size_t>(byte & 0x7fU) << (7 * i);
        if ((byte & 0x80U) == 0) {
            out.bytes = i + 1;
            return out;
        }
    }
    if (data.size() >= bytes_max) {
        return broken("a length has more than four bytes");
    }
    return Length{};
}

/// Takes fields off the front; what is not there is noted once and reads as nothing.
class Fields {
  public:
    explicit Fields(std::string_view data) : left_(data) {}

    std::string_view bytes(std::size_t count) {
        if (left_.size() < count) {
            is_cut_ = true;
            left_ = {};
            return {};
        }
        const std::string_view out = left_.substr(0, count);
        left_.remove_prefix(count);
        return out;
    }
    std::uint8_t byte() {
        const std::string_view one = bytes(1);
        return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
    }
    std::uint16_t u16() {
        const unsigned high = byte();
        return static_cast<std::uint16_t>(high << 8U | byte());
    }
    std::string_view text() { return bytes(u16()); }
    /// The property list, as it stands.
    std::string_view properties() {
        const Result<Length> length = length_of(left_);
        if (!length || length->bytes == 0) {
            is_cut_ = true;
            return {};
        }
        left_.remove_prefix(length->bytes);
        return bytes(length->value);
    }
    void skip_length() {
        const Result<Length> length = length_of(left_);
        if (!length || length->bytes == 0) {
            is_cut_ = true;
            left_ = {};
            return;
        }
        left_.remove_prefix(length->bytes);
    }
    [[nodiscard]] std::string_view rest() const { return left_; }
    [[nodiscard]] bool is_cut() const { return is_cut_; }

  private:
    std::string_view left_;
    bool is_cut_ = false;
};

/// Passes over the value of a property. False for one that the standard does not know (§2.2.2.2).
bool skip_property(std::uint8_t id, Fields& fields) {
    switch (id) {
        case 0x01:
        case 0x17:
        case 0x19:
        case 0x24:
        case 0x25:
        case 0x28:
        case 0x29:
        case 0x2a:
            fields.bytes(1);
            return true;
        case 0x13:
        case 0x21:
        case 0x22:
        case 0x23:
            fields.bytes(2);
            return true;
        case 0x02:
        case 0x11:
        case 0x18:
        case 0x27:
            fields.bytes(4);
            return true;
        case 0x0b:
            fields.skip_length();
            return true;
        case 0x03:
        case 0x08:
        case 0x09:
        case 0x12:
        case 0x15:
        case 0x16:
        case 0x1a:
        case 0x1c:
        case 0x1f:
            fields.text();
            return true;
        case 0x26:
            fields.text();
            fields.text();
            return true;
        default:
            return false;
    }
}

}  // namespace

void put_connect(std::string& out, const Connect& connect) {
    std::string properties;
    if (connect.session_expiry_s > 0) {
        put_byte(properties, Property::session_expiry);
        put_u32(properties, connect.session_expiry_s);
    }
    put_byte(properties, Property::receive_maximum);
    put_u16(properties, connect.receive_maximum);
    if (connect.packet_bytes_max > 0) {
        put_byte(properties, Property::packet_maximum);
        put_u32(properties, connect.packet_bytes_max);
    }
    constexpr unsigned clean_flag = 0x02;
    constexpr unsigned user_flag = 0x80;
    constexpr unsigned password_flag = 0x40;
    std::string body;
    put_text(body, "MQTT");
    put_byte(body, 5);
    put_byte(body, (connect.clean_start ? clean_flag : 0U) | (connect.user.empty() ? 0U : user_flag) |
                       (connect.password.empty() ? 0U : password_flag));
    put_u16(body, connect.keepalive_s);
    put_length(body, properties.size());
    body += properties;
    put_text(body, connect.client_id);
    if (!connect.user.empty()) {
        put_text(body, connect.user);
    }
    if (!connect.password.empty()) {
        put_text(body, connect.password);
    }
    put_packet(out, 0x10, body);
}

void put_subscribe(std::string& out, std::uint16_t packet_id, std::span<const Subscription> subscriptions) {
    constexpr unsigned retained_when_new = 0x10;
    std::string body;
    put_u16(body, packet_id);
    put_byte(body, 0);  // no properties
    for (const Subscription& one : subscriptions) {
        put_text(body, one.filter);
        put_byte(body, static_cast<unsigned>(one.qos) | (one.retained_when_new ? retained_when_new : 0U));
    }
    put_packet(out, 0x82, body);
}

void put_publish(std::string& out, std::string_view topic, std::string_view payload, int qos,
                 std::uint16_t packet_id) {
    put_byte(out, qos == 0 ? 0x30U : 0x32U);
    put_length(out, 2 + topic.size() + (qos == 0 ? 0U : 2U) + 1 + payload.size());
    put_text(out, topic);
    if (qos > 0) {
        put_u16(out, packet_id);
    }
    put_byte(out, 0);  // no properties
    out += payload;
}

void put_puback(std::string& out, std::uint16_t packet_id) {
    put_u16(out, 0x4002);
    put_u16(out, packet_id);
}

void put_pingreq(std::string& out) {
    put_u16(out, 0xc000);
}

void put_disconnect(std::string& out) {
    put_u16(out, 0xe000);
}

Result<std::optional<Frame>> frame_of(std::string_view data) {
    if (data.size() < 2) {
        return std::optional<Frame>();
    }
    const Result<Length> length = length_of(data.substr(1));
    if (!length) {
        return length.error();
    }
    if (length->bytes == 0) {
        return std::optional<Frame>();
    }
    return std::optional(Frame{.first = static_cast<std::uint8_t>(data[0]),
                               .head_bytes = 1 + length->bytes,
                               .body_bytes = length->value});
}

Result<Publish> parse_publish(std::uint8_t first, std::string_view body) {
    Publish out;
    out.qos = (first >> 1U) & 3U;
    if (out.qos > 1) {
        return broken("a message came with a QoS that nobody asked for");
    }
    Fields fields(body);
    out.topic = fields.text();
    if (out.qos > 0) {
        out.packet_id = fields.u16();
    }
    static_cast<void>(fields.properties());
    if (fields.is_cut()) {
        return broken("a message is cut off in its header");
    }
    // Aliases were not offered, so that each message bears its topic.
    if (out.topic.empty() || (out.qos > 0 && out.packet_id == 0)) {
        return broken("a message has no topic or no number");
    }
    out.payload = fields.rest();
    return out;
}

Result<Connack> parse_connack(std::string_view body) {
    Fields fields(body);
    fields.bytes(1);  // whether the session was kept: nothing here hangs on it
    Connack out{.reason = fields.byte(), .keepalive_s = {}};
    Fields properties(fields.properties());
    while (!properties.rest().empty() && !properties.is_cut()) {
        const std::uint8_t id = properties.byte();
        if (id == Property::server_keepalive) {
            out.keepalive_s = properties.u16();
        } else if (!skip_property(id, properties)) {
            return broken("the answer to CONNECT has an unknown property");
        }
    }
    if (fields.is_cut() || properties.is_cut()) {
        return broken("the answer to CONNECT is cut off");
    }
    return out;
}

Result<Suback> parse_suback(std::string_view body) {
    Fields fields(body);
    Suback out{.packet_id = fields.u16(), .reasons = {}};
    static_cast<void>(fields.properties());
    if (fields.is_cut() || fields.rest().empty()) {
        return broken("the answer to SUBSCRIBE is cut off");
    }
    out.reasons = fields.rest();
    return out;
}

Result<std::uint16_t> parse_puback(std::string_view body) {
    Fields fields(body);
    const std::uint16_t packet_id = fields.u16();
    return fields.is_cut() ? broken("an answer to a message is cut off") : Result<std::uint16_t>(packet_id);
}

std::uint8_t parse_disconnect(std::string_view body) {
    return body.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(body[0]);
}

}  // namespace headroom::net::mqtt
