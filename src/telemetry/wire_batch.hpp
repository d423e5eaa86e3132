#pragma once

#include "core/result.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

// The compact batch, docs/formats/readings.md: little-endian; a head, the names of its points, rows.
inline constexpr std::string_view wire_magic = "HRB\x01";
inline constexpr std::size_t wire_head_bytes = 32;
inline constexpr std::size_t wire_row_bytes = 24;      // value, start, length, point, quality
inline constexpr std::size_t wire_row_seq_bytes = 32;  // and the sequence number
inline constexpr std::size_t wire_batch_bytes_max = 16UL * 1024 * 1024;

/// How long the batch is whose first bytes these are, from its head; 0 while too little of it is there.
/// Errors: `invalid` when no batch begins so, or its length is impossible.
[[nodiscard]] Result<std::size_t> wire_batch_bytes(std::string_view bytes);

/// Reads compact batches. One thread; keeps its buffers.
class WireBatchDecoder {
  public:
    WireBatchDecoder(ReadingBuilder& builder, DecodeReport& report) : builder_(builder), report_(report) {}

    /// Appends the readings of one batch or of several, one behind another. A row that cannot be taken is
    /// quarantined, by its number among all since the report was begun.
    /// Errors: `invalid` when lengths, codes or reserved bytes are wrong; nothing is appended then.
    Result<void> decode(std::string_view bytes, std::vector<Reading>& out);

  private:
    struct Point {
        std::string_view id;
        grid::Quantity quantity = grid::Quantity::p_kw;
        grid::Phase phase = grid::Phase::sum;
        PointRef ref = no_point;
    };
    struct Head;
    struct Row;

    Result<void> read_batch(std::string_view bytes, std::vector<Reading>& out);
    Result<void> read_points(std::string_view table, std::size_t count);
    void take_row(const Head& head, const Row& row, std::vector<Reading>& out);

    ReadingBuilder& builder_;
    DecodeReport& report_;
    std::vector<Point> points_;
    std::vector<PointQuery> queries_;
};

}  // namespace headroom::telemetry
