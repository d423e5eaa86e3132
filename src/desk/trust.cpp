#include "desk/trust.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

bool is_wanted(const agents::TrustIncident& incident, const IncidentQuery& query) {
    return (query.place.empty() || incident.place == query.place || incident.meter == query.place) &&
           (!query.kind || incident.kind == *query.kind) && (!query.open_only || incident.is_open());
}

}  // namespace

CorrectionAnswer correction_answer(const agents::MeterCorrection& correction) {
    CorrectionAnswer answer{.correction_id = correction.id,
                            .meter = correction.meter,
                            .kind = std::string(trust::to_string(correction.kind)),
                            .factor = {correction.factor.begin(), correction.factor.end()},
                            .proposal = correction.proposal,
                            .incident_id = correction.incident,
                            .applied_by = correction.applied_by,
                            .reason = correction.reason};
    for (const std::uint8_t from : correction.order) {
        answer.order.push_back(from + 1);
    }
    if (correction.applied_at != UtcTime{}) {
        answer.applied_at = correction.applied_at;
    }
    return answer;
}

IncidentAnswer incident_answer(const agents::TrustIncident& incident) {
    IncidentAnswer answer{.incident_id = incident.id,
                          .kind = std::string(trust::to_string(incident.kind)),
                          .place = incident.place,
                          .meter = incident.meter,
                          .layer = std::string(trust::to_string(incident.evidence.layer)),
                          .confidence = incident.evidence.confidence,
                          .statistic = incident.evidence.statistic,
                          .threshold = incident.evidence.threshold,
                          .evidence = incident.evidence.detail,
                          .open = incident.is_open(),
                          .distrusting = incident.is_open() && incident.is_distrusting,
                          .opened_at = incident.opened_at,
                          .last_at = incident.last_at,
                          .closed_at = incident.closed_at,
                          .closed_by = incident.closed_by,
                          .closed_because = incident.closed_because};
    if (incident.proposal) {
        answer.proposal = correction_answer(*incident.proposal);
    }
    answer.event_id = incident.event;
    return answer;
}

Result<TrustAnswer> trust_answer(const agents::TrustMonitoring& trust, UtcTime now,
                                 const IncidentQuery& query) {
    TrustAnswer answer{.as_of = now};
    std::array<KindCountAnswer, trust::incident_kinds> kinds;
    std::vector<const agents::TrustIncident*> wanted;
    for (const auto& [id, incident] : trust.incidents()) {
        KindCountAnswer& count = kinds[static_cast<std::size_t>(incident.kind)];
        (incident.is_open() ? count.open : count.closed) += 1;
        if (is_wanted(incident, query)) {
            wanted.push_back(&incident);
        }
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        kinds[i].kind = trust::to_string(static_cast<trust::IncidentKind>(i));
        answer.kinds.push_back(kinds[i]);
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto* a, const auto* b) {
        return std::pair(a->is_open(), a->opened_at) > std::pair(b->is_open(), b->opened_at);
    });
    Result<Page<const agents::TrustIncident*>> page = page_of_list(std::move(wanted), query.page);
    if (!page) {
        return page.error();
    }
    for (const agents::TrustIncident* incident : page->items) {
        answer.incidents.push_back(incident_answer(*incident));
    }
    answer.next_cursor = page->next;
    for (const agents::WatchedPlace& place : trust.places()) {
        const agents::WatchState state = place.state();
        (state == agents::WatchState::watching   ? answer.places_watching
         : state == agents::WatchState::learning ? answer.places_learning
                                                 : answer.places_waiting) += 1;
    }
    answer.feeders_not_watched = static_cast<std::int64_t>(trust.feeders_not_watched());
    for (const auto& [id, correction] : trust.corrections()) {
        answer.corrections.push_back(correction_answer(correction));
    }
    return answer;
}

Result<Page<TrustPlaceAnswer>> trust_places(const agents::TrustMonitoring& trust, const PageRequest& page) {
    std::map<std::string, std::int64_t> open;
    for (const auto& [id, incident] : trust.incidents()) {
        open[incident.place] += incident.is_open() ? 1 : 0;
    }
    std::vector<const agents::WatchedPlace*> all;
    for (const agents::WatchedPlace& place : trust.places()) {
        all.push_back(&place);
    }
    Result<Page<const agents::WatchedPlace*>> part = page_of_list(std::move(all), page);
    if (!part) {
        return part.error();
    }
    Page<TrustPlaceAnswer> out;
    out.next = part->next;
    for (const agents::WatchedPlace* place : part->items) {
        TrustPlaceAnswer answer{.place = place->id,
                                .state = std::string(agents::to_string(place->state())),
                                .how = place->layers          ? "balance"
                                       : place->alone.empty() ? "none"
                                                              : "alone",
                                .feeders = static_cast<std::int64_t>(place->feeders.size()),
                                .incidents_open = open[place->id]};
        if (place->warm_up() > 0) {
            answer.learnt =
                std::min(1.0, static_cast<double>(place->seen()) / static_cast<double>(place->warm_up()));
        }
        if (place->gatherer) {
            answer.slot_min = static_cast<double>(place->gatherer->slot().count()) / 60'000.0;
        }
        if (place->last_slot != UtcTime{}) {
            answer.last_slot_at = place->last_slot;
        }
        if (place->layers) {
            answer.accuracy_factor = place->layers->accuracy_factor();
        }
        out.items.push_back(std::move(answer));
    }
    return out;
}

Result<IncidentAnswer> trust_incident(const agents::TrustMonitoring& trust, const std::string& id) {
    const auto found = trust.incidents().find(id);
    if (found == trust.incidents().end()) {
        return Error{Errc::not_found, "no trust incident " + id};
    }
    return incident_answer(found->second);
}

}  // namespace headroom::desk
