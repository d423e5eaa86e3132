// A stream from a station: every frame that is taken must write back to the same bytes, and its ASDU must
// hold as many objects as it says, with addresses of three bytes.
#include "net/iec104_asdu.hpp"
#include "net/iec104_wire.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace headroom;
using namespace headroom::net;

void check_asdu(std::string_view bytes) {
    iec104::Asdu asdu;
    const Result<void> read = iec104::read_asdu(bytes, asdu);
    HEADROOM_ASSERT(read.has_value() ? asdu.objects.size() == asdu.header.objects : asdu.objects.empty());
    for (const iec104::InformationObject& object : asdu.objects) {
        HEADROOM_ASSERT(object.address <= 0xff'ffff);
        HEADROOM_ASSERT(asdu.header.type == 13 || asdu.header.type == 36 || std::isfinite(object.value));
    }
}

void check_frame(std::string_view bytes, const iec104::Frame& frame) {
    std::string again;
    std::visit([&](const auto& one) { iec104::append_frame(again, one); }, frame);
    HEADROOM_ASSERT(again == bytes);
    if (const auto* information = std::get_if<iec104::IFrame>(&frame)) {
        check_asdu(information->asdu);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view stream(reinterpret_cast<const char*>(data), size);
    check_asdu(stream);
    for (;;) {
        const Result<std::size_t> length = iec104::frame_length(stream);
        if (!length || *length == 0 || *length > stream.size()) {
            return 0;
        }
        if (const Result<iec104::Frame> frame = iec104::read_frame(stream.substr(0, *length))) {
            check_frame(stream.substr(0, *length), *frame);
        }
        stream.remove_prefix(*length);
    }
}
