#include "contingency/shelf_network.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace headroom::contingency {
namespace {

std::int64_t watts_of(double kw) {
    return std::llround(kw * 1000.0);
}

/// The place of a limit's phase; nothing for what the shelf does not look at.
bool is_looked_at(const grid::Limit& limit, grid::Season season) {
    return limit.quantity == grid::Quantity::p_kw && limit.direction == grid::Direction::import_ &&
           limit.phase != grid::Phase::n && (limit.season == grid::Season::all || limit.season == season);
}

/// Of several the tightest counts, as in the monitor.
void take_tightest(std::int64_t& kept, std::int64_t found) {
    kept = kept == 0 ? found : std::min(kept, found);
}

void take_limit(PhaseLimits& at, const grid::Limit& limit, std::size_t position) {
    const std::int64_t value_w = watts_of(limit.value);
    if (limit.kind == grid::LimitKind::emergency) {
        // Of several the one that may be used longest.
        if (limit.emergency_minutes > at.emergency_minutes) {
            at.emergency_w = value_w;
            at.emergency_minutes = limit.emergency_minutes;
        }
        return;
    }
    if (limit.kind == grid::LimitKind::continuous) {
        take_tightest(at.continuous_w, value_w);
    } else if (limit.kind == grid::LimitKind::cyclic) {
        take_tightest(at.cyclic_w, value_w);
    }
    if (at.binding_w == 0 || value_w < at.binding_w) {
        at.binding_w = value_w;
        at.binding_kind = limit.kind;
        at.is_verified = limit.is_verified();
        at.position = position;
    }
}

}  // namespace

std::size_t phase_place(grid::Phase phase) {
    switch (phase) {
        case grid::Phase::l1:
            return 0;
        case grid::Phase::l2:
            return 1;
        case grid::Phase::l3:
            return 2;
        case grid::Phase::sum:
            return phase_sum;
        case grid::Phase::n:
            break;
    }
    HEADROOM_ASSERT(false && "the neutral is no phase of a load");
    return phase_sum;
}

grid::Phase phase_at(std::size_t place) {
    return place < phase_sum ? grid::live_phases[place] : grid::Phase::sum;
}

bool ShelfNetwork::Element::has_limit() const {
    return std::any_of(limits.begin(), limits.end(),
                       [](const PhaseLimits& limit) { return limit.binding_w > 0; });
}

ShelfNetwork::ShelfNetwork(const grid::Network& network, grid::Season season)
    : network_(network), season_(season) {
    elements_.reserve(network.substations().size() + network.feeders().size());
    by_id_.reserve(elements_.capacity());
    std::vector<std::string_view> parents;
    const auto add = [&](std::string_view id, std::string_view name, std::string_view parent,
                         bool is_feeder) {
        by_id_.emplace(id, elements_.size());
        Element element;
        element.id = id;
        element.name = name;
        element.is_feeder = is_feeder;
        elements_.push_back(std::move(element));
        parents.push_back(parent);
    };
    for (const grid::Substation& station : network.substations()) {
        add(station.id.value, station.name, station.parent, false);
    }
    for (const grid::Feeder& feeder : network.feeders()) {
        add(feeder.id.value, feeder.name, feeder.parent, true);
    }
    for (std::size_t i = 0; i < elements_.size(); ++i) {
        if (const std::size_t parent = find(parents[i]); parent != none) {
            elements_[i].parent = parent;
            elements_[parent].children.push_back(i);
        }
    }
    for (const grid::Tie& tie : network.ties()) {
        TieEdge edge{.id = tie.id.value,
                     .name = tie.name,
                     .ends = {find(tie.ends[0]), find(tie.ends[1])},
                     .rating_w = watts_of(tie.rating.value),
                     .minutes = tie.switching.count(),
                     .is_remote = tie.is_remote};
        for (const std::size_t end : edge.ends) {
            elements_[end].ties.push_back(ties_.size());
        }
        ties_.push_back(edge);
    }
    read_limits();
    number_walk();
}

void ShelfNetwork::read_limits() {
    const std::vector<grid::Limit>& limits = network_.limits();
    for (std::size_t position = 0; position < limits.size(); ++position) {
        const std::size_t element = find(limits[position].asset);
        if (element != none && is_looked_at(limits[position], season_)) {
            take_limit(elements_[element].limits[phase_place(limits[position].phase)], limits[position],
                       position);
        }
    }
    // A transformer's rating stands on its plate: nobody verified that it holds here.
    for (const grid::Substation& station : network_.substations()) {
        Element& element = elements_[find(station.id.value)];
        if (!element.has_limit() && station.rating.value > 0.0) {
            PhaseLimits& sum = element.limits[phase_sum];
            sum.binding_w = watts_of(station.rating.value);
            sum.continuous_w = sum.binding_w;
            sum.is_nameplate = true;
        }
    }
}

void ShelfNetwork::number_walk() {
    walk_.reserve(elements_.size());
    std::vector<std::size_t> open;
    for (std::size_t top = elements_.size(); top-- > 0;) {
        if (elements_[top].parent == none) {
            open.push_back(top);
        }
    }
    while (!open.empty()) {
        const std::size_t at = open.back();
        open.pop_back();
        Element& element = elements_[at];
        element.walk_first = walk_.size();
        element.depth = element.parent == none ? 0 : elements_[element.parent].depth + 1;
        walk_.push_back(at);
        open.insert(open.end(), element.children.rbegin(), element.children.rend());
    }
    for (std::size_t place = walk_.size(); place-- > 0;) {
        Element& element = elements_[walk_[place]];
        element.walk_end = place + 1;
        for (const std::size_t child : element.children) {
            element.walk_end = std::max(element.walk_end, elements_[child].walk_end);
        }
    }
}

std::size_t ShelfNetwork::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? none : found->second;
}

bool ShelfNetwork::is_within(std::size_t below, std::size_t above) const {
    const std::size_t place = elements_[below].walk_first;
    return place >= elements_[above].walk_first && place < elements_[above].walk_end;
}

std::vector<ShelfNetwork::WayOut> ShelfNetwork::ways_out(std::size_t lost) const {
    std::vector<WayOut> ways;
    for (std::size_t place = elements_[lost].walk_first; place < elements_[lost].walk_end; ++place) {
        const std::size_t inner = walk_[place];
        for (const std::size_t tie : elements_[inner].ties) {
            const std::array<std::size_t, 2>& ends = ties_[tie].ends;
            const std::size_t outer = ends[0] == inner ? ends[1] : ends[0];
            if (!is_within(outer, lost)) {
                ways.push_back({tie, inner, outer});
            }
        }
    }
    std::sort(ways.begin(), ways.end(), [this](const WayOut& a, const WayOut& b) {
        const auto rank = [this](const WayOut& way) {
            return std::tuple(ties_[way.tie].minutes, !ties_[way.tie].is_remote, elements_[way.inner].depth,
                              ties_[way.tie].id);
        };
        return rank(a) < rank(b);
    });
    return ways;
}

std::vector<std::size_t> ShelfNetwork::carriers(std::size_t receiver, std::size_t lost) const {
    std::vector<std::size_t> list;
    for (std::size_t at = receiver; at != none && !is_within(lost, at); at = elements_[at].parent) {
        list.push_back(at);
    }
    return list;
}

}  // namespace headroom::contingency
