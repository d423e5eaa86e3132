// What a broker sends us: packets of MQTT 5, each behind the one before.
#include "net/mqtt_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view left(reinterpret_cast<const char*>(data), size);
    for (;;) {
        const auto frame = net::mqtt::frame_of(left);
        if (!frame || !frame->has_value() || (*frame)->bytes() > left.size()) {
            return 0;
        }
        const std::string_view body = left.substr((*frame)->head_bytes, (*frame)->body_bytes);
        static_cast<void>(net::mqtt::parse_connack(body));
        static_cast<void>(net::mqtt::parse_suback(body));
        static_cast<void>(net::mqtt::parse_puback(body));
        static_cast<void>(net::mqtt::parse_disconnect(body));
        if (const auto message = net::mqtt::parse_publish((*frame)->first, body)) {
            std::string again;
            net::mqtt::put_publish(again, message->topic, message->payload, message->qos, message->packet_id);
            const auto frame_again = net::mqtt::frame_of(again);
            const auto read = net::mqtt::parse_publish(
                (*frame_again)->first, std::string_view(again).substr((*frame_again)->head_bytes));
            HEADROOM_ASSERT(read && read->topic == message->topic && read->payload == message->payload &&
                            read->packet_id == message->packet_id);
        }
        left.remove_prefix((*frame)->bytes());
    }
}
