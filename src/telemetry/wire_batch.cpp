#include "telemetry/wire_batch.hpp"

#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <utility>

namespace headroom::telemetry {
namespace {

static_assert(std::endian::native == std::endian::little, "the batch is read as it lies in memory");

constexpr unsigned wire_quantity_count = 8;
constexpr unsigned wire_phase_count = 5;
constexpr unsigned wire_quality_count = 3;
constexpr std::size_t point_head_bytes = 3;

template <class T>
T read_at(std::string_view bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

Error broken(const std::string& why) {
    return Error{Errc::invalid, "this is no batch of readings: " + why};
}

}  // namespace

struct WireBatchDecoder::Head {
    std::size_t rows;
    std::size_t points;
    UtcTime base;
    std::size_t row_bytes;
    std::string_view source;
};

struct WireBatchDecoder::Row {
    double value;
    UtcTime start;
    UtcTime end;
    const Point* point;
    Quality quality;
    std::uint64_t seq;
};

Result<std::size_t> wire_batch_bytes(std::string_view bytes) {
    const std::string_view begin = bytes.substr(0, wire_magic.size());
    if (begin != wire_magic.substr(0, begin.size())) {
        return broken(begin.starts_with("HRB") ? "its version is not 1" : "it does not begin with HRB");
    }
    if (bytes.size() < 8) {
        return std::size_t{0};
    }
    const std::size_t size = read_at<std::uint32_t>(bytes, 4);
    if (size < wire_head_bytes || size > wire_batch_bytes_max) {
        return broken(
            fmt::format("its length is {}, outside {} to {}", size, wire_head_bytes, wire_batch_bytes_max));
    }
    return size;
}

Result<void> WireBatchDecoder::decode(std::string_view bytes, std::vector<Reading>& out) {
    const std::size_t out_before = out.size();
    const DecodeReport report_before = report_;
    while (!bytes.empty()) {
        Result<std::size_t> size = wire_batch_bytes(bytes);
        Result<void> read;
        if (!size) {
            read = size.error();
        } else if (*size == 0 || *size > bytes.size()) {
            read = broken("it is cut off");
        } else {
            read = read_batch(bytes.substr(0, *size), out);
        }
        if (!read) {
            out.resize(out_before);
            report_ = report_before;
            return read.error();
        }
        bytes.remove_prefix(*size);
    }
    return {};
}

Result<void> WireBatchDecoder::read_batch(std::string_view bytes, std::vector<Reading>& out) {
    const std::size_t table_bytes = read_at<std::uint32_t>(bytes, 28);
    const std::size_t source_bytes = read_at<std::uint8_t>(bytes, 26);
    Head head{.rows = read_at<std::uint32_t>(bytes, 8),
              .points = read_at<std::uint32_t>(bytes, 12),
              .base = UtcTime{milliseconds{read_at<std::int64_t>(bytes, 16)}},
              .row_bytes = read_at<std::uint16_t>(bytes, 24),
              .source = {}};
    constexpr std::int64_t base_ms_max = 7'258'118'400'000;  // the year 2200
    if (head.base.time_since_epoch().count() < 0 || head.base.time_since_epoch().count() > base_ms_max) {
        return broken("its base time is outside 1970 to 2200");
    }
    if ((head.row_bytes != wire_row_bytes && head.row_bytes != wire_row_seq_bytes) || bytes[27] != 0) {
        return broken("its rows have no length known here, or a reserved byte is not 0");
    }
    if (source_bytes > table_bytes ||
        std::uint64_t{wire_head_bytes} + table_bytes + std::uint64_t{head.rows} * head.row_bytes !=
            bytes.size()) {
        return broken("its parts do not fill its length");
    }
    head.source = bytes.substr(wire_head_bytes, source_bytes);
    if (!head.source.empty() && !is_valid_id(head.source)) {
        return broken("its source is " + quoted(head.source) + ", no id");
    }
    if (Result<void> read = read_points(
            bytes.substr(wire_head_bytes + source_bytes, table_bytes - source_bytes), head.points);
        !read) {
        return read;
    }
    const std::string_view rows = bytes.substr(wire_head_bytes + table_bytes);
    for (std::size_t i = 0; i < head.rows; ++i) {
        const std::string_view row = rows.substr(i * head.row_bytes, head.row_bytes);
        const auto point = read_at<std::uint32_t>(row, 16);
        const auto tail = read_at<std::uint32_t>(row, 20);  // quality, and three bytes of 0
        if (point >= points_.size() || tail >= wire_quality_count) {
            return broken(fmt::format("row {} names no point of it, or a quality unknown here", i));
        }
        const UtcTime start = head.base + milliseconds{read_at<std::int32_t>(row, 8)};
        take_row(head,
                 {.value = read_at<double>(row, 0),
                  .start = start,
                  .end = start + milliseconds{read_at<std::uint32_t>(row, 12)},
                  .point = &points_[point],
                  .quality = static_cast<Quality>(tail),
                  .seq = head.row_bytes == wire_row_seq_bytes ? read_at<std::uint64_t>(row, 24) : 0},
                 out);
    }
    return {};
}

Result<void> WireBatchDecoder::read_points(std::string_view table, std::size_t count) {
    points_.clear();
    queries_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        if (table.size() < point_head_bytes) {
            return broken("the names of its points are cut off");
        }
        const auto quantity = read_at<std::uint8_t>(table, 0);
        const auto phase = read_at<std::uint8_t>(table, 1);
        const std::size_t length = read_at<std::uint8_t>(table, 2);
        if (quantity >= wire_quantity_count || phase >= wire_phase_count ||
            table.size() < point_head_bytes + length) {
            return broken(fmt::format("point {} has a quantity or phase unknown here, or is cut off", i));
        }
        Point point{.id = table.substr(point_head_bytes, length),
                    .quantity = static_cast<grid::Quantity>(quantity),
                    .phase = static_cast<grid::Phase>(phase)};
        if (point.id.empty()) {
            point.id = builder_.context().point_id;
        }
        queries_.push_back(builder_.registry().ask(point.id, point.quantity, point.phase));
        points_.push_back(point);
        table.remove_prefix(point_head_bytes + length);
    }
    if (!table.empty()) {
        return broken("there are bytes behind the names of its points");
    }
    for (PointQuery& query : queries_) {
        builder_.registry().look(query);
    }
    for (std::size_t i = 0; i < count; ++i) {
        points_[i].ref = builder_.registry().find(queries_[i]);
    }
    return {};
}

void WireBatchDecoder::take_row(const Head& head, const Row& row, std::vector<Reading>& out) {
    const std::uint64_t number = report_.received++;
    const JsonDecoderOptions& options = builder_.options();
    Reading reading{.value = row.value,
                    .interval_start = row.start,
                    .interval_end = row.end,
                    .seq = row.seq,
                    .point = row.point->ref,
                    .source = builder_.default_source(),
                    .quality = row.quality};
    if (reading.point != no_point && !check_value(row.point->quantity, row.value) &&
        !check_interval(row.start, row.end, options.now, options.future_tolerance)) {
        if (!head.source.empty()) {
            reading.source = builder_.source_of(head.source);
        }
        out.push_back(reading);
        return;
    }
    ReadingMembers members;
    members.id = row.point->id.empty() ? std::nullopt : std::optional(row.point->id);
    members.start_time = row.start;
    members.end_time = row.end;
    members.quantity = row.point->quantity;
    members.phase = row.point->phase;
    members.quality = row.quality;
    members.value = row.value;
    members.seq = row.seq;
    members.source = head.source.empty() ? std::nullopt : std::optional(head.source);
    builder_.begin();
    builder_.resolve(members, reading);
    if (builder_.fault()) {
        report_.quarantine(error_at({ReadingPlace::Kind::entry, number}, std::move(*builder_.fault())));
    } else {
        out.push_back(reading);
    }
}

}  // namespace headroom::telemetry
