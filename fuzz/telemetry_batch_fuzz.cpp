// Reads any bytes as a message in whatever form they seem to have, and as a compact batch and as CBOR. Holds:
// every reading that comes out is finite, in range and of a known point; what is refused leaves nothing;
// every reading is counted once; compact batches in pieces say what they say at once.

#include "telemetry/batch_decoder.hpp"
#include "telemetry/validate.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace headroom;
using telemetry::WireFormat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const UtcTime now = UtcTime{hours{24 * 365 * 57}};
    telemetry::PointRegistry registry;
    registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
    registry.intern({"F-1", grid::Quantity::v_v, grid::Phase::l1});
    telemetry::BatchDecoder decoder(registry, {.now = now});
    std::vector<telemetry::Reading> readings;
    std::size_t whole = 0;
    for (const WireFormat form : {WireFormat::detect, WireFormat::binary, WireFormat::cbor}) {
        readings.clear();
        decoder.reset(now);
        const Result<void> decoded =
            decoder.decode(bytes, form, {.point_id = "F-1", .phase = grid::Phase::sum}, readings);
        for (const telemetry::Reading& reading : readings) {
            HEADROOM_ASSERT(reading.point < registry.size());
            HEADROOM_ASSERT(!telemetry::check_value(registry.key(reading.point).quantity, reading.value));
            HEADROOM_ASSERT(
                !telemetry::check_interval(reading.interval_start, reading.interval_end, now, minutes{2}));
        }
        HEADROOM_ASSERT(decoder.report().received == readings.size() + decoder.report().quarantined_total());
        HEADROOM_ASSERT(decoded.has_value() || readings.empty());
        whole = form == WireFormat::binary && decoded ? decoder.report().received : whole;
    }
    readings.clear();
    decoder.reset(now);
    bool is_taken = true;
    for (std::size_t at = 0; at < size && is_taken; at += 5) {
        is_taken = decoder.feed(bytes.substr(at, 5), WireFormat::binary, readings).has_value();
    }
    is_taken = is_taken && decoder.finish(WireFormat::binary, readings).has_value();
    HEADROOM_ASSERT(!is_taken || decoder.report().received == whole);
    return 0;
}
