#include "agents/trust_monitoring.hpp"

#include "features/half_hour_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace headroom::agents {
namespace {

/// An empty stretch longer than this is no longer stepped through slot by slot; the time of day is kept.
constexpr std::size_t gap_days = 2;
/// Half-hours ahead at which an outlook is taken: what a lie shifts now has not reached it.
constexpr std::size_t outlook_lead = 4;
constexpr std::size_t p05 = 0;
constexpr std::size_t p50 = forecast::quantile_count / 2;
constexpr std::size_t p95 = forecast::quantile_count - 1;

double kw_of(std::int32_t watts) {
    return static_cast<double>(watts) / 1000.0;
}

}  // namespace

TrustMonitoring::TrustMonitoring(Parts parts, TrustOptions options)
    : parts_(std::move(parts)), options_(options) {
    rebuild();
}

void TrustMonitoring::rebuild() {
    std::vector<WatchedPlace> now = watched_places(parts_.network, options_.feeders_max);
    std::unordered_map<std::string_view, WatchedPlace*> before;
    for (WatchedPlace& place : places_) {
        before.emplace(place.id, &place);
    }
    for (WatchedPlace& place : now) {
        const auto known = before.find(place.id);
        if (known != before.end() && known->second->feeders == place.feeders &&
            known->second->is_substation == place.is_substation) {
            place = std::move(*known->second);
        }
    }
    places_ = std::move(now);
    next_ = 0;
    const std::size_t feeders = parts_.network.feeders().size();
    not_watched_ = feeders > options_.feeders_max ? feeders - options_.feeders_max : 0;
}

void TrustMonitoring::tick() {
    newest_ = parts_.clock.now();
    std::size_t looked_at = 0;
    for (std::size_t i = 0; i < places_.size() && looked_at < options_.points_a_tick; ++i) {
        next_ = next_ < places_.size() ? next_ : 0;
        WatchedPlace& place = places_[next_++];
        look_at(place);
        // A place that waits is asked for every phase of its meters.
        looked_at += place.gatherer ? place.points.size() : 4 * (place.feeders.size() + 1);
    }
}

void TrustMonitoring::look_at(WatchedPlace& place) {
    if (place.gatherer == nullptr && !find_points(place, parts_.registry, parts_.monitor)) {
        return;
    }
    // The busbar may begin to be read later.
    if (place.is_substation && !place.has_busbar) {
        const telemetry::PointRef busbar =
            parts_.registry.find(place.id, grid::Quantity::p_kw, grid::Phase::sum);
        const telemetry::PointRef phase =
            parts_.registry.find(place.id, grid::Quantity::p_kw, grid::Phase::l1);
        const auto is_read = [this](telemetry::PointRef point) {
            return point != telemetry::no_point && parts_.monitor.view(point).readings > 0;
        };
        if (is_read(busbar) || is_read(phase)) {
            place.alone.clear();
            place.gatherer.reset();
            return;
        }
    }
    parts_.monitor.views(place.points, place.views);
    const std::optional<SlotGatherer::Slot> slot = place.gatherer->look(place.views);
    if (slot) {
        take_slot(place, *slot);
    }
}

void TrustMonitoring::begin_layers(WatchedPlace& place) {
    trust::LiveRules rules;
    rules.slots = static_cast<std::size_t>(milliseconds{hours{24}} / place.gatherer->slot());
    if (place.has_busbar) {
        // An hour, at least three slots.
        const auto an_hour = static_cast<std::uint32_t>(std::max<std::size_t>(rules.slots / 24, 3));
        rules.incident.clear = an_hour;
        rules.incident.refractory = an_hour;
        rules.explain_after = std::max<std::size_t>(rules.explain_after, an_hour);
        place.layers = std::make_unique<trust::LiveSubstation>(place.feeders, place.phases, rules);
        return;
    }
    trust::UnivariateRules alone;
    alone.day = rules.slots;
    alone.fast = std::max<std::size_t>(rules.slots / 12, 2);
    alone.refractory = rules.slots;
    alone.warm_up = 2 * rules.slots;
    place.alone.assign(place.points.size(), trust::UnivariateWatch(alone));
}

void TrustMonitoring::take_slot(WatchedPlace& place, const SlotGatherer::Slot& slot) {
    if (place.layers == nullptr && place.alone.empty()) {
        begin_layers(place);
    }
    place.last_slot = slot.start;
    slots_ += 1;
    if (!place.layers) {
        return take_alone(place, slot.start, slot.kw);
    }
    const auto day = static_cast<std::size_t>(milliseconds{hours{24}} / place.gatherer->slot());
    const std::size_t gap = slot.missed <= gap_days * day ? slot.missed : slot.missed % day;
    const std::vector<double> nothing(slot.kw.size(), std::nan(""));
    for (std::size_t i = 0; i < gap; ++i) {
        const auto before = static_cast<std::int64_t>(gap - i);
        take_substation(place, slot.start - place.gatherer->slot() * before, nothing);
    }
    take_substation(place, slot.start, slot.kw);
}

void TrustMonitoring::take_substation(WatchedPlace& place, UtcTime at, const std::vector<double>& kw) {
    const std::span<const double> all(kw);
    const std::size_t feeders = place.feeders.size() * place.phases;
    const std::vector<trust::Outlook> expected = outlooks(place, at);
    for (trust::LiveFinding& finding :
         place.layers->take(all.subspan(feeders), all.first(feeders), expected)) {
        take_finding(place, at, std::move(finding));
    }
    if (place.layers->seen() == place.layers->warm_up()) {
        settle_old_questions(place, at);
    }
}

/// Nothing to compare with: an unusual reading is told, and goes on being believed.
void TrustMonitoring::take_alone(WatchedPlace& place, UtcTime at, const std::vector<double>& kw) {
    for (std::size_t f = 0; f < kw.size(); ++f) {
        if (!std::isfinite(kw[f])) {
            continue;
        }
        trust::UnivariateWatch& watch = place.alone[f];
        const double score = watch.take(kw[f]);
        const bool is_alarm = score > watch.threshold();
        trust::LiveFinding finding{.kind = trust::IncidentKind::tampering, .meter = f};
        TrustIncident* const known = open_one(place.id, finding.kind, place.feeders[f]);
        if (is_alarm && known == nullptr) {
            finding.change = trust::IncidentChange::opened;
            const double ratio = score / std::max(1.0 - score, 1e-6);
            finding.evidence = {.layer = trust::Layer::univariate,
                                .meter = place.feeders[f],
                                .statistic = ratio,
                                .threshold = watch.threshold() / (1.0 - watch.threshold()),
                                .confidence = trust::confidence_of(score, watch.threshold()),
                                .detail = fmt::format(
                                    "{} reads {:.1f} kW: {:.2f} times its largest departure so far; nothing "
                                    "else is metered there to compare with",
                                    place.feeders[f], kw[f], ratio)};
            take_finding(place, at, std::move(finding));
        } else if (known != nullptr && at - known->last_at > hours{1}) {
            finding.change = trust::IncidentChange::closed;
            take_finding(place, at, std::move(finding));
        }
    }
}

/// What had been expected of each feeder two hours before; a lie that lowers the load has not bent it.
std::vector<trust::Outlook> TrustMonitoring::outlooks(const WatchedPlace& place, UtcTime at) {
    std::vector<trust::Outlook> out(place.feeders.size());
    const std::int64_t period = features::period_index(at);
    for (std::size_t f = 0; f < place.feeders.size(); ++f) {
        const std::string& feeder = place.feeders[f];
        const telemetry::PointRef point =
            parts_.registry.find(feeder, grid::Quantity::p_kw, grid::Phase::sum);
        if (point == telemetry::no_point) {
            continue;
        }
        const monitor::PointView view = parts_.monitor.view(point);
        if (!(view.limit_kw > 0.0)) {
            continue;
        }
        std::array<Expected, 8>& ring = expected_[feeder];
        const std::int64_t ahead = period + static_cast<std::int64_t>(outlook_lead);
        Expected& next = ring[static_cast<std::size_t>(ahead) % ring.size()];
        if (next.period != ahead) {
            const std::optional<forecast::LoadForecast> load = parts_.monitor.forecast(point);
            const std::int64_t row = load ? ahead - features::period_index(load->start) : -1;
            if (row >= 0 && row < static_cast<std::int64_t>(load->load_w.size())) {
                const forecast::QuantileRow& load_w = load->load_w[static_cast<std::size_t>(row)];
                next = {ahead,
                        {.p05_kw = kw_of(load_w[p05]),
                         .p50_kw = kw_of(load_w[p50]),
                         .p95_kw = kw_of(load_w[p95]),
                         .limit_kw = view.limit_kw}};
            }
        }
        if (const Expected& now = ring[static_cast<std::size_t>(period) % ring.size()];
            now.period == period) {
            out[f] = now.outlook;
            out[f].is_relieved = parts_.is_relieved && parts_.is_relieved(feeder);
        }
    }
    return out;
}

std::optional<std::string> TrustMonitoring::doubt_of(const std::string& feeder) const {
    const grid::Feeder* known = parts_.network.feeder(feeder);
    if (known == nullptr) {
        return std::nullopt;
    }
    for (const auto& [id, incident] : incidents_) {
        const bool is_open_question = incident.is_open() && incident.kind == trust::IncidentKind::tampering &&
                                      incident.meter.empty() && incident.place == known->parent;
        if (is_open_question) {
            return "at " + incident.place + " readings contradict each other and no meter can be named (" +
                   id + ")";
        }
    }
    return std::nullopt;
}

AgentStatus TrustMonitoring::status() const {
    std::int64_t watching = 0;
    std::int64_t learning = 0;
    for (const WatchedPlace& place : places_) {
        watching += place.state() == WatchState::watching ? 1 : 0;
        learning += place.state() == WatchState::learning ? 1 : 0;
    }
    const auto is_open = [](const auto& one) { return one.second.is_open(); };
    return {.name = "trust_monitoring",
            .status = slots_ == 0 ? "initializing" : "active",
            .last_updated = newest_,
            .metrics =
                json::Object{{"slots", slots_},
                             {"places_watching", watching},
                             {"places_learning", learning},
                             {"incidents_open", std::count_if(incidents_.begin(), incidents_.end(), is_open)},
                             {"incidents_opened", opened_},
                             {"corrections", static_cast<std::int64_t>(in_force_.size())}}};
}

}  // namespace headroom::agents
