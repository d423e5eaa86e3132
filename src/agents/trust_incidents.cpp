#include "agents/trust_monitoring.hpp"
#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "features/half_hour_ring.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t records_read_max = 10'000;

std::string silence_key(const std::string& place, const std::string& meter, trust::IncidentKind kind) {
    return place + "\n" + meter + "\n" + std::string(trust::to_string(kind));
}

/// What one watch over one channel says may be a load like no other: it is told, and not acted upon.
bool is_distrusting(trust::IncidentKind kind, const trust::Evidence& evidence, const std::string& meter) {
    return !meter.empty() && kind != trust::IncidentKind::communication &&
           evidence.layer != trust::Layer::univariate;
}

std::optional<MeterCorrection> proposal_of(const trust::CommissioningFault& fault, const std::string& meter,
                                           const std::string& incident) {
    if (fault.factor.empty() || meter.empty()) {
        return std::nullopt;
    }
    MeterCorrection correction{
        .meter = meter, .kind = fault.kind, .proposal = fault.proposal, .incident = incident};
    if (fault.factor.size() == 1) {
        correction.factor.fill(fault.factor.front());
    } else {
        std::copy_n(fault.factor.begin(), std::min<std::size_t>(3, fault.factor.size()),
                    correction.factor.begin());
    }
    for (std::size_t p = 0; fault.order.size() == 3 && p < 3; ++p) {
        correction.order[p] = static_cast<std::uint8_t>(fault.order[p]);
    }
    return correction;
}

}  // namespace

Result<void> TrustMonitoring::restore(store::Records& records) {
    for (std::string after; incidents_.size() < records_read_max;) {
        const Result<std::vector<store::Record>> page = records.list("trust_incident", after, 500);
        if (!page) {
            return page.error();
        }
        if (page->empty()) {
            break;
        }
        after = page->back().id;
        for (const store::Record& record : *page) {
            const Result<json::Value> parsed = json::parse(record.json);
            Result<TrustIncident> incident =
                parsed ? incident_from_json(*parsed) : Result<TrustIncident>(parsed.error());
            if (!incident) {
                return incident.error();
            }
            std::string id = incident->id;
            incidents_.insert_or_assign(std::move(id), std::move(*incident));
        }
    }
    forget_old();
    const Result<std::vector<store::Record>> applied = records.list_by_state("trust_correction", "applied");
    if (!applied) {
        return applied.error();
    }
    std::vector<MeterCorrection> all;
    for (const store::Record& record : *applied) {
        const Result<json::Value> parsed = json::parse(record.json);
        Result<MeterCorrection> correction =
            parsed ? correction_from_json(*parsed) : Result<MeterCorrection>(parsed.error());
        if (!correction) {
            return correction.error();
        }
        all.push_back(*correction);
        std::string id = correction->id;
        in_force_.insert_or_assign(std::move(id), std::move(*correction));
    }
    parts_.corrections.set(all);
    return {};
}

void TrustMonitoring::align_marks() {
    for (telemetry::PointRef point = 0; point < parts_.registry.size(); ++point) {
        const telemetry::PointKey& key = parts_.registry.key(point);
        if (key.quantity == grid::Quantity::p_kw && parts_.monitor.view(point).distrusted &&
            distrusts(key.point_id) == nullptr) {
            parts_.monitor.believe(point);
        }
    }
    for (const auto& [id, incident] : incidents_) {
        if (incident.is_open() && incident.is_distrusting) {
            set_mark(incident.meter, parts_.clock.now(), incident.kind);
        }
    }
}

std::vector<telemetry::PointRef> TrustMonitoring::points_of(const std::string& meter) const {
    std::vector<telemetry::PointRef> points;
    for (const grid::Phase phase : {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
        const telemetry::PointRef point = parts_.registry.find(meter, grid::Quantity::p_kw, phase);
        if (point != telemetry::no_point) {
            points.push_back(point);
        }
    }
    return points;
}

void TrustMonitoring::set_mark(const std::string& meter, UtcTime since, trust::IncidentKind kind) {
    for (const telemetry::PointRef point : points_of(meter)) {
        parts_.monitor.distrust(point, since, kind);
    }
}

/// Another open incident may keep the meter's readings apart.
void TrustMonitoring::clear_mark(const std::string& meter) {
    if (const TrustIncident* other = distrusts(meter); other != nullptr) {
        return set_mark(meter, parts_.clock.now(), other->kind);
    }
    for (const telemetry::PointRef point : points_of(meter)) {
        parts_.monitor.believe(point);
    }
}

const TrustIncident* TrustMonitoring::distrusts(const std::string& meter) const {
    for (const auto& [id, incident] : incidents_) {
        if (incident.is_open() && incident.is_distrusting && incident.meter == meter) {
            return &incident;
        }
    }
    return nullptr;
}

TrustIncident* TrustMonitoring::open_one(const std::string& place, trust::IncidentKind kind,
                                         const std::string& meter) {
    for (auto& [id, incident] : incidents_) {
        // A substation has one question of tampering open, whoever is accused; the others are by meter.
        const bool is_same_meter =
            incident.meter == meter || (kind == trust::IncidentKind::tampering && incident.place != meter &&
                                        incident.evidence.layer != trust::Layer::univariate);
        if (incident.is_open() && incident.place == place && incident.kind == kind && is_same_meter) {
            return &incident;
        }
    }
    return nullptr;
}

void TrustMonitoring::note(std::string_view type, const TrustIncident& incident, const Caller* caller) {
    json::Object body{{"incident", to_json(incident)}};
    if (caller != nullptr) {
        body.set("reason", caller->reason);
    }
    parts_.journal.note({.type = std::string(type),
                         .actor = caller != nullptr ? actor_of(*caller) : system_actor(),
                         .body = std::move(body)});
}

void TrustMonitoring::take_finding(WatchedPlace& place, UtcTime at, trust::LiveFinding finding) {
    const std::string meter = !finding.meter                          ? std::string()
                              : *finding.meter < place.feeders.size() ? place.feeders[*finding.meter]
                                                                      : place.id;
    TrustIncident* known = open_one(place.id, finding.kind, meter);
    if (finding.change == trust::IncidentChange::closed) {
        if (known != nullptr) {
            close(*known, "core", "the evidence has ended");
        }
        return;
    }
    if (known != nullptr) {
        known->last_at = at;
        if (finding.evidence.confidence > known->evidence.confidence || meter != known->meter) {
            known->evidence = std::move(finding.evidence);
        }
        if (meter != known->meter) {
            const std::string before = std::exchange(known->meter, meter);
            const bool was_distrusting =
                std::exchange(known->is_distrusting, is_distrusting(known->kind, known->evidence, meter));
            if (was_distrusting) {
                clear_mark(before);
            }
            if (known->is_distrusting) {
                set_mark(meter, known->opened_at - options_.replaced_before, known->kind);
            }
            note("trust.incident.opened", *known, nullptr);  // the record follows whom it names
        }
        return;
    }
    const auto quiet = dismissed_.find(silence_key(place.id, meter, finding.kind));
    if (quiet != dismissed_.end() && at < quiet->second) {
        return;
    }
    TrustIncident incident{.id = incident_id(at, place.id, meter, finding.kind),
                           .place = place.id,
                           .meter = meter,
                           .kind = finding.kind,
                           .evidence = std::move(finding.evidence),
                           .opened_at = at,
                           .last_at = at};
    incident.evidence.meter = meter;
    incident.is_distrusting = is_distrusting(incident.kind, incident.evidence, meter);
    if (finding.fault) {
        incident.proposal = agents::proposal_of(*finding.fault, meter, incident.id);
    }
    open(std::move(incident));
}

void TrustMonitoring::open(TrustIncident incident) {
    opened_ += 1;
    if (incident.is_distrusting) {
        set_mark(incident.meter, incident.opened_at - options_.replaced_before, incident.kind);
    }
    note("trust.incident.opened", incident, nullptr);
    log::warn("readings are in doubt", {{"incident", incident.id},
                                        {"kind", std::string(trust::to_string(incident.kind))},
                                        {"place", incident.place},
                                        {"meter", incident.meter},
                                        {"detail", incident.evidence.detail}});
    std::string id = incident.id;
    incidents_.insert_or_assign(std::move(id), std::move(incident));
    forget_old();
}

void TrustMonitoring::close(TrustIncident& incident, std::string by, std::string because) {
    incident.closed_at = parts_.clock.now();
    incident.closed_by = std::move(by);
    incident.closed_because = std::move(because);
    if (incident.is_distrusting) {
        clear_mark(incident.meter);
    }
    note("trust.incident.closed", incident, nullptr);
}

/// The layers have learnt anew, after a restart or a correction: what they do not find again is over.
void TrustMonitoring::settle_old_questions(const WatchedPlace& place, UtcTime at) {
    for (auto& [id, incident] : incidents_) {
        const bool is_renewed = at - incident.last_at < hours{2};
        const bool is_fault = incident.kind == trust::IncidentKind::commissioning;
        if (incident.is_open() && incident.event.empty() && incident.place == place.id && !is_renewed &&
            (!is_fault || place.layers->faults().empty())) {
            close(incident, "core", "the layers have learnt anew and do not find it again");
        }
    }
}

void TrustMonitoring::forget_old() {
    auto closed = static_cast<std::size_t>(std::count_if(
        incidents_.begin(), incidents_.end(), [](const auto& one) { return !one.second.is_open(); }));
    for (auto it = incidents_.begin(); it != incidents_.end() && closed > options_.incidents_kept;) {
        const bool goes = !it->second.is_open();
        closed -= goes ? 1 : 0;
        it = goes ? incidents_.erase(it) : std::next(it);
    }
}

Awaitable<Result<void>> TrustMonitoring::write(std::string type, json::Object body, const Caller& caller) {
    body.set("reason", caller.reason);
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = std::move(type), .actor = actor_of(caller), .body = std::move(body)});
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(drafts));
    co_return committed ? Result<void>{} : Result<void>(committed.error());
}

Awaitable<Result<TrustIncident>> TrustMonitoring::dismiss(std::string id, Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    const auto found = incidents_.find(id);
    if (found == incidents_.end()) {
        co_return Error{Errc::not_found, "no trust incident " + id};
    }
    if (!found->second.is_open()) {
        co_return Error{Errc::conflict, "incident " + id + " is over already"};
    }
    TrustIncident after = found->second;
    after.closed_at = parts_.clock.now();
    after.closed_by = caller.id;
    after.closed_because = caller.reason;
    const Result<void> written =
        co_await write("trust.incident.closed", json::Object{{"incident", to_json(after)}}, caller);
    if (!written) {
        co_return written.error();
    }
    const auto still = incidents_.find(id);
    if (still != incidents_.end()) {
        still->second = after;
    }
    dismissed_[silence_key(after.place, after.meter, after.kind)] =
        parts_.clock.now() + options_.peace_after_dismissal;
    if (after.is_distrusting) {
        clear_mark(after.meter);
    }
    if (dismissed_hook_) {
        dismissed_hook_(after);
    }
    co_return after;
}

bool TrustMonitoring::doubt_delivery(const std::string& event, const std::string& place,
                                     const std::string& meter, trust::IncidentKind kind,
                                     const trust::Evidence& evidence) {
    for (const auto& [id, incident] : incidents_) {
        if (incident.event == event && incident.meter == meter && incident.kind == kind) {
            return incident.is_open();
        }
    }
    const UtcTime now = parts_.clock.now();
    TrustIncident incident{.id = incident_id(now, event, meter, kind),
                           .place = place,
                           .meter = meter,
                           .kind = kind,
                           .evidence = evidence,
                           .opened_at = now,
                           .last_at = now};
    incident.event = event;
    open(std::move(incident));
    return true;
}

Result<MeterCorrection> TrustMonitoring::proposal_of(const std::string& incident) const {
    const auto found = incidents_.find(incident);
    if (found == incidents_.end()) {
        return Error{Errc::not_found, "no trust incident " + incident, "/incident"};
    }
    if (!found->second.is_open() || !found->second.proposal) {
        return Error{Errc::conflict,
                     "incident " + incident +
                         (found->second.is_open() ? " proposes no correction" : " is over already"),
                     "/incident"};
    }
    return *found->second.proposal;
}

Result<void> TrustMonitoring::check(const MeterCorrection& correction) const {
    if (parts_.network.feeder(correction.meter) == nullptr &&
        parts_.network.substation(correction.meter) == nullptr) {
        return Error{Errc::not_found, "no feeder or substation " + correction.meter, "/meter"};
    }
    if (!correction.changes_anything()) {
        return Error{Errc::invalid, "a correction that changes nothing", "/factor"};
    }
    for (const auto& [id, known] : in_force_) {
        if (known.meter == correction.meter) {
            return Error{Errc::conflict,
                         correction.meter + " has correction " + id + "; revert it before another is applied",
                         "/meter"};
        }
    }
    return {};
}

/// Mapped from the next batch on; the half-hours that forecasts are made from are mapped at once.
void TrustMonitoring::take_force(const MeterCorrection& mapping) {
    std::vector<MeterCorrection> all;
    for (const auto& [id, correction] : in_force_) {
        all.push_back(correction);
    }
    parts_.corrections.set(all);
    constexpr auto kept = static_cast<std::int64_t>(features::half_hours_kept);
    const UtcTime start = floor_period(parts_.clock.now()) - period_length * kept;
    const auto point = [&](grid::Phase phase) {
        return parts_.registry.find(mapping.meter, grid::Quantity::p_kw, phase);
    };
    std::array<store::SeriesBlock, 4> blocks;
    for (store::SeriesBlock& block : blocks) {
        block.start = start;
        block.step = period_length;
    }
    const bool is_same = mapping.factor[0] == mapping.factor[1] && mapping.factor[1] == mapping.factor[2];
    for (std::int64_t i = 0; i < kept; ++i) {
        const UtcTime period = start + period_length * i;
        std::array<double, 3> kw{};
        for (std::size_t p = 0; p < 3; ++p) {
            const telemetry::PointRef ref = point(three_phases[p]);
            kw[p] = ref == telemetry::no_point ? std::nan("") : parts_.monitor.period_mean_kw(ref, period);
        }
        const std::array<double, 3> mapped = corrected(mapping, kw);
        for (std::size_t p = 0; p < 3; ++p) {
            blocks[p].values.push_back(static_cast<float>(mapped[p]));
        }
        const telemetry::PointRef sum = point(grid::Phase::sum);
        const double whole =
            sum == telemetry::no_point ? std::nan("") : parts_.monitor.period_mean_kw(sum, period);
        blocks[3].values.push_back(static_cast<float>(is_same ? mapping.factor[0] * whole : std::nan("")));
    }
    for (std::size_t p = 0; p < 4; ++p) {
        const telemetry::PointRef ref = point(p < 3 ? three_phases[p] : grid::Phase::sum);
        if (ref != telemetry::no_point) {
            parts_.monitor.warm(ref, blocks[p]);
        }
    }
    clear_mark(mapping.meter);
    // What was learnt of the place was learnt of other readings.
    for (WatchedPlace& place : places_) {
        const bool is_here =
            place.id == mapping.meter ||
            std::find(place.feeders.begin(), place.feeders.end(), mapping.meter) != place.feeders.end();
        if (is_here) {
            place.layers.reset();
            place.alone.clear();
        }
    }
}

Awaitable<Result<MeterCorrection>> TrustMonitoring::apply(MeterCorrection correction, Caller caller) {
    const Result<void> possible = caller.reason.empty()
                                      ? Result<void>(Error{Errc::invalid, "a reason is needed", "/reason"})
                                      : check(correction);
    if (!possible) {
        co_return possible.error();
    }
    if (!being_corrected_.insert(correction.meter).second) {
        co_return Error{Errc::conflict, "another correction of " + correction.meter + " is on its way",
                        "/meter"};
    }
    correction.applied_at = parts_.clock.now();
    correction.applied_by = caller.id;
    correction.reason = caller.reason;
    correction.id =
        "C-" + sha256_hex(correction.meter + "\n" + format_utc(correction.applied_at)).substr(0, 12);
    const Result<void> written =
        co_await write("trust.correction.applied",
                       json::Object{{"id", correction.id}, {"correction", to_json(correction)}}, caller);
    being_corrected_.erase(correction.meter);
    if (!written) {
        co_return written.error();
    }
    in_force_.insert_or_assign(correction.id, correction);
    take_force(correction);
    for (auto& [id, incident] : incidents_) {
        const bool is_answered = incident.is_open() && incident.meter == correction.meter &&
                                 (incident.kind == trust::IncidentKind::commissioning ||
                                  incident.kind == trust::IncidentKind::tampering);
        if (is_answered) {
            close(incident, caller.id, "correction " + correction.id + " was applied");
        }
    }
    co_return correction;
}

Awaitable<Result<MeterCorrection>> TrustMonitoring::revert(std::string id, Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    const auto found = in_force_.find(id);
    if (found == in_force_.end()) {
        co_return Error{Errc::not_found, "no correction " + id + " is in force"};
    }
    const MeterCorrection correction = found->second;
    const Result<void> written =
        co_await write("trust.correction.reverted",
                       json::Object{{"id", correction.id}, {"correction", to_json(correction)}}, caller);
    if (!written) {
        co_return written.error();
    }
    if (in_force_.erase(id) > 0) {
        take_force(correction.inverse());
    }
    co_return correction;
}

}  // namespace headroom::agents
