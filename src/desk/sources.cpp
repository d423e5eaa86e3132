#include "desk/sources.hpp"

#include <algorithm>

namespace headroom::desk {
Sources::Source& Sources::of(std::uint16_t ref) {
    if (sources_.size() <= ref) {
        sources_.resize(ref + 1UL);
    }
    return sources_[ref];
}

void Sources::add_mixed(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used) {
    for (const telemetry::Reading& reading : readings) {
        of(reading.source).is_seen = true;
    }
    for (const std::uint32_t position : used) {
        Source& source = of(readings[position].source);
        source.last_at = std::max(source.last_at, readings[position].interval_end);
        source.used += 1;
    }
}

void Sources::add(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used,
                  const monitor::IngestCount& count) {
    if (readings.empty()) {
        return;
    }
    const std::uint16_t first = readings.front().source;
    bool is_single = true;
    for (const telemetry::Reading& reading : readings) {
        is_single = is_single && reading.source == first;
    }
    const std::lock_guard lock(mutex_);
    if (!is_single) {
        add_mixed(readings, used);
        return;
    }
    Source& source = of(first);
    source.is_seen = true;
    UtcTime last_at = source.last_at;
    for (const std::uint32_t position : used) {
        last_at = std::max(last_at, readings[position].interval_end);
    }
    source.last_at = last_at;
    source.attributed += count.accepted;
    source.count.duplicates += count.duplicates;
    source.count.conflicts += count.conflicts;
    for (std::size_t i = 0; i < count.quarantined.size(); ++i) {
        source.count.quarantined[i] += count.quarantined[i];
    }
}

std::vector<SourceAnswer> Sources::list(const telemetry::PointRegistry& registry, UtcTime now,
                                        bool is_simulated) const {
    const std::lock_guard lock(mutex_);
    std::vector<SourceAnswer> out;
    for (std::size_t ref = 0; ref < sources_.size(); ++ref) {
        const Source& source = sources_[ref];
        if (!source.is_seen) {
            continue;
        }
        SourceAnswer row{.source = registry.source(static_cast<std::uint16_t>(ref)),
                         .kind = "telemetry",
                         .state = "silent",
                         .accepted = count_of(source.attributed + source.used),
                         .duplicates = count_of(source.count.duplicates),
                         .conflicts = count_of(source.count.conflicts)};
        row.simulated = is_simulated && row.source == "simulator";
        if (source.last_at != UtcTime{}) {
            const milliseconds age = std::max(milliseconds{0}, now - source.last_at);
            row.last_at = source.last_at;
            row.age_s = static_cast<double>(age.count()) / 1000.0;
            row.state = age > source_silent_after ? "silent" : age > source_stale_after ? "stale" : "ok";
        }
        for (std::size_t i = 0; i < source.count.quarantined.size(); ++i) {
            if (source.count.quarantined[i] > 0) {
                row.quarantined[std::string(telemetry::to_string(static_cast<telemetry::Quarantine>(i)))] =
                    count_of(source.count.quarantined[i]);
            }
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace headroom::desk
