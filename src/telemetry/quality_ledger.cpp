#include "telemetry/quality_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headroom::telemetry {
namespace {

constexpr std::array<std::string_view, finding_kinds> kind_words{
    "stale", "missing_phase", "gap",  "duplicate", "conflict", "stuck",
    "spike", "range",         "late", "sign",      "balance"};

std::size_t index_of(FindingKind kind) {
    return static_cast<std::size_t>(kind);
}

std::string place_of(const DecodeError& error) {
    return error.line > 0 ? fmt::format("line {}", error.line) : error.pointer;
}

}  // namespace

std::string_view to_string(FindingKind kind) {
    return kind_words[index_of(kind)];
}

std::optional<FindingKind> parse_finding_kind(std::string_view text) {
    const auto found = std::find(kind_words.begin(), kind_words.end(), text);
    return found == kind_words.end() ? std::nullopt
                                     : std::optional(static_cast<FindingKind>(found - kind_words.begin()));
}

SourceQuality& QualityLedger::source(std::uint16_t ref) {
    if (sources_.size() <= ref) {
        sources_.resize(ref + 1UL);
    }
    sources_[ref].is_seen = true;
    return sources_[ref];
}

void QualityLedger::look_at(const Reading& reading, UtcTime arrival) {
    SourceQuality& from = source(reading.source);
    from.looked_at += 1;
    from.estimated += reading.quality == Quality::estimated ? 1 : 0;
    from.substituted += reading.quality == Quality::substituted ? 1 : 0;
    from.last_arrival = std::max(from.last_arrival, arrival);
    if (reading.interval_end <= arrival) {
        from.newest_end = std::max(from.newest_end, reading.interval_end);
    }
    from.skew.take(arrival - reading.interval_end);
}

void QualityLedger::note_duplicates(std::span<const Reading> readings, std::span<const std::uint32_t> used) {
    std::size_t next_used = 0;
    std::size_t noted = 0;
    for (std::size_t i = 0; i < readings.size() && noted < looked_at_a_batch; ++i) {
        if (next_used < used.size() && used[next_used] == i) {
            ++next_used;
            continue;
        }
        ++noted;
        note(readings[i].point, FindingKind::duplicate, readings[i].interval_start,
             registry_.source(readings[i].source),
             fmt::format("the reading of {} came again with the same value",
                         format_utc(readings[i].interval_start)));
    }
}

void QualityLedger::take_batch(std::span<const Reading> readings, std::span<const std::uint32_t> used,
                               const IngestTotals& became, UtcTime arrival) {
    if (readings.empty()) {
        return;
    }
    const std::size_t stride = (readings.size() + looked_at_a_batch - 1) / looked_at_a_batch;
    for (std::size_t i = 0; i < readings.size(); i += stride) {
        look_at(readings[i], arrival);
    }
    const std::uint16_t first = readings.front().source;
    const bool is_single = std::all_of(readings.begin(), readings.end(),
                                       [first](const Reading& reading) { return reading.source == first; });
    IngestTotals& totals = is_single ? source(first).became : mixed_;
    totals.accepted += became.accepted;
    totals.duplicates += became.duplicates;
    totals.conflicts += became.conflicts;
    for (std::size_t i = 0; i < quarantine_reasons; ++i) {
        totals.quarantined[i] += became.quarantined[i];
    }
    if (!is_single) {
        for (const std::uint32_t position : used) {
            source(readings[position].source).became.accepted += 1;
        }
        mixed_.accepted -= std::min<std::uint64_t>(mixed_.accepted, used.size());
    }
    if (became.duplicates > 0 && readings.size() - used.size() == became.duplicates) {
        note_duplicates(readings, used);
    }
}

void QualityLedger::take_report(std::uint16_t ref, const DecodeReport& report, UtcTime arrival) {
    SourceQuality& from = source(ref);
    from.last_arrival = std::max(from.last_arrival, arrival);
    for (std::size_t i = 0; i < quarantine_reasons; ++i) {
        from.became.quarantined[i] += report.quarantined[i];
    }
    for (const DecodeError& error : report.errors) {
        if (error.reason == Quarantine::future) {
            from.skew.take(-error.ahead);  // it never became a reading, and it is what tells of the clock
        }
    }
    const std::size_t skipped = report.errors.size() > examples_max ? report.errors.size() - examples_max : 0;
    for (std::size_t i = skipped; i < report.errors.size(); ++i) {
        const DecodeError& error = report.errors[i];
        // What repeats itself shall not push out what happens seldom.
        const auto same =
            std::find_if(from.examples.begin(), from.examples.end(), [&](const QuarantineExample& example) {
                return example.reason == error.reason && example.detail == error.detail;
            });
        if (same != from.examples.end()) {
            from.examples.erase(same);
        } else if (from.examples.size() == examples_max) {
            from.examples.pop_front();
        }
        from.examples.push_back(
            {.at = arrival, .reason = error.reason, .where = place_of(error), .detail = error.detail});
    }
}

void QualityLedger::make_room() {
    if (entries_.size() < findings_max) {
        return;
    }
    const Entry& oldest = entries_.back();
    KindCount& count = kinds_[index_of(oldest.kind)];
    count.findings -= 1;
    count.open -= oldest.finding.is_open ? 1 : 0;
    forgotten_ += 1;
    index_.erase(key_of(oldest.point, oldest.kind));
    entries_.pop_back();
}

QualityFinding& QualityLedger::touch(PointRef point, FindingKind kind, UtcTime at, std::string_view from,
                                     std::string detail) {
    HEADROOM_ASSERT(point < registry_.size());
    const std::uint64_t key = key_of(point, kind);
    auto known = index_.find(key);
    if (known == index_.end()) {
        make_room();
        const PointKey& what = registry_.key(point);
        entries_.push_front({.point = point,
                             .kind = kind,
                             .finding = {.point_id = what.point_id,
                                         .quantity = what.quantity,
                                         .phase = what.phase,
                                         .kind = kind,
                                         .source = {},
                                         .count = 0,
                                         .first_at = at,
                                         .last_at = at,
                                         .is_open = false,
                                         .detail = {}}});
        kinds_[index_of(kind)].findings += 1;
        known = index_.emplace(key, entries_.begin()).first;
    } else {
        entries_.splice(entries_.begin(), entries_, known->second);
    }
    QualityFinding& finding = known->second->finding;
    finding.last_at = std::max(finding.last_at, at);
    finding.detail = std::move(detail);
    if (!from.empty()) {
        finding.source = from;
    }
    return finding;
}

void QualityLedger::note(PointRef point, FindingKind kind, UtcTime at, std::string_view from,
                         std::string detail, std::uint64_t count) {
    touch(point, kind, at, from, std::move(detail)).count += count;
    kinds_[index_of(kind)].times += count;
}

void QualityLedger::set(PointRef point, FindingKind kind, bool holds, UtcTime at, std::string_view from,
                        std::string detail) {
    KindCount& count = kinds_[index_of(kind)];
    if (holds) {
        QualityFinding& finding = touch(point, kind, at, from, std::move(detail));
        if (!finding.is_open) {
            finding.is_open = true;
            finding.count += 1;
            count.times += 1;
            count.open += 1;
        }
        return;
    }
    const auto known = index_.find(key_of(point, kind));
    if (known != index_.end() && known->second->finding.is_open) {
        touch(point, kind, at, from, std::move(detail)).is_open = false;
        count.open -= 1;
    }
}

}  // namespace headroom::telemetry
