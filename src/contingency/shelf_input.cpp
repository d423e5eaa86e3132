#include "contingency/shelf_input.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace headroom::contingency {
namespace {

void add_below(const ShelfNetwork& network, std::size_t top, std::set<std::size_t>& out) {
    const ShelfNetwork::Element& element = network.elements()[top];
    for (std::size_t place = element.walk_first; place < element.walk_end; ++place) {
        out.insert(network.walk()[place]);
    }
}

void add_above(const ShelfNetwork& network, std::size_t from, std::set<std::size_t>& out) {
    for (std::size_t at = from; at != ShelfNetwork::none; at = network.elements()[at].parent) {
        out.insert(at);
    }
}

/// Positions, ascending, of all that the plan for the loss of `element` looks at.
std::set<std::size_t> taking_part(const ShelfNetwork& network, std::size_t element) {
    std::set<std::size_t> out;
    add_below(network, element, out);
    add_above(network, element, out);
    for (const ShelfNetwork::WayOut& way : network.ways_out(element)) {
        for (const std::size_t carrier : network.carriers(way.receiver, element)) {
            add_below(network, carrier, out);
        }
        add_above(network, way.receiver, out);
    }
    return out;
}

/// Parents before children, substations and feeders each in their order: as they once were added.
Result<grid::Network> network_of(const ShelfInput& input) {
    grid::Network out;
    const auto is_there = [&out](const std::string& id) {
        return id.empty() || out.substation(id) != nullptr || out.feeder(id) != nullptr;
    };
    const auto first_feeder = std::find_if(input.places.begin(), input.places.end(),
                                           [](const ShelfInput::Place& place) { return place.is_feeder; });
    auto station = input.places.begin();
    auto feeder = first_feeder;
    while (station != first_feeder || feeder != input.places.end()) {
        const bool is_station =
            station != first_feeder && (is_there(station->parent) || feeder == input.places.end());
        const ShelfInput::Place& place = is_station ? *station++ : *feeder++;
        Result<void> added;
        if (is_station) {
            grid::Substation one{
                .id = grid::SubstationId{place.id}, .parent = place.parent, .name = place.name};
            one.rating = Kilowatts{static_cast<double>(place.rating_w) / 1000.0};
            added = out.add(std::move(one));
        } else {
            grid::Feeder one{.id = grid::FeederId{place.id}, .parent = place.parent, .name = place.name};
            added = out.add(std::move(one));
        }
        if (!added) {
            return added.error();
        }
    }
    for (const ShelfInput::Edge& edge : input.ties) {
        grid::Tie tie{.id = grid::TieId{edge.id}, .ends = {edge.from, edge.to}, .name = edge.name};
        tie.rating = Kilowatts{static_cast<double>(edge.rating_w) / 1000.0};
        tie.switching = minutes{edge.minutes};
        tie.is_remote = edge.is_remote;
        if (Result<void> added = out.add(std::move(tie)); !added) {
            return added.error();
        }
    }
    for (const grid::Limit& limit : input.limits) {
        if (Result<void> added = out.add(limit); !added) {
            return added.error();
        }
    }
    return out;
}

}  // namespace

ShelfInput input_for(const ShelfNetwork& network, const ShelfState& state, std::size_t element) {
    ShelfInput out;
    out.element = network.elements()[element].id;
    out.season = network.season();
    out.state = state;
    out.state.elements.clear();
    const std::set<std::size_t> part = taking_part(network, element);
    for (const std::size_t at : part) {
        const ShelfNetwork::Element& place = network.elements()[at];
        const grid::Substation* station = network.network().substation(place.id);
        out.places.push_back(
            {.id = std::string(place.id),
             .name = std::string(place.name),
             .parent =
                 place.parent == ShelfNetwork::none ? "" : std::string(network.elements()[place.parent].id),
             .is_feeder = place.is_feeder,
             .rating_w = station == nullptr ? 0 : std::llround(station->rating.value * 1000.0)});
        out.state.elements.push_back(state.elements[at]);
    }
    for (const ShelfNetwork::TieEdge& tie : network.ties()) {
        if (part.contains(tie.ends[0]) && part.contains(tie.ends[1])) {
            out.ties.push_back({.id = std::string(tie.id),
                                .name = std::string(tie.name),
                                .from = std::string(network.elements()[tie.ends[0]].id),
                                .to = std::string(network.elements()[tie.ends[1]].id),
                                .rating_w = tie.rating_w,
                                .minutes = tie.minutes,
                                .is_remote = tie.is_remote});
        }
    }
    for (const std::size_t at : part) {
        for (const grid::Limit* limit : network.network().limits_of(network.elements()[at].id)) {
            out.limits.push_back(*limit);
        }
    }
    return out;
}

Result<ShelfPlan> plan_loss(const ShelfInput& input) {
    if (input.state.elements.size() != input.places.size()) {
        return Error{Errc::invalid, "as many states as places are needed", "/state/elements"};
    }
    const Result<grid::Network> grid = network_of(input);
    if (!grid) {
        return grid.error();
    }
    const ShelfNetwork network(*grid, input.season);
    const std::size_t element = network.find(input.element);
    if (element == ShelfNetwork::none) {
        return Error{Errc::invalid, "no place is the lost element " + input.element, "/element"};
    }
    return plan_loss(network, input.state, relief_totals(network, input.state), element);
}

}  // namespace headroom::contingency
