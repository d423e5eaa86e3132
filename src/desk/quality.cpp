#include "desk/quality.hpp"

#include "core/csv.hpp"
#include "desk/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::desk {
namespace {

using telemetry::FindingKind;
using telemetry::QualityFinding;

constexpr std::size_t places_a_tick = 10'000;
constexpr std::size_t places_a_lock = 500;  // so that nobody who ingests waits long
constexpr std::size_t balances_shown = 50;

double in_seconds(milliseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

std::optional<FindingKind> kind_of(trust::Doubt doubt) {
    switch (doubt) {
        case trust::Doubt::none:
            return std::nullopt;
        case trust::Doubt::range:
            return FindingKind::range;
        case trust::Doubt::stuck:
            return FindingKind::stuck;
        case trust::Doubt::spike:
            return FindingKind::spike;
        case trust::Doubt::gap:
            return FindingKind::gap;
        case trust::Doubt::duplicate:
            return FindingKind::duplicate;
        case trust::Doubt::conflict:
            return FindingKind::conflict;
        case trust::Doubt::late:
            return FindingKind::late;
        case trust::Doubt::sign:
            return FindingKind::sign;
        case trust::Doubt::balance:
            return FindingKind::balance;
    }
    return std::nullopt;
}

/// "10 min", "45 s": a stretch of time for a sentence.
std::string spoken(milliseconds time) {
    const double s = std::abs(in_seconds(time));
    return s < 120.0    ? fmt::format("{:.0f} s", s)
           : s < 7200.0 ? fmt::format("{:.0f} min", s / 60.0)
                        : fmt::format("{:.1f} h", s / 3600.0);
}

ClockAnswer clock_answer(const telemetry::ArrivalSkew& skew) {
    const telemetry::SkewVerdict verdict = skew.verdict();
    ClockAnswer answer{.verdict = std::string(to_string(verdict)),
                       .samples = static_cast<std::int64_t>(skew.samples())};
    const std::optional<milliseconds> median = skew.quantile(0.5);
    if (!median) {
        return answer;
    }
    answer.median_s = in_seconds(*median);
    answer.p05_s = in_seconds(*skew.quantile(0.05));
    answer.p95_s = in_seconds(*skew.quantile(0.95));
    switch (verdict) {
        case telemetry::SkewVerdict::ahead:
            answer.detail =
                fmt::format("its clock is {} ahead of ours: readings end after they arrive", spoken(*median));
            break;
        case telemetry::SkewVerdict::behind:
            answer.detail = fmt::format(
                "its clock is {} behind ours, or everything it sends is held back so long", spoken(*median));
            break;
        case telemetry::SkewVerdict::delayed:
            answer.detail = fmt::format("its readings are under way from {} to {}",
                                        spoken(*skew.quantile(0.05)), spoken(*skew.quantile(0.95)));
            break;
        case telemetry::SkewVerdict::unknown:
        case telemetry::SkewVerdict::ok:
            break;
    }
    return answer;
}

FindingAnswer finding_answer(const QualityFinding& finding) {
    return {.point_id = finding.point_id,
            .quantity = std::string(grid::to_string(finding.quantity)),
            .phase = std::string(grid::to_string(finding.phase)),
            .kind = std::string(to_string(finding.kind)),
            .source = finding.source,
            .count = count_of(finding.count),
            .first_at = finding.first_at,
            .last_at = finding.last_at,
            .open = finding.is_open,
            .detail = finding.detail};
}

bool is_wanted(const QualityFinding& finding, const FindingQuery& query) {
    return (query.source.empty() || finding.source == query.source) &&
           (query.place.empty() || finding.point_id == query.place) &&
           (!query.kind || finding.kind == *query.kind) && (!query.open_only || finding.is_open);
}

}  // namespace

Quality::Quality(Parts parts) : parts_(parts), ledger_(parts.registry) {
    rebuild();
}

void Quality::rebuild() {
    const std::lock_guard lock(mutex_);
    sweep_.emplace(parts_.network, parts_.registry);
}

void Quality::add_batch(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used,
                        const monitor::IngestCount& count) {
    const UtcTime now = parts_.clock.now();
    const telemetry::IngestTotals became{count.accepted, count.duplicates, count.conflicts,
                                         count.quarantined};
    const std::lock_guard lock(mutex_);
    ledger_.take_batch(readings, used, became, now);
}

void Quality::add_refused(std::uint16_t source, const telemetry::DecodeReport& report) {
    const UtcTime now = parts_.clock.now();
    const std::lock_guard lock(mutex_);
    ledger_.take_report(source, report, now);
}

void Quality::add_verdicts(std::span<const trust::Verdict> verdicts) {
    if (verdicts.empty()) {
        return;
    }
    std::vector<telemetry::PointRef> points;
    points.reserve(verdicts.size());
    for (const trust::Verdict& verdict : verdicts) {
        points.push_back(verdict.point);
    }
    std::vector<monitor::PointView> views;
    parts_.monitor.views(points, views);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const trust::Verdict& verdict = verdicts[i];
        const std::optional<FindingKind> kind = kind_of(verdict.doubt);
        const bool is_silent_by_design = verdict.point < changes_only_.size() &&
                                         changes_only_[verdict.point] &&
                                         (kind == FindingKind::stuck || kind == FindingKind::gap);
        if (kind && !is_silent_by_design) {
            const std::string_view source =
                views[i].readings > 0 ? std::string_view(parts_.registry.source(views[i].source)) : "";
            ledger_.note(verdict.point, *kind, verdict.at, source, verdict.detail);
        }
    }
}

void Quality::expect_changes_only(std::span<const telemetry::PointRef> points) {
    const std::lock_guard lock(mutex_);
    for (const telemetry::PointRef point : points) {
        if (changes_only_.size() <= point) {
            changes_only_.resize(point + 1UL);
        }
        changes_only_[point] = true;
    }
}

void Quality::tick() {
    const UtcTime now = parts_.clock.now();
    const std::size_t places = parts_.network.feeders().size() + parts_.network.substations().size();
    const QualitySweep::Views views = [this](std::span<const telemetry::PointRef> points,
                                             std::vector<monitor::PointView>& out) {
        parts_.monitor.views(points, out);
    };
    for (std::size_t done = 0; done < std::min(places, places_a_tick); done += places_a_lock) {
        const std::lock_guard lock(mutex_);
        sweep_->step(places_a_lock, now, views, ledger_);
    }
}

SourceQualityAnswer Quality::source_answer(std::uint16_t ref, UtcTime now) const {
    const telemetry::SourceQuality& source = ledger_.sources()[ref];
    SourceQualityAnswer answer{.source = std::string(parts_.registry.source(ref)),
                               .state = "silent",
                               .accepted = count_of(source.became.accepted),
                               .duplicates = count_of(source.became.duplicates),
                               .conflicts = count_of(source.became.conflicts),
                               .clock = clock_answer(source.skew)};
    if (source.newest_end != UtcTime{}) {
        const milliseconds age = std::max(milliseconds{0}, now - source.newest_end);
        answer.last_at = source.newest_end;
        answer.age_s = in_seconds(age);
        answer.state = age > source_silent_after ? "silent" : age > source_stale_after ? "stale" : "ok";
    }
    for (std::size_t i = 0; i < telemetry::quarantine_reasons; ++i) {
        if (source.became.quarantined[i] > 0) {
            answer.quarantined_total += count_of(source.became.quarantined[i]);
            answer.quarantined[std::string(to_string(static_cast<telemetry::Quarantine>(i)))] =
                count_of(source.became.quarantined[i]);
        }
    }
    if (source.looked_at > 0) {
        const auto looked_at = static_cast<double>(source.looked_at);
        answer.estimated_share = static_cast<double>(source.estimated) / looked_at;
        answer.substituted_share = static_cast<double>(source.substituted) / looked_at;
    }
    for (const telemetry::QuarantineExample& example : source.examples) {
        answer.examples.push_back(
            {example.at, std::string(to_string(example.reason)), example.where, example.detail});
    }
    return answer;
}

std::vector<BalanceAnswer> Quality::balance_answers() const {
    std::vector<Balance> all = sweep_->balances();
    std::stable_sort(all.begin(), all.end(), [](const Balance& a, const Balance& b) {
        return std::pair(a.state, std::abs(a.busbar_kw - a.feeders_kw)) >
               std::pair(b.state, std::abs(b.busbar_kw - b.feeders_kw));
    });
    std::vector<BalanceAnswer> answers;
    for (std::size_t i = 0; i < std::min(all.size(), balances_shown); ++i) {
        const Balance& balance = all[i];
        const bool is_complete = balance.state != Balance::State::incomplete;
        answers.push_back(
            {.substation_id = parts_.network.substations()[balance.substation].id.value,
             .phase = std::string(grid::to_string(balance.phase)),
             .state = std::string(to_string(balance.state)),
             .at = balance.at,
             .busbar_kw = std::isfinite(balance.busbar_kw) ? std::optional(balance.busbar_kw) : std::nullopt,
             .feeders_kw = balance.feeders_kw,
             .difference_kw =
                 is_complete ? std::optional(balance.busbar_kw - balance.feeders_kw) : std::nullopt,
             .feeders = balance.feeders,
             .feeders_seen = balance.feeders_seen,
             .missing = balance.missing,
             .compared = count_of(balance.compared),
             .off = count_of(balance.off)});
    }
    return answers;
}

QualityAnswer Quality::summary() const {
    QualityAnswer answer{.as_of = parts_.clock.now()};
    if (links_) {
        answer.links = links_();
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t ref = 0; ref < ledger_.sources().size(); ++ref) {
        if (ledger_.sources()[ref].is_seen) {
            answer.sources.push_back(source_answer(static_cast<std::uint16_t>(ref), answer.as_of));
        }
    }
    const telemetry::IngestTotals& mixed = ledger_.mixed();
    std::uint64_t unattributed = mixed.accepted + mixed.duplicates + mixed.conflicts;
    for (const std::uint64_t count : mixed.quarantined) {
        unattributed += count;
    }
    answer.mixed_unattributed = count_of(unattributed);
    const Coverage& coverage = sweep_->coverage();
    answer.coverage = {.as_of = coverage.as_of == UtcTime{} ? std::nullopt : std::optional(coverage.as_of),
                       .feeders = count_of(coverage.feeders),
                       .fresh = count_of(coverage.fresh),
                       .stale = count_of(coverage.stale),
                       .silent = count_of(coverage.silent),
                       .points = count_of(coverage.points),
                       .points_fresh = count_of(coverage.points_fresh)};
    for (std::size_t kind = 0; kind < telemetry::finding_kinds; ++kind) {
        const telemetry::QualityLedger::KindCount& count = ledger_.kinds()[kind];
        answer.findings.push_back({std::string(to_string(static_cast<FindingKind>(kind))),
                                   count_of(count.findings), count_of(count.open), count_of(count.times)});
    }
    answer.findings_forgotten = count_of(ledger_.forgotten());
    answer.balances = balance_answers();
    answer.balances_total = static_cast<std::int64_t>(sweep_->balances().size());
    return answer;
}

Result<Page<FindingAnswer>> Quality::findings(const FindingQuery& query) const {
    std::vector<QualityFinding> wanted;
    {
        const std::lock_guard lock(mutex_);
        ledger_.visit([&](const QualityFinding& finding) {
            if (is_wanted(finding, query)) {
                wanted.push_back(finding);
            }
        });
    }
    if (query.order == FindingOrder::count) {
        std::stable_sort(wanted.begin(), wanted.end(),
                         [](const QualityFinding& a, const QualityFinding& b) { return a.count > b.count; });
    } else if (query.order == FindingOrder::place) {
        std::stable_sort(wanted.begin(), wanted.end(), [](const QualityFinding& a, const QualityFinding& b) {
            return std::tie(a.point_id, a.phase, a.kind) < std::tie(b.point_id, b.phase, b.kind);
        });
    }
    const Result<Page<QualityFinding>> part = page_of_list(std::move(wanted), query.page);
    if (!part) {
        return part.error();
    }
    Page<FindingAnswer> page{.items = {}, .next = part->next};
    for (const QualityFinding& finding : part->items) {
        page.items.push_back(finding_answer(finding));
    }
    return page;
}

std::string findings_csv(std::span<const FindingAnswer> findings) {
    std::string out = "point_id,quantity,phase,kind,source,count,first_at_utc,last_at_utc,open,detail\r\n";
    for (const FindingAnswer& finding : findings) {
        append_csv_text(out, finding.point_id);
        out += ',' + finding.quantity + ',' + finding.phase + ',' + finding.kind + ',';
        append_csv_text(out, finding.source);
        out += fmt::format(",{},{},{},{},", finding.count, format_utc(finding.first_at),
                           format_utc(finding.last_at), finding.open);
        append_csv_text(out, finding.detail);
        out += "\r\n";
    }
    return out;
}

std::string sources_csv(std::span<const SourceQualityAnswer> sources) {
    std::string out =
        "source,state,last_at_utc,accepted,duplicates,conflicts,quarantined,clock,clock_median_s\r\n";
    for (const SourceQualityAnswer& source : sources) {
        append_csv_text(out, source.source);
        out += fmt::format(
            ",{},{},{},{},{},{},{},{}\r\n", source.state, source.last_at ? format_utc(*source.last_at) : "",
            source.accepted, source.duplicates, source.conflicts, source.quarantined_total,
            source.clock.verdict, source.clock.median_s ? fmt::format("{}", *source.clock.median_s) : "");
    }
    return out;
}

}  // namespace headroom::desk
