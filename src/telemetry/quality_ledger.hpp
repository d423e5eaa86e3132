#pragma once

#include "core/time.hpp"
#include "telemetry/arrival_skew.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::telemetry {

/// What can be wrong with the data of a place.
enum class FindingKind : std::uint8_t {
    stale,          ///< had readings, has none now
    missing_phase,  ///< some phases have readings, another has none
    gap,
    duplicate,
    conflict,
    stuck,
    spike,
    range,
    late,
    sign,
    balance,
};
inline constexpr std::size_t finding_kinds = 11;
[[nodiscard]] std::string_view to_string(FindingKind kind);
[[nodiscard]] std::optional<FindingKind> parse_finding_kind(std::string_view text);

/// One thing that was found about one place and phase, however often.
struct QualityFinding {
    std::string point_id;  ///< feeder, substation or DER
    grid::Quantity quantity = grid::Quantity::p_kw;
    grid::Phase phase = grid::Phase::sum;
    FindingKind kind = FindingKind::gap;
    std::string source;  ///< of the reading it was found with; empty when none had come
    std::uint64_t count = 0;
    UtcTime first_at{};
    UtcTime last_at{};
    bool is_open = false;  ///< a condition that holds now; of things that happen: false
    std::string detail;    ///< a sentence with the numbers, of the newest time
};

/// A quarantined reading, as it is shown.
struct QuarantineExample {
    UtcTime at{};  ///< arrival
    Quarantine reason = Quarantine::malformed;
    std::string where;   ///< JSON Pointer, "line 7", or addresses of the source
    std::string detail;  ///< names the field and the value
};

/// What one source of readings has sent.
struct SourceQuality {
    bool is_seen = false;
    IngestTotals became;
    std::uint64_t estimated = 0, substituted = 0;  ///< among the readings looked at
    std::uint64_t looked_at = 0;                   ///< every reading of small batches, samples of large ones
    UtcTime last_arrival{};
    UtcTime newest_end{};  ///< of an interval that is not in the future
    ArrivalSkew skew;
    std::deque<QuarantineExample> examples;  ///< the newest, newest last
};

/// What is known of the quality of the data: counters of every source always, details of those places about
/// which something was found. Bounded: sources by the registry's table, `findings_max` findings of which
/// those longest unchanged give way, and how many did is told.
///
/// Pure: no clock, no lock; whoever shares it among threads keeps it within a lock.
class QualityLedger {
  public:
    static constexpr std::size_t findings_max = 20'000;
    static constexpr std::size_t examples_max = 8;         ///< of a source
    static constexpr std::size_t looked_at_a_batch = 256;  ///< readings, evenly spread over a larger batch

    explicit QualityLedger(const PointRegistry& registry) : registry_(registry) {}

    /// A batch as it arrived, the positions of its readings that were new and usable, and what became of all.
    /// Of a batch of several sources each is given its usable readings; the rest is in `mixed`. A batch whose
    /// only unused readings are duplicates tells of which points they are.
    void take_batch(std::span<const Reading> readings, std::span<const std::uint32_t> used,
                    const IngestTotals& became, UtcTime arrival);
    /// What was quarantined while a source's bytes were decoded.
    void take_report(std::uint16_t source, const DecodeReport& report, UtcTime arrival);
    /// `at` is the reading's time, `source` may be empty.
    void note(PointRef point, FindingKind kind, UtcTime at, std::string_view source, std::string detail,
              std::uint64_t count = 1);
    /// A condition begins or goes on (`holds`), or is over; one that never held leaves no trace.
    void set(PointRef point, FindingKind kind, bool holds, UtcTime at, std::string_view source,
             std::string detail);

    /// By the registry's handle; sources that were never seen among them.
    [[nodiscard]] std::span<const SourceQuality> sources() const { return sources_; }
    /// Of batches of several sources what cannot be said of one of them.
    [[nodiscard]] const IngestTotals& mixed() const { return mixed_; }
    /// Every finding that is kept, newest change first.
    template <class Visitor>
    void visit(Visitor visitor) const {
        for (const Entry& entry : entries_) {
            visitor(entry.finding);
        }
    }
    struct KindCount {
        std::uint64_t findings = 0;  ///< kept now
        std::uint64_t open = 0;      ///< of them, conditions that hold
        std::uint64_t times = 0;     ///< since start, also of findings that gave way
    };
    [[nodiscard]] const std::array<KindCount, finding_kinds>& kinds() const { return kinds_; }
    /// Findings that gave way to newer ones since start.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

  private:
    struct Entry {
        PointRef point = no_point;
        FindingKind kind = FindingKind::gap;
        QualityFinding finding;
    };
    using Entries = std::list<Entry>;
    static std::uint64_t key_of(PointRef point, FindingKind kind) {
        return static_cast<std::uint64_t>(point) << 8U | static_cast<std::uint64_t>(kind);
    }
    SourceQuality& source(std::uint16_t ref);
    void look_at(const Reading& reading, UtcTime arrival);
    void note_duplicates(std::span<const Reading> readings, std::span<const std::uint32_t> used);
    QualityFinding& touch(PointRef point, FindingKind kind, UtcTime at, std::string_view source,
                          std::string detail);
    void make_room();

    const PointRegistry& registry_;
    std::vector<SourceQuality> sources_;
    IngestTotals mixed_;
    Entries entries_;  // newest change first
    std::unordered_map<std::uint64_t, Entries::iterator> index_;
    std::array<KindCount, finding_kinds> kinds_{};
    std::uint64_t forgotten_ = 0;
};

}  // namespace headroom::telemetry
