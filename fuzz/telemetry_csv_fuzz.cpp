// Any bytes as a file of readings: every reading that comes out is sound, each cell is counted once, and the
// way the bytes are cut into pieces makes no difference.
#include "core/ids.hpp"
#include "telemetry/csv_decoder.hpp"
#include "telemetry/data_quality.hpp"
#include "telemetry/validate.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using namespace headroom::telemetry;

struct Outcome {
    PointRegistry registry;
    std::vector<Reading> readings;
    DecodeReport report;
    bool is_refused = false;
};

void run(std::string_view text, std::size_t piece, Outcome& out) {
    CsvDecoder decoder(out.registry, {.file_name = "fuzz.csv", .turned = {"fuzz"}, .places_max = 100});
    for (std::size_t at = 0; at < text.size() && !out.is_refused; at += piece) {
        out.is_refused = !decoder.feed(text.substr(at, piece), out.readings);
    }
    out.is_refused = out.is_refused || !decoder.finish(out.readings);
    out.report = decoder.report();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Outcome whole;
    run(text, size + 1, whole);
    Outcome pieces;
    run(text, size == 0 ? 1 : 1 + data[size / 2] % 13U, pieces);

    HEADROOM_ASSERT(whole.is_refused == pieces.is_refused);
    HEADROOM_ASSERT(whole.report.received == whole.readings.size() + whole.report.quarantined_total());
    HEADROOM_ASSERT(whole.report.quarantined == pieces.report.quarantined);
    HEADROOM_ASSERT(whole.readings.size() == pieces.readings.size());
    DataQuality quality(whole.registry);
    for (std::size_t i = 0; i < whole.readings.size(); ++i) {
        const Reading& reading = whole.readings[i];
        const PointKey& key = whole.registry.key(reading.point);
        HEADROOM_ASSERT(headroom::is_valid_id(key.point_id));
        HEADROOM_ASSERT(!check_value(key.quantity, reading.value));
        HEADROOM_ASSERT(reading.interval_start <= reading.interval_end);
        HEADROOM_ASSERT(reading.value == pieces.readings[i].value);
        quality.expect_cadence(reading.point, headroom::minutes{10});
        quality.take(reading);
    }
    HEADROOM_ASSERT(quality.findings().size() <= 4 * whole.registry.size());
    return 0;
}
