#pragma once

#include "audit/entry.hpp"
#include "audit/tree.hpp"
#include "core/hash_stream.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace headroom::audit {

// The bytes of a segment file; docs/formats/audit.md has the tables. Everything here is pure, but for
// `FileSource`. Integers are big-endian.

inline constexpr std::size_t record_overhead = 20;
inline constexpr std::size_t record_bytes_max = record_overhead + max_leaf_bytes;
inline constexpr std::size_t trailer_bytes = 92;
inline constexpr std::size_t header_bytes_min = 88;
inline constexpr std::size_t header_bytes_max = 88 + 32 * 64;

/// First bytes of a segment: where it stands in the log, and the tree before it.
struct SegmentHeader {
    std::uint64_t first_index = 0;
    Frontier before;  ///< of all earlier leaves; its size is `first_index`
    Hash log_id{};    ///< first 16 bytes of SHA-256(origin), then zeros
    UtcTime created{};
};

/// First 16 bytes of SHA-256(origin), then zeros.
[[nodiscard]] Hash log_id_of(std::string_view origin);

[[nodiscard]] std::string encode(const SegmentHeader& header);
/// The header at the front of `bytes`; what follows it is not looked at.
/// Errors: `invalid` for too few bytes, another magic, length, flag or checksum, or a frontier that does not
/// fold to the start root.
[[nodiscard]] Result<SegmentHeader> decode_header(std::string_view bytes);
[[nodiscard]] std::size_t header_bytes(std::uint64_t first_index);

/// One record as it lies in the file; `leaf` refers to the bytes it was read from.
struct RecordView {
    std::uint64_t offset = 0;
    std::uint64_t index = 0;
    std::uint16_t position = 0;  ///< place in its commit batch, first = 0
    std::string_view leaf;
};

/// Begins a record in `out`: room for its head. The leaf is appended to `out` next, then `end_record` is
/// called with what this answered.
[[nodiscard]] std::size_t begin_record(std::string& out);
/// Fills in the head of the record that began at `at` and ends where `out` ends.
/// Precondition: its leaf has 1 to 65535 bytes.
void end_record(std::string& out, std::size_t at, std::uint64_t index, std::uint16_t position);
/// The record at the front of `bytes`, `offset` being left 0.
/// Errors: `invalid` saying what is wrong: short, empty, too long, flags or checksum.
[[nodiscard]] Result<RecordView> decode_record(std::string_view bytes);

/// Last bytes of a sealed segment.
struct Trailer {
    std::uint64_t end_index = 0;  ///< one behind the last record
    Hash end_root{};
    std::uint64_t count = 0;
    Sha256 file_hash{};  ///< of all bytes before the trailer
};

[[nodiscard]] std::string encode(const Trailer& trailer);
/// Errors: `invalid` for too few bytes, no trailer mark or a wrong checksum.
[[nodiscard]] Result<Trailer> decode_trailer(std::string_view bytes);

/// Bytes that can be read at any offset. Errors: `unavailable` when the device fails.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    /// Up to `count` bytes from `offset` into `to`; fewer only at the end.
    virtual Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) const = 0;
};

class MemorySource final : public ByteSource {
  public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) const override;

  private:
    std::string_view bytes_;
};

/// Reads an open file descriptor, which it does not own.
class FileSource final : public ByteSource {
  public:
    explicit FileSource(int descriptor) : descriptor_(descriptor) {}
    Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t count) const override;

  private:
    int descriptor_;
};

/// What stands behind the last good record of a segment.
enum class Tail {
    sealed,   ///< a trailer
    clean,    ///< nothing, or zeros: preallocated space
    torn,     ///< the remains of a batch that was never acknowledged
    corrupt,  ///< a batch that was synced is damaged: a later one is intact
};
[[nodiscard]] std::string_view to_string(Tail tail);

/// A segment after one pass over it.
struct SegmentScan {
    SegmentHeader header;
    Tail tail = Tail::clean;
    std::optional<Trailer> trailer;  ///< when sealed; its contents are for the caller to compare
    std::uint64_t next_index = 0;
    std::uint64_t records_end = 0;  ///< offset behind the last good record
    std::uint64_t data_end = 0;     ///< offset behind the last byte that is not zero, or `records_end`
    HashStream hash;                ///< of the bytes before `records_end`
    std::string reason;             ///< why the pass stopped there, when torn or corrupt
};

/// Reads a segment once, in order, calling `each` for every good record, and judges what is behind them by
/// the recovery rules of docs/formats/audit.md. Never writes; a writer may be appending meanwhile. Errors:
/// those of the header, of `each` (which stop the pass) and of `source`.
[[nodiscard]] Result<SegmentScan> scan_segment(const ByteSource& source,
                                               const std::function<Result<void>(const RecordView&)>& each);

/// Whether any offset holds an intact record: tells a segment with a damaged header from one that never held
/// anything. Errors: those of `source`.
[[nodiscard]] Result<bool> holds_any_record(const ByteSource& source);

}  // namespace headroom::audit
