#include "telemetry/batch_decoder.hpp"

#include <algorithm>
#include <utility>

namespace headroom::telemetry {

BatchDecoder::BatchDecoder(PointRegistry& registry, JsonDecoderOptions options)
    : json_(registry, std::move(options)) {}

void BatchDecoder::set_now(UtcTime now) {
    json_.builder().set_now(now);
}

WireFormat detect_format(std::string_view payload) {
    constexpr std::string_view blank = " \t\r\n";
    if (payload.starts_with("HRB")) {
        return WireFormat::binary;
    }
    // An array, a map or a tag begins so in CBOR; no text of UTF-8 does.
    if (!payload.empty() && (static_cast<unsigned char>(payload[0]) & 0xc0U) == 0x80U) {
        return WireFormat::cbor;
    }
    if (payload.starts_with("\xd9\xd9\xf7")) {
        return WireFormat::cbor;
    }
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
            json_.builder().set_context(context);
            return payload.empty() ? Error{Errc::invalid, "the batch of readings is empty"}
                                   : binary_.decode(payload, out);
        case WireFormat::cbor:
            json_.builder().set_context(context);
            return cbor_.decode(payload, out);
    }
    return Error{Errc::invalid, "no such form of readings"};
}

/// Takes the whole batches off the front of what is held.
Result<void> BatchDecoder::feed_batches(std::vector<Reading>& out) {
    json_.builder().set_context({});
    std::string_view left = held_;
    while (!left.empty()) {
        const Result<std::size_t> size = wire_batch_bytes(left);
        if (!size) {
            return size.error();
        }
        if (*size == 0 || *size > left.size()) {
            break;
        }
        if (Result<void> read = binary_.decode(left.substr(0, *size), out); !read) {
            return read;
        }
        left.remove_prefix(*size);
    }
    held_.erase(0, held_.size() - left.size());
    return {};
}

Result<void> BatchDecoder::feed(std::string_view piece, WireFormat format, std::vector<Reading>& out) {
    if (format == WireFormat::ndjson) {
        json_.feed(piece, out);
        return {};
    }
    if (held_.size() + piece.size() >
        document_bytes_max + (format == WireFormat::binary ? piece.size() : 0)) {
        return Error{Errc::invalid, "a document of readings may have " + std::to_string(document_bytes_max) +
                                        " bytes; send lines or compact batches for more"};
    }
    held_.append(piece);
    return format == WireFormat::binary ? feed_batches(out) : Result<void>();
}

Result<void> BatchDecoder::finish(WireFormat format, std::vector<Reading>& out) {
    if (format == WireFormat::ndjson) {
        json_.finish(out);
        return {};
    }
    if (format == WireFormat::binary) {
        return held_.empty() ? Result<void>() : Error{Errc::invalid, "the last batch of readings is cut off"};
    }
    Result<void> decoded = decode(held_, format, {}, out);
    held_.clear();
    return decoded;
}

}  // namespace headroom::telemetry
