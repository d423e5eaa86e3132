#include "beckn/ack.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// Whatever a peer answers, it is one of four things; and what a refusal says is bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace headroom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr std::size_t text_max = 4096;
    for (const int status : {200, 202, 400, 401, 409, 500, 503}) {
        const beckn::Ack ack = beckn::read_ack(status, text);
        HEADROOM_ASSERT(!beckn::to_string(ack.kind).empty());
        HEADROOM_ASSERT(ack.error.code.size() <= text_max && ack.error.message.size() <= text_max &&
                        ack.error.paths.size() <= text_max);
        HEADROOM_ASSERT(beckn::read_ack(status, text) == ack);
    }
    const beckn::Ack refused =
        beckn::read_ack(200, beckn::write_nack(beckn::make_error(beckn::ErrorCode::biz_generic_error, text)));
    HEADROOM_ASSERT(refused.kind == beckn::AckKind::refused);
    return 0;
}
