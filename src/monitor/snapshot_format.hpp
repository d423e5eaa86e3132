#pragma once

#include "core/result.hpp"
#include "features/reading_ring.hpp"
#include "forecast/forecaster.hpp"
#include "monitor/monitor.hpp"
#include "monitor/point_state.hpp"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

namespace headroom::monitor {

/// The longest note of a snapshot, in bytes.
inline constexpr std::size_t note_bytes_max = 1UL << 20U;

/// Bytes of plain records, little-endian, one after the other.
class ByteWriter {
  public:
    template <class T>
    void put(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        raw(&value, sizeof(T));
    }
    void text(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        raw(text.data(), text.size());
    }
    void raw(const void* from, std::size_t size) { bytes_.append(static_cast<const char*>(from), size); }
    [[nodiscard]] std::string& bytes() { return bytes_; }

  private:
    std::string bytes_;
};

/// Reads what a ByteWriter wrote; once something is missing, everything behind it is empty.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
    template <class T>
    T get() {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        const std::string_view raw = take(sizeof(T));
        if (raw.size() == sizeof(T)) {
            std::memcpy(static_cast<void*>(&value), raw.data(), sizeof(T));
        }
        return value;
    }
    std::string_view text() { return take(get<std::uint32_t>()); }
    std::string_view take(std::size_t size) {
        if (is_short_ || size > rest_.size()) {
            is_short_ = true;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    [[nodiscard]] bool is_whole() const { return !is_short_; }
    [[nodiscard]] bool is_at_end() const { return !is_short_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool is_short_ = false;
};

/// Frames of a snapshot (docs/formats/monitor-snapshot.md).
enum class FrameKind : std::uint8_t {
    header = 1,
    model = 2,
    points = 3,
    half_hours = 4,
    events = 5,
    end = 6,
    tracking = 7,  ///< before the end
};
inline constexpr std::uint8_t frame_kind_max = 7;
inline constexpr std::string_view snapshot_magic = "HEADROOM MONITOR SNAPSHOT\n";
inline constexpr std::uint32_t snapshot_version = 2;
inline constexpr std::size_t frame_bytes_max = 32UL << 20U;
/// Points in one frame.
inline constexpr std::size_t points_per_frame = 2048;
/// Places of sources in one snapshot.
inline constexpr std::size_t positions_max = 100'000;
/// Whether readings can be of that time: 1970 to 2200, as the decoders take them.
[[nodiscard]] bool is_time(std::int64_t ms);

/// What the records in a file look like; another one is another file.
struct SnapshotLayout {
    std::uint32_t version = snapshot_version;
    std::uint32_t hot_bytes = sizeof(HotPoint);
    std::uint32_t sum_bytes = sizeof(OlderSums);
    std::uint32_t ring_values = features::ring_size;
    std::uint32_t older_sums = older_periods;
    bool operator==(const SnapshotLayout&) const = default;
};

struct SnapshotHeader {
    SnapshotInfo info;
    std::vector<std::string> sources;  // names behind the numbers in the records
};
[[nodiscard]] std::string write_header(const SnapshotHeader& header);
/// Errors: `unsupported` for another layout, `corrupt` for one that cannot be read.
[[nodiscard]] Result<SnapshotHeader> read_header(std::string_view payload);

[[nodiscard]] std::string write_model(const forecast::ForecastModel& model);
/// Errors: `corrupt`.
[[nodiscard]] Result<forecast::ForecastModel> read_model(std::string_view payload);

/// The record of one point, as it stands behind its key.
struct PointRecord {
    HotPoint hot;
    std::array<float, features::ring_size> ring{};
    OlderSums older;
};
/// Whether a record from outside can be taken as state: times, counters and sums within their bounds. Brings
/// to order what can be told from the rest.
[[nodiscard]] bool mend(PointRecord& record, std::size_t live_window);

/// Writes frames to FILE.tmp and renames it once it is on the disk.
class SnapshotFile {
  public:
    explicit SnapshotFile(std::filesystem::path file);
    ~SnapshotFile();
    SnapshotFile(const SnapshotFile&) = delete;
    SnapshotFile& operator=(const SnapshotFile&) = delete;

    /// Errors, all: `unavailable`, message with path and the system's words.
    Result<void> open();
    Result<void> frame(FrameKind kind, std::string_view payload);
    Result<void> commit();

  private:
    Result<void> write(std::string_view bytes);
    [[nodiscard]] Error fault(std::string_view doing) const;

    std::filesystem::path file_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
};

/// Reads frames, checking length and sum.
class SnapshotReader {
  public:
    ~SnapshotReader();
    SnapshotReader() = default;
    SnapshotReader(const SnapshotReader&) = delete;
    SnapshotReader& operator=(const SnapshotReader&) = delete;

    struct Frame {
        FrameKind kind = FrameKind::end;
        std::string_view payload;  // in the buffer it was read into
    };
    /// Errors: `not_found`; `unavailable`; `unsupported` when it is no snapshot.
    Result<void> open(const std::filesystem::path& file);
    /// Reads into `buffer`, which grows as needed and never shrinks. Errors: `corrupt` with the place in the
    /// file.
    Result<Frame> next(std::string& buffer);

  private:
    Result<void> read(char* to, std::size_t size);

    std::filesystem::path file_;
    int descriptor_ = -1;
    std::uint64_t position_ = 0;
};

/// Reads the frames of an open snapshot on a thread of its own, a few ahead of whoever takes them: reading
/// and checking go on while what was read is put in its place.
class SnapshotAhead {
  public:
    explicit SnapshotAhead(SnapshotReader& reader);
    ~SnapshotAhead();
    SnapshotAhead(const SnapshotAhead&) = delete;
    SnapshotAhead& operator=(const SnapshotAhead&) = delete;

    /// The payload stays until the next call. Nothing may be asked behind an error or the end.
    Result<SnapshotReader::Frame> next();

  private:
    void read();

    static constexpr std::size_t depth = 3;
    SnapshotReader& reader_;
    std::array<std::string, depth + 1> buffers_;  // one is with the taker
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Result<SnapshotReader::Frame>> ready_;
    bool is_over_ = false;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace headroom::monitor
