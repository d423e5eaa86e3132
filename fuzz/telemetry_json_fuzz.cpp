// Reads any bytes as readings, once as a document and once as lines in pieces. Holds: every reading that
// comes out is finite, within its quantity's range, of a known point and not of the future; a text that is
// refused leaves nothing; every line is counted once; how the lines are cut into pieces makes no difference.

#include "telemetry/json_decoder.hpp"
#include "telemetry/validate.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace headroom;

namespace {

const UtcTime now = UtcTime{hours{24 * 365 * 56}};

void fill(telemetry::PointRegistry& registry) {
    registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
    registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1});
    registry.intern({"F-1", grid::Quantity::v_v, grid::Phase::l1});
}

void check(const telemetry::PointRegistry& registry, const std::vector<telemetry::Reading>& readings) {
    for (const telemetry::Reading& reading : readings) {
        HEADROOM_ASSERT(reading.point < registry.size());
        HEADROOM_ASSERT(!telemetry::check_value(registry.key(reading.point).quantity, reading.value));
        HEADROOM_ASSERT(
            !telemetry::check_interval(reading.interval_start, reading.interval_end, now, minutes{2}));
    }
}

std::vector<telemetry::Reading> read_lines(std::string_view text, std::size_t piece,
                                           telemetry::DecodeReport& report) {
    telemetry::PointRegistry registry;
    fill(registry);
    telemetry::JsonDecoder decoder(registry, {.now = now});
    std::vector<telemetry::Reading> readings;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        decoder.feed(text.substr(at, piece), readings);
    }
    decoder.finish(readings);
    check(registry, readings);
    report = decoder.report();
    return readings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    telemetry::PointRegistry registry;
    fill(registry);
    telemetry::JsonDecoder decoder(registry, {.now = now});
    std::vector<telemetry::Reading> readings;
    const Result<void> decoded = decoder.decode(text, readings);
    check(registry, readings);
    if (decoded) {
        HEADROOM_ASSERT(decoder.report().received == readings.size() + decoder.report().quarantined_total());
    } else {
        HEADROOM_ASSERT(readings.empty() && decoder.report().received == 0 &&
                        !decoded.error().message.empty());
    }

    telemetry::DecodeReport whole_report;
    telemetry::DecodeReport cut_report;
    const std::vector<telemetry::Reading> whole = read_lines(text, size + 1, whole_report);
    const std::vector<telemetry::Reading> cut = read_lines(text, 1 + size % 7, cut_report);
    HEADROOM_ASSERT(whole.size() == cut.size() && whole_report.received == cut_report.received);
    HEADROOM_ASSERT(whole_report.received == whole.size() + whole_report.quarantined_total());
    return 0;
}
