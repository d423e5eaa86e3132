#include "audit/segment.hpp"

#include "audit/entry.hpp"
#include "audit/refuse.hpp"
#include "core/big_endian.hpp"

#include <algorithm>
#include <array>

namespace headroom::audit {

namespace {

constexpr std::string_view magic = "HRAUDIT1";
constexpr std::uint32_t trailer_mark = 0xFFFFFFFFU;
constexpr std::size_t record_crc_at = 16;
constexpr std::size_t log_id_bytes = 16;

Hash hash_at(std::string_view bytes, std::size_t at) {
    return *to_hash(bytes.substr(at, 32));
}

}  // namespace

Hash log_id_of(std::string_view origin) {
    Hash id = sha256(origin);
    std::fill(id.begin() + log_id_bytes, id.end(), std::uint8_t{0});
    return id;
}

std::size_t header_bytes(std::uint64_t first_index) {
    return header_bytes_min + 32 * static_cast<std::size_t>(std::popcount(first_index));
}

std::string encode(const SegmentHeader& header) {
    HEADROOM_ASSERT(header.before.size() == header.first_index);
    std::string bytes(magic);
    append_big_endian(bytes, static_cast<std::uint32_t>(header_bytes(header.first_index)));
    append_big_endian(bytes, std::uint32_t{0});
    append_big_endian(bytes, header.first_index);
    bytes += as_chars(header.before.root());
    bytes += as_chars(header.log_id).substr(0, log_id_bytes);
    append_big_endian(bytes, static_cast<std::uint64_t>(header.created.time_since_epoch().count()));
    append_big_endian(bytes, static_cast<std::uint32_t>(std::popcount(header.first_index)));
    for (const Hash& hash : header.before.hashes()) {
        bytes += as_chars(hash);
    }
    append_big_endian(bytes, crc32c(bytes));
    return bytes;
}

Result<SegmentHeader> decode_header(std::string_view bytes) {
    if (bytes.size() < header_bytes_min) {
        return refuse("the segment has " + std::to_string(bytes.size()) + " bytes, its header needs 88");
    }
    if (!bytes.starts_with(magic)) {
        return refuse("the segment does not begin with HRAUDIT1");
    }
    const auto length = get_big_endian<std::uint32_t>(bytes, 8);
    if (length < header_bytes_min || length > header_bytes_max || length > bytes.size()) {
        return refuse("the segment's header length is " + std::to_string(length));
    }
    if (crc32c(bytes.substr(0, length - 4)) != get_big_endian<std::uint32_t>(bytes, length - 4)) {
        return refuse("the segment's header has a wrong checksum");
    }
    const auto flags = get_big_endian<std::uint32_t>(bytes, 12);
    if (flags != 0) {
        return refuse("the segment's header has the unknown flags " + std::to_string(flags));
    }
    SegmentHeader header;
    header.first_index = get_big_endian<std::uint64_t>(bytes, 16);
    const auto count = get_big_endian<std::uint32_t>(bytes, 80);
    if (header.first_index > max_tree_size || length != header_bytes(header.first_index) ||
        count != static_cast<std::uint32_t>(std::popcount(header.first_index))) {
        return refuse("the segment's header length does not fit its first index " +
                      std::to_string(header.first_index));
    }
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        hashes.push_back(hash_at(bytes, 84 + 32 * i));
    }
    header.before = *Frontier::from(header.first_index, hashes);
    if (header.before.root() != hash_at(bytes, 24)) {
        return refuse("the frontier in the segment's header does not fold to its start root");
    }
    std::ranges::transform(bytes.substr(56, log_id_bytes), header.log_id.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    const auto created = get_big_endian<std::uint64_t>(bytes, 72);
    constexpr std::uint64_t year_2200_ms = 7'258'118'400'000;
    if (created > year_2200_ms) {
        return refuse("the segment's time of creation is beyond the year 2200");
    }
    header.created = UtcTime{milliseconds{static_cast<std::int64_t>(created)}};
    return header;
}

std::size_t begin_record(std::string& out) {
    const std::size_t at = out.size();
    out.append(record_overhead, '\0');
    return at;
}

void end_record(std::string& out, std::size_t at, std::uint64_t index, std::uint16_t position) {
    const std::size_t leaf_bytes = out.size() - at - record_overhead;
    HEADROOM_ASSERT(leaf_bytes >= 1 && leaf_bytes <= max_leaf_bytes);
    put_big_endian(out, at, static_cast<std::uint32_t>(leaf_bytes));
    put_big_endian(out, at + 4, index);
    put_big_endian(out, at + 12, position);
    const std::string_view bytes = out;
    const std::uint32_t crc =
        crc32c(bytes.substr(at + record_overhead), crc32c(bytes.substr(at, record_crc_at)));
    put_big_endian(out, at + record_crc_at, crc);
}

Result<RecordView> decode_record(std::string_view bytes) {
    if (bytes.size() < record_overhead) {
        return refuse("the record's head is short");
    }
    const auto length = get_big_endian<std::uint32_t>(bytes, 0);
    if (length == 0) {
        return refuse("the record is empty");
    }
    if (length > max_leaf_bytes) {
        return refuse("the record's length is " + std::to_string(length));
    }
    if (bytes.size() < record_overhead + length) {
        return refuse("the record is short");
    }
    if (get_big_endian<std::uint16_t>(bytes, 14) != 0) {
        return refuse("the record has unknown flags");
    }
    const std::string_view leaf = bytes.substr(record_overhead, length);
    if (crc32c(leaf, crc32c(bytes.substr(0, record_crc_at))) !=
        get_big_endian<std::uint32_t>(bytes, record_crc_at)) {
        return refuse("the record has a wrong checksum");
    }
    return RecordView{.offset = 0,
                      .index = get_big_endian<std::uint64_t>(bytes, 4),
                      .position = get_big_endian<std::uint16_t>(bytes, 12),
                      .leaf = leaf};
}

std::string encode(const Trailer& trailer) {
    std::string bytes;
    append_big_endian(bytes, trailer_mark);
    append_big_endian(bytes, trailer.end_index);
    append_big_endian(bytes, std::uint32_t{0});
    append_big_endian(bytes, std::uint32_t{0});
    bytes += as_chars(trailer.end_root);
    append_big_endian(bytes, trailer.count);
    bytes += as_chars(trailer.file_hash);
    HEADROOM_ASSERT(bytes.size() == trailer_bytes);
    const std::string_view view = bytes;
    const std::uint32_t crc = crc32c(view.substr(record_overhead), crc32c(view.substr(0, record_crc_at)));
    put_big_endian(bytes, record_crc_at, crc);
    return bytes;
}

Result<Trailer> decode_trailer(std::string_view bytes) {
    if (bytes.size() < trailer_bytes) {
        return refuse("the trailer is short");
    }
    bytes = bytes.substr(0, trailer_bytes);
    if (get_big_endian<std::uint32_t>(bytes, 0) != trailer_mark ||
        get_big_endian<std::uint32_t>(bytes, 12) != 0) {
        return refuse("there is no trailer");
    }
    if (crc32c(bytes.substr(record_overhead), crc32c(bytes.substr(0, record_crc_at))) !=
        get_big_endian<std::uint32_t>(bytes, record_crc_at)) {
        return refuse("the trailer has a wrong checksum");
    }
    return Trailer{.end_index = get_big_endian<std::uint64_t>(bytes, 4),
                   .end_root = hash_at(bytes, 20),
                   .count = get_big_endian<std::uint64_t>(bytes, 52),
                   .file_hash = hash_at(bytes, 60)};
}

}  // namespace headroom::audit
