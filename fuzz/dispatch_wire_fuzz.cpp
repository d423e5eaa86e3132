// Whatever a device or gateway sends is read or refused; what is read says the same when it is written again.
#include "dispatch/channels/websocket.hpp"
#include "dispatch/device_memory.hpp"
#include "dispatch/instruction.hpp"
#include "dispatch/presence.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const Result<dispatch::Instruction> order = dispatch::decode_order(text)) {
        const std::string written = dispatch::encode_order(*order);
        const Result<dispatch::Instruction> again = dispatch::decode_order(written);
        HEADROOM_ASSERT(again.has_value() && dispatch::encode_order(*again) == written);
        dispatch::DeviceMemory memory;
        const dispatch::DeviceRange range{Watts{-10'000}, Watts{10'000}};
        const UtcTime now = order->start;
        const dispatch::Ack first = dispatch::receive(memory, range, *order, now);
        const dispatch::Ack second = dispatch::receive(memory, range, *order, now);
        HEADROOM_ASSERT((first.result == dispatch::AckResult::refused) ==
                        (second.result == dispatch::AckResult::refused));
        HEADROOM_ASSERT(!dispatch::in_force(memory, order->expires).has_value());
    }
    if (const Result<dispatch::Ack> ack = dispatch::decode_ack(text, "bess-77")) {
        const std::string written = dispatch::encode_ack(*ack);
        HEADROOM_ASSERT(dispatch::encode_ack(dispatch::decode_ack(written, "bess-77").value()) == written);
    }
    if (const auto measurement = dispatch::decode_measurement(text, "bess-77")) {
        const std::string written = dispatch::encode_measurement(*measurement);
        HEADROOM_ASSERT(dispatch::encode_measurement(
                            dispatch::decode_measurement(written, "bess-77").value()) == written);
    }
    if (const auto birth = dispatch::decode_birth(text, "bess-77")) {
        HEADROOM_ASSERT(dispatch::decode_birth(dispatch::encode_birth(*birth), "bess-77").value() == *birth);
    }
    static_cast<void>(dispatch::decode_presence(text));
    static_cast<void>(dispatch::decode_order_frame(text));
    if (const Result<json::Value> value = json::parse(text)) {
        static_cast<void>(dispatch::device_memory_from_json(*value));
        static_cast<void>(dispatch::instruction_from_json(*value));
    }
    return 0;
}
