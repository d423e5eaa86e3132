#include "app/quality_wiring.hpp"

#include <string>

namespace headroom::app {
namespace {

void raise_to(Metrics::Counter& counter, std::int64_t total) {
    counter.add(static_cast<std::uint64_t>(total) - counter.value());
}

void refresh_source(Metrics& metrics, const desk::SourceQualityAnswer& source) {
    const auto readings = [&](const std::string& result) -> Metrics::Counter& {
        return metrics.counter("headroom_source_readings_total",
                               "Readings by source and what became of them.",
                               {{"source", source.source}, {"result", result}});
    };
    raise_to(readings("accepted"), source.accepted);
    raise_to(readings("duplicate"), source.duplicates);
    raise_to(readings("conflict"), source.conflicts);
    for (const auto& [reason, count] : source.quarantined) {
        raise_to(metrics.counter("headroom_ingest_rejected_total", "Readings kept out, by source and reason.",
                                 {{"source", source.source}, {"reason", reason}}),
                 count);
    }
    if (source.age_s) {
        metrics
            .gauge("headroom_source_age_seconds", "Age of a source's newest reading, domain time.",
                   {{"source", source.source}})
            .set(*source.age_s);
    }
    if (source.clock.median_s) {
        metrics
            .gauge("headroom_source_delay_seconds",
                   "Middle of arrival - interval end of a source's newest readings; negative: in the future.",
                   {{"source", source.source}})
            .set(*source.clock.median_s);
    }
}

}  // namespace

void watch_quality(agents::GridMonitoring& monitoring, desk::Quality& quality) {
    monitoring.on_verdicts(
        [&quality](std::span<const trust::Verdict> verdicts) { quality.add_verdicts(verdicts); });
    monitoring.on_refused([&quality](std::uint16_t source, const telemetry::DecodeReport& report) {
        quality.add_refused(source, report);
    });
}

void refresh_quality_metrics(Metrics& metrics, const desk::Quality& quality) {
    const desk::QualityAnswer answer = quality.summary();
    for (const desk::SourceQualityAnswer& source : answer.sources) {
        refresh_source(metrics, source);
    }
    for (const desk::FindingCountAnswer& kind : answer.findings) {
        raise_to(metrics.counter("headroom_quality_findings_total",
                                 "Findings about data since start, by kind.", {{"kind", kind.kind}}),
                 kind.times);
        metrics
            .gauge("headroom_quality_findings_open", "Findings that hold now, by kind.",
                   {{"kind", kind.kind}})
            .set(static_cast<double>(kind.open));
    }
    const auto feeders = [&](const char* state, std::int64_t count) {
        metrics
            .gauge("headroom_feeders_by_freshness", "Feeders by the age of their newest reading.",
                   {{"state", state}})
            .set(static_cast<double>(count));
    };
    feeders("fresh", answer.coverage.fresh);
    feeders("stale", answer.coverage.stale);
    feeders("silent", answer.coverage.silent);
}

}  // namespace headroom::app
