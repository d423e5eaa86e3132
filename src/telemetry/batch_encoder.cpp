#include "telemetry/batch_encoder.hpp"

#include "core/ids.hpp"
#include "telemetry/wire_batch.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::telemetry {
namespace {

/// A source's name may be anything inside ("csv:file.csv"); outside it is an id.
std::string source_name(const PointRegistry& registry, const Reading& reading) {
    const std::string& name = registry.source(reading.source);
    return is_valid_id(name) ? name : to_id(name);
}

bool is_short(const Reading& reading, const PointKey& key, const EncodeOptions& options) {
    return key.quantity == grid::Quantity::p_kw && reading.interval_start == reading.interval_end &&
           reading.seq == 0 && reading.quality == Quality::measured && !options.with_source;
}

void append_json(std::string& out, const Reading& reading, const PointRegistry& registry,
                 const EncodeOptions& options) {
    HEADROOM_ASSERT(std::isfinite(reading.value));
    const PointKey& key = registry.key(reading.point);
    auto to = std::back_inserter(out);
    if (is_short(reading, key, options)) {
        out += R"({"feeder":")";
        out += key.point_id;
        out += R"(","ts":")";
        append_time(out, reading.interval_start);
        fmt::format_to(to, FMT_COMPILE(R"(","kw":{})"), reading.value);
        if (key.phase != grid::Phase::sum) {
            fmt::format_to(to, R"(,"phase":"{}")", grid::to_string(key.phase));
        }
        out += '}';
        return;
    }
    fmt::format_to(to, R"({{"point_id":"{}","quantity":"{}","phase":"{}","value":{},"interval_start":")",
                   key.point_id, grid::to_string(key.quantity), grid::to_string(key.phase), reading.value);
    append_time(out, reading.interval_start);
    if (reading.interval_end != reading.interval_start) {
        out += R"(","interval_end":")";
        append_time(out, reading.interval_end);
    }
    fmt::format_to(to, R"(","quality":"{}")", to_string(reading.quality));
    if (options.with_source) {
        fmt::format_to(to, R"(,"source":"{}")", source_name(registry, reading));
    }
    if (reading.seq != 0) {
        fmt::format_to(to, R"(,"seq":{})", reading.seq);
    }
    out += '}';
}

template <class T>
void append_raw(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Readings that fit one compact batch: of one source, with times around the first one's.
std::size_t rows_of_one_batch(std::span<const Reading> readings, const EncodeOptions& options) {
    const std::size_t rows_max = (wire_batch_bytes_max - wire_head_bytes - 300) / (wire_row_seq_bytes + 70);
    std::size_t count = 0;
    while (count < readings.size() && count < rows_max) {
        const Reading& reading = readings[count];
        const auto offset = (reading.interval_start - readings.front().interval_start).count();
        if (std::abs(offset) > std::numeric_limits<std::int32_t>::max() ||
            (options.with_source && reading.source != readings.front().source)) {
            break;
        }
        ++count;
    }
    return count;
}

void append_binary(std::string& out, std::span<const Reading> readings, const PointRegistry& registry,
                   const EncodeOptions& options) {
    const std::string source = options.with_source ? source_name(registry, readings.front()) : std::string();
    const bool has_seq = std::any_of(readings.begin(), readings.end(),
                                     [](const Reading& reading) { return reading.seq != 0; });
    std::unordered_map<PointRef, std::uint32_t> numbers;
    std::string table(source);
    std::string rows;
    rows.reserve(readings.size() * (has_seq ? wire_row_seq_bytes : wire_row_bytes));
    for (const Reading& reading : readings) {
        HEADROOM_ASSERT(std::isfinite(reading.value));
        const auto [known, is_new] =
            numbers.try_emplace(reading.point, static_cast<std::uint32_t>(numbers.size()));
        if (is_new) {
            const PointKey& key = registry.key(reading.point);
            table += static_cast<char>(key.quantity);
            table += static_cast<char>(key.phase);
            table += static_cast<char>(key.point_id.size());
            table += key.point_id;
        }
        append_raw(rows, reading.value);
        append_raw(rows, static_cast<std::int32_t>(
                             (reading.interval_start - readings.front().interval_start).count()));
        append_raw(rows, static_cast<std::uint32_t>((reading.interval_end - reading.interval_start).count()));
        append_raw(rows, known->second);
        append_raw(rows, static_cast<std::uint32_t>(reading.quality));
        if (has_seq) {
            append_raw(rows, reading.seq);
        }
    }
    out += wire_magic;
    append_raw(out, static_cast<std::uint32_t>(wire_head_bytes + table.size() + rows.size()));
    append_raw(out, static_cast<std::uint32_t>(readings.size()));
    append_raw(out, static_cast<std::uint32_t>(numbers.size()));
    append_raw(out, static_cast<std::int64_t>(readings.front().interval_start.time_since_epoch().count()));
    append_raw(out, static_cast<std::uint16_t>(has_seq ? wire_row_seq_bytes : wire_row_bytes));
    append_raw(out, static_cast<std::uint8_t>(source.size()));
    append_raw(out, std::uint8_t{0});
    append_raw(out, static_cast<std::uint32_t>(table.size()));
    out += table;
    out += rows;
}

// Initial bytes of RFC 8949: the kind in the upper three bits.
void append_cbor_head(std::string& out, unsigned kind, std::uint64_t value) {
    const auto first = [&](unsigned info) { out += static_cast<char>(kind << 5U | info); };
    const auto big_endian = [&](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) {
            out += static_cast<char>(value >> (8 * static_cast<unsigned>(i)) & 0xffU);
        }
    };
    if (value < 24) {
        first(static_cast<unsigned>(value));
    } else if (value <= 0xff) {
        first(24);
        big_endian(1);
    } else if (value <= 0xffff) {
        first(25);
        big_endian(2);
    } else if (value <= 0xffff'ffff) {
        first(26);
        big_endian(4);
    } else {
        first(27);
        big_endian(8);
    }
}

void append_cbor_text(std::string& out, std::string_view text) {
    append_cbor_head(out, 3, text.size());
    out += text;
}

void append_cbor_double(std::string& out, double value) {
    out += static_cast<char>(0xfb);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned i = 8; i-- > 0;) {
        out += static_cast<char>(bits >> (8 * i) & 0xffU);
    }
}

void append_cbor(std::string& out, const Reading& reading, const PointRegistry& registry,
                 const EncodeOptions& options) {
    HEADROOM_ASSERT(std::isfinite(reading.value));
    const PointKey& key = registry.key(reading.point);
    const bool is_instant = reading.interval_start == reading.interval_end;
    const std::uint64_t members = 3U + (key.quantity != grid::Quantity::p_kw ? 1U : 0U) +
                                  (key.phase != grid::Phase::sum ? 1U : 0U) + (is_instant ? 0U : 1U) +
                                  (reading.quality != Quality::measured ? 1U : 0U) +
                                  (options.with_source ? 1U : 0U) + (reading.seq != 0 ? 1U : 0U);
    const auto text = [&out](std::string_view name, std::string_view value) {
        append_cbor_text(out, name);
        append_cbor_text(out, value);
    };
    const auto time = [&out](std::string_view name, UtcTime at) {
        std::string words;
        append_time(words, at);
        append_cbor_text(out, name);
        append_cbor_text(out, words);
    };
    append_cbor_head(out, 5, members);
    text("point_id", key.point_id);
    time("interval_start", reading.interval_start);
    append_cbor_text(out, "value");
    append_cbor_double(out, reading.value);
    if (key.quantity != grid::Quantity::p_kw) {
        text("quantity", grid::to_string(key.quantity));
    }
    if (key.phase != grid::Phase::sum) {
        text("phase", grid::to_string(key.phase));
    }
    if (!is_instant) {
        time("interval_end", reading.interval_end);
    }
    if (reading.quality != Quality::measured) {
        text("quality", to_string(reading.quality));
    }
    if (options.with_source) {
        text("source", source_name(registry, reading));
    }
    if (reading.seq != 0) {
        append_cbor_text(out, "seq");
        append_cbor_head(out, 0, reading.seq);
    }
}

}  // namespace

void append_time(std::string& out, UtcTime time) {
    const std::string text = format_utc(time);  // 2026-11-20T17:00:00.000Z
    constexpr std::size_t whole_seconds = 19;
    if (std::string_view(text).substr(whole_seconds) == ".000Z") {
        out.append(text, 0, whole_seconds);
        out += 'Z';
    } else {
        out += text;
    }
}

void encode_batch(std::span<const Reading> readings, const PointRegistry& registry, WireFormat format,
                  const EncodeOptions& options, std::string& out) {
    switch (format) {
        case WireFormat::detect:
        case WireFormat::json:
            out += '[';
            for (std::size_t i = 0; i < readings.size(); ++i) {
                out += i > 0 ? "," : "";
                append_json(out, readings[i], registry, options);
            }
            out += ']';
            return;
        case WireFormat::ndjson:
            for (const Reading& reading : readings) {
                append_json(out, reading, registry, options);
                out += '\n';
            }
            return;
        case WireFormat::binary:
            while (!readings.empty()) {
                const std::size_t count = rows_of_one_batch(readings, options);
                append_binary(out, readings.first(count), registry, options);
                readings = readings.subspan(count);
            }
            return;
        case WireFormat::cbor:
            append_cbor_head(out, 4, readings.size());
            for (const Reading& reading : readings) {
                append_cbor(out, reading, registry, options);
            }
            return;
    }
}

}  // namespace headroom::telemetry
