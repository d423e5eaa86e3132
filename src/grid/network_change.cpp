#include "grid/network_change.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace headroom::grid {
namespace {

bool is_same(const Substation& a, const Substation& b) {
    return std::tie(a.parent, a.name, a.kind, a.lat, a.lon, a.rating, a.source_ref) ==
           std::tie(b.parent, b.name, b.kind, b.lat, b.lon, b.rating, b.source_ref);
}

bool is_same(const Feeder& a, const Feeder& b) {
    return std::tie(a.parent, a.name, a.kind, a.lat, a.lon, a.rating, a.source_ref, a.level) ==
           std::tie(b.parent, b.name, b.kind, b.lat, b.lon, b.rating, b.source_ref, b.level);
}

bool is_same(const Der& a, const Der& b) {
    const auto place = [](const Der& der) {
        return std::tie(der.name, der.der_class, der.feeder, der.phase, der.phase_confidence_pct, der.lat,
                        der.lon, der.source_ref);
    };
    const auto ability = [](const Der& der) {
        return std::tie(der.turn_down_max, der.turn_up_max, der.energy, der.notice, der.ramp_w_per_s,
                        der.programme);
    };
    return place(a) == place(b) && ability(a) == ability(b);
}

bool is_same(const Tie& a, const Tie& b) {
    // Which end is named first makes no difference.
    const auto ends = [](const Tie& tie) { return std::minmax(tie.ends[0], tie.ends[1]); };
    return ends(a) == ends(b) &&
           std::tie(a.name, a.rating, a.switching, a.is_remote, a.lat, a.lon, a.source_ref) ==
               std::tie(b.name, b.rating, b.switching, b.is_remote, b.lat, b.lon, b.source_ref);
}

/// The elements of one kind. `find` looks an id up in the other network.
template <class Elements, class Find, class FindBack>
void compare(const Elements& from, const Elements& to, Find find_in_to, FindBack find_in_from,
             NetworkChange& change) {
    for (const auto& element : from) {
        const auto* now = find_in_to(element.id.value);
        if (now == nullptr) {
            change.removed.push_back(element.id.value);
        } else if (!is_same(element, *now)) {
            change.changed.push_back(element.id.value);
        }
    }
    for (const auto& element : to) {
        if (find_in_from(element.id.value) == nullptr) {
            change.added.push_back(element.id.value);
        }
    }
}

/// Of one asset, in an order of their own.
std::vector<Limit> sorted_limits(const Network& network, const std::string& asset) {
    std::vector<Limit> limits;
    for (const Limit* limit : network.limits_of(asset)) {
        limits.push_back(*limit);
    }
    const auto rank = [](const Limit& limit) {
        return std::tuple(limit.key(), limit.season, limit.emergency_minutes);
    };
    std::sort(limits.begin(), limits.end(),
              [&](const Limit& a, const Limit& b) { return rank(a) < rank(b); });
    return limits;
}

template <class Elements, class Find>
void compare_limits(const Network& from, const Network& to, const Elements& elements, Find find_in_to,
                    NetworkChange& change) {
    for (const auto& element : elements) {
        const std::string& id = element.id.value;
        if (find_in_to(id) != nullptr && sorted_limits(from, id) != sorted_limits(to, id)) {
            change.limits_changed.push_back(id);
        }
    }
}

}  // namespace

NetworkChange change_between(const Network& from, const Network& to) {
    NetworkChange change;
    const auto substation = [](const Network& network) {
        return [&network](const std::string& id) { return network.substation(id); };
    };
    const auto feeder = [](const Network& network) {
        return [&network](const std::string& id) { return network.feeder(id); };
    };
    const auto der = [](const Network& network) {
        return [&network](const std::string& id) { return network.der(id); };
    };
    const auto tie = [](const Network& network) {
        return [&network](const std::string& id) { return network.tie(id); };
    };
    compare(from.substations(), to.substations(), substation(to), substation(from), change);
    compare(from.feeders(), to.feeders(), feeder(to), feeder(from), change);
    compare(from.ders(), to.ders(), der(to), der(from), change);
    compare(from.ties(), to.ties(), tie(to), tie(from), change);
    compare_limits(from, to, from.substations(), substation(to), change);
    compare_limits(from, to, from.feeders(), feeder(to), change);
    for (std::vector<std::string>* ids :
         {&change.added, &change.removed, &change.changed, &change.limits_changed}) {
        std::sort(ids->begin(), ids->end());
    }
    return change;
}

}  // namespace headroom::grid
