#pragma once

#include "core/reflect.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// A source whose newest reading is older is stale, and then silent.
inline constexpr milliseconds source_stale_after = minutes{5};
inline constexpr milliseconds source_silent_after = minutes{30};

/// A count as answers have it.
[[nodiscard]] inline std::int64_t count_of(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

struct SourceAnswer {
    std::string source = {};
    std::string kind = {};
    std::string state = {};
    std::optional<UtcTime> last_at = {};
    std::optional<double> age_s = {};
    std::int64_t accepted = 0;
    std::int64_t duplicates = 0;
    std::int64_t conflicts = 0;
    std::map<std::string, std::int64_t> quarantined = {};
    bool simulated = false;
};

/// What each source of readings has sent, and whether it still does. Duplicates, conflicts and quarantined
/// readings are known for batches of one source, which is how doors hand them on; those of mixed batches are
/// in the totals of `GET /api/v1/status` only. Any thread: one lock a batch.
class Sources {
  public:
    /// One batch: what was used of it and what became of the rest.
    void add(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used,
             const monitor::IngestCount& count);
    /// In the order of first appearance.
    [[nodiscard]] std::vector<SourceAnswer> list(const telemetry::PointRegistry& registry, UtcTime now,
                                                 bool is_simulated) const;

  private:
    struct Source {
        bool is_seen = false;
        UtcTime last_at{};
        std::uint64_t used = 0;
        std::uint64_t attributed = 0;  // accepted, of batches of its own
        monitor::IngestCount count;
    };
    Source& of(std::uint16_t ref);
    void add_mixed(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used);

    mutable std::mutex mutex_;
    std::vector<Source> sources_;  // by the registry's handle; under the lock
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::SourceAnswer> {
    using T = desk::SourceAnswer;
    static constexpr std::string_view name = "Source";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("source", &T::source, "Name that its readings carry."),
                    field("kind", &T::kind, "telemetry.", {.example = R"("telemetry")"}),
                    field("state", &T::state, "ok; stale after 5 minutes, silent after 30, in domain time.",
                          {.example = R"("ok")"}),
                    field("last_at", &T::last_at, "End of the newest reading's interval."),
                    field("age_s", &T::age_s, "Its age in domain time.", {.unit = "s"}),
                    field("accepted", &T::accepted, "Readings taken since start."),
                    field("duplicates", &T::duplicates, "Of a value that was known."),
                    field("conflicts", &T::conflicts, "A second, different value for one interval."),
                    field("quarantined", &T::quarantined, "Readings kept out, by reason."),
                    field("simulated", &T::simulated, "They come from a simulated grid."));
};

}  // namespace headroom
