// Reads any text as a document and as lines, with the short cut for the usual shape and without it, and the
// document a second time, when its layout is known. Holds: the same readings to the bit, the same faults with
// the same words in the same places.

#include "telemetry/json_decoder.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace headroom;
using telemetry::Reading;

namespace {

const UtcTime now = UtcTime{hours{24 * 365 * 57}};

struct Reader {
    Reader() : decoder(registry, {.now = now}) {
        registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
        registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1});
        registry.intern({"F-1", grid::Quantity::v_v, grid::Phase::sum});
    }
    telemetry::PointRegistry registry;
    telemetry::JsonDecoder decoder;
    std::vector<Reading> readings;
};

void hold_same(const Reader& a, const Reader& b) {
    HEADROOM_ASSERT(a.readings.size() == b.readings.size());
    for (std::size_t i = 0; i < a.readings.size(); ++i) {
        const Reading& one = a.readings[i];
        const Reading& other = b.readings[i];
        HEADROOM_ASSERT(
            std::bit_cast<std::uint64_t>(one.value) == std::bit_cast<std::uint64_t>(other.value) &&
            one.interval_start == other.interval_start && one.interval_end == other.interval_end &&
            one.seq == other.seq && one.point == other.point && one.quality == other.quality &&
            a.registry.source(one.source) == b.registry.source(other.source));
    }
    const telemetry::DecodeReport& one = a.decoder.report();
    const telemetry::DecodeReport& other = b.decoder.report();
    HEADROOM_ASSERT(one.received == other.received && one.quarantined == other.quarantined &&
                    one.errors.size() == other.errors.size());
    for (std::size_t i = 0; i < one.errors.size(); ++i) {
        HEADROOM_ASSERT(one.errors[i].pointer == other.errors[i].pointer &&
                        one.errors[i].line == other.errors[i].line &&
                        one.errors[i].detail == other.errors[i].detail);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    {
        Reader with;
        Reader without;
        without.decoder.read_generally_only();
        for (int time = 0; time < 2; ++time) {
            const Result<void> a = with.decoder.decode(text, with.readings);
            const Result<void> b = without.decoder.decode(text, without.readings);
            HEADROOM_ASSERT(a.has_value() == b.has_value());
            hold_same(with, without);
        }
    }
    Reader with;
    Reader without;
    without.decoder.read_generally_only();
    const std::size_t piece = 1 + size % 200;
    for (std::size_t at = 0; at < size; at += piece) {
        with.decoder.feed(text.substr(at, piece), with.readings);
    }
    with.decoder.finish(with.readings);
    without.decoder.feed(text, without.readings);
    without.decoder.finish(without.readings);
    hold_same(with, without);
    return 0;
}
