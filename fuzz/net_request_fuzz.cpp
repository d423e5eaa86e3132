// Requests as bytes of a connection: fed whole and byte by byte, the parser must come to the same end, with
// the same body, within its limits.
#include "net/request_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t header_bytes = 1024;
constexpr std::uint64_t body_bytes = 512;

struct Parsed {
    bool header = false;
    bool done = false;
    int fault = 0;
    std::string method;
    std::string target;
    std::string body;
};

Parsed parse(std::string_view bytes, std::size_t step) {
    headroom::net::RequestParser parser(header_bytes);
    Parsed out;
    std::string waiting;
    const auto feed = [&] {
        while (!waiting.empty() && !parser.fault() && !parser.done()) {
            const bool had_header = parser.header_done();
            const std::size_t used = parser.put(waiting);
            HEADROOM_ASSERT(used <= waiting.size());
            waiting.erase(0, used);
            if (!had_header && parser.header_done() && !parser.fault()) {
                out.method = parser.request().method;
                out.target = parser.request().target;
                parser.body_to(&out.body, body_bytes);
            } else if (used == 0) {
                break;
            }
        }
    };
    while (!bytes.empty() && !parser.fault() && !parser.done()) {
        waiting += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        feed();
    }
    out.header = parser.header_done();
    out.done = parser.done() && !parser.fault();
    out.fault = parser.fault().value_or(0);
    HEADROOM_ASSERT(out.body.size() <= body_bytes);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Parsed whole = parse(bytes, std::max<std::size_t>(1, size));
    const Parsed slow = parse(bytes, 1);
    if (whole.done && slow.done) {
        HEADROOM_ASSERT(whole.method == slow.method && whole.target == slow.target);
        HEADROOM_ASSERT(whole.body == slow.body);
    }
    return 0;
}
