#include "telemetry/batch_decoder.hpp"

#include <algorithm>
#include <utility>

namespace headroom::telemetry {

BatchDecoder::BatchDecoder(PointRegistry& registry, JsonDecoderOptions options)
    : json_(registry, std::move(options)) {}

WireFormat detect_format(std::string_view payload) {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t first = payload.find_first_not_of(blank);
    if (first == std::string_view::npos || payload[first] != '{') {
        return WireFormat::json;
    }
    // A document may be broken between any two words; lines, only between an object and the next.
    const std::size_t line_break = payload.find('\n', first);
    const std::size_t next = payload.find_first_not_of(blank, std::min(line_break, payload.size()));
    if (next == std::string_view::npos || payload[next] != '{') {
        return WireFormat::json;
    }
    const std::size_t last = payload.find_last_not_of(blank, line_break);
    return payload[last] == '}' ? WireFormat::ndjson : WireFormat::json;
}

Result<void> BatchDecoder::decode(std::string_view payload, WireFormat format, const DecodeContext& context,
                                  std::vector<Reading>& out) {
    switch (format == WireFormat::detect ? detect_format(payload) : format) {
        case WireFormat::detect:
        case WireFormat::json:
            return json_.decode(payload, out, context);
        case WireFormat::ndjson:
            json_.feed(payload, out, context);
            json_.finish(out, context);
            return {};
        case WireFormat::binary:
            return Error{Errc::unsupported, "binary batches are not read yet"};
    }
    return Error{Errc::invalid, "no such form of readings"};
}

}  // namespace headroom::telemetry
