// What lies at a feeder: its limits, points and resources; and the substations above.

#include "desk/amounts.hpp"
#include "desk/event_detail.hpp"
#include "desk/feeder_words.hpp"
#include "desk/feeders.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {

Result<FeederPartsAnswer> FeederDesk::parts_of(std::string_view id) const {
    if (!index_of_.contains(id)) {
        return Error{Errc::not_found, "no feeder " + std::string(id)};
    }
    FeederPartsAnswer out;
    for (const grid::Limit* limit : parts_.network.limits_of(id)) {
        out.limits.push_back(to_answer(*limit));
    }
    for (const grid::Phase phase : shown_phases) {
        const telemetry::PointRef point = parts_.registry.find(id, grid::Quantity::p_kw, phase);
        if (point != telemetry::no_point) {
            out.points.push_back(point_answer(point));
        }
    }
    for (const grid::Der* der : parts_.network.ders_on(id)) {
        const telemetry::PointRef point =
            parts_.registry.find(der->id.value, grid::Quantity::p_kw, grid::Phase::sum);
        out.ders.push_back({.der_id = der->id.value,
                            .name = der->name,
                            .der_class = std::string(grid::to_string(der->der_class)),
                            .phase = std::string(grid::to_string(der->phase)),
                            .turn_down_max_kw = kw_of(der->turn_down_max),
                            .turn_up_max_kw = kw_of(der->turn_up_max),
                            .energy_kwh = positive(kwh_of(der->energy.value)),
                            .load_kw = point == telemetry::no_point
                                           ? std::nullopt
                                           : known_kw(parts_.monitor.view(point).load_kw)});
    }
    std::vector<std::pair<UtcTime, std::string>> events;
    parts_.orchestration.visit([&](const agents::EventRecord& record) {
        if (record.overload.feeder == id) {
            events.emplace_back(record.overload.detected_at, record.id().value);
        }
    });
    std::sort(events.rbegin(), events.rend());
    for (auto& [at, event] : events) {
        out.events.push_back(std::move(event));
    }
    return out;
}

Result<Page<SubstationAnswer>> FeederDesk::substations(const PageRequest& request) const {
    const std::vector<grid::Substation>& all = parts_.network.substations();
    const std::optional<std::uint64_t> begin =
        request.cursor.empty() ? std::optional<std::uint64_t>(0) : number_of(request.cursor);
    if (!begin || *begin > all.size()) {
        return bad_cursor();
    }
    Page<SubstationAnswer> page;
    std::size_t position = *begin;
    for (; position < all.size() && page.items.size() < request.limit; ++position) {
        const grid::Substation& substation = all[position];
        page.items.push_back({.substation_id = substation.id.value,
                              .name = substation.name,
                              .kind = substation.kind,
                              .parent_id = substation.parent,
                              .lat = substation.lat,
                              .lon = substation.lon,
                              .rating_kw = positive(substation.rating.value)});
    }
    if (position < all.size()) {
        page.next = std::to_string(position);
    }
    return page;
}

PointAnswer FeederDesk::point_answer(telemetry::PointRef point) const {
    const telemetry::PointKey& key = parts_.registry.key(point);
    const monitor::PointView view = parts_.monitor.view(point);
    PointAnswer out{.point_id = key.text(),
                    .quantity = std::string(grid::to_string(key.quantity)),
                    .phase = std::string(grid::to_string(key.phase)),
                    .load_kw = known_kw(view.load_kw),
                    .limit_kw = known_kw(view.limit_kw),
                    .readings = static_cast<std::int64_t>(view.readings)};
    (parts_.network.der(key.point_id) != nullptr ? out.der_id : out.feeder_id) = key.point_id;
    if (out.load_kw) {
        out.at = view.at;
        out.quality = telemetry::to_string(view.quality);
        out.source = parts_.registry.source(view.source);
    }
    return out;
}

Result<Page<PointAnswer>> FeederDesk::points(const std::string& feeder, const PageRequest& request) const {
    const std::optional<std::uint64_t> begin =
        request.cursor.empty() ? std::optional<std::uint64_t>(0) : number_of(request.cursor);
    std::vector<telemetry::PointRef> chosen;
    if (!feeder.empty()) {
        if (!index_of_.contains(feeder)) {
            return Error{Errc::not_found, "no feeder " + feeder};
        }
        std::vector<std::string> places{feeder};
        for (const grid::Der* der : parts_.network.ders_on(feeder)) {
            places.push_back(der->id.value);
        }
        for (const std::string& place : places) {
            for (const grid::Phase phase : shown_phases) {
                const telemetry::PointRef point = parts_.registry.find(place, grid::Quantity::p_kw, phase);
                if (point != telemetry::no_point) {
                    chosen.push_back(point);
                }
            }
        }
    }
    const std::size_t total = feeder.empty() ? parts_.registry.size() : chosen.size();
    if (!begin || *begin > total) {
        return bad_cursor();
    }
    Page<PointAnswer> page;
    std::size_t position = *begin;
    for (; position < total && page.items.size() < request.limit; ++position) {
        page.items.push_back(
            point_answer(feeder.empty() ? static_cast<telemetry::PointRef>(position) : chosen[position]));
    }
    if (position < total) {
        page.next = std::to_string(position);
    }
    return page;
}

}  // namespace headroom::desk
