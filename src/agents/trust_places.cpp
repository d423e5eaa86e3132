#include "agents/trust_places.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::array<milliseconds, 4> usual_slots{minutes{10}, minutes{15}, minutes{30}, minutes{60}};
constexpr std::uint32_t changes_to_learn = 4;
constexpr std::size_t readings_without_busbar = 12;

}  // namespace

std::string_view to_string(WatchState state) {
    constexpr std::array<std::string_view, 3> words{"waiting", "learning", "watching"};
    return words[static_cast<std::size_t>(state)];
}

/// The distance of most readings is the smallest one that was seen: gaps only make it longer.
void SlotGatherer::learn(const std::vector<monitor::PointView>& views) {
    for (std::size_t i = 0; i < views.size(); ++i) {
        const UtcTime at = views[i].raw_at;
        if (views[i].readings == 0 || at <= newest_[i]) {
            continue;
        }
        if (newest_[i] != UtcTime{}) {
            const milliseconds apart = at - newest_[i];
            distance_[i] = distance_[i] == milliseconds{0} ? apart : std::min(distance_[i], apart);
            changes_ += i == 0 ? 1 : 0;
        }
        newest_[i] = at;
    }
    if (changes_ < changes_to_learn) {
        return;
    }
    const milliseconds slowest = *std::max_element(distance_.begin(), distance_.end());
    for (const milliseconds usual : usual_slots) {
        if (slowest <= usual) {
            slot_ = usual;
            return;
        }
    }
    changes_ = 0;  // slower than hourly: perhaps it was a gap
    std::fill(distance_.begin(), distance_.end(), milliseconds{0});
}

SlotGatherer::Slot SlotGatherer::finish(std::int64_t next) {
    Slot slot{.start = UtcTime{slot_ * pending_},
              .kw = std::move(values_),
              .missed = handed_on_ == none ? 0 : static_cast<std::size_t>(pending_ - handed_on_ - 1)};
    handed_on_ = pending_;
    pending_ = next;
    values_.assign(slot.kw.size(), unknown_kw);
    known_ = 0;
    return slot;
}

std::optional<SlotGatherer::Slot> SlotGatherer::look(const std::vector<monitor::PointView>& views) {
    if (slot_ == milliseconds{0}) {
        learn(views);
        return std::nullopt;
    }
    std::int64_t newest = pending_;
    for (const monitor::PointView& view : views) {
        if (view.readings > 0) {
            newest = std::max(newest, view.raw_at.time_since_epoch() / slot_);
        }
    }
    std::optional<Slot> passed;
    if (newest > pending_) {
        if (pending_ != none && pending_ > handed_on_) {
            passed = finish(newest);
        } else {
            pending_ = newest;
            values_.assign(views.size(), unknown_kw);
            known_ = 0;
        }
    }
    if (pending_ == handed_on_ || passed) {
        return passed;
    }
    for (std::size_t i = 0; i < views.size(); ++i) {
        const bool is_mine = views[i].readings > 0 && views[i].raw_at.time_since_epoch() / slot_ == pending_;
        if (is_mine && std::isnan(values_[i])) {
            values_[i] = views[i].raw_kw;
            known_ += std::isfinite(values_[i]) ? 1 : 0;
        }
    }
    return known_ == views.size() ? std::optional(finish(pending_)) : std::nullopt;
}

WatchState WatchedPlace::state() const {
    if (layers == nullptr && alone.empty()) {
        return WatchState::waiting;
    }
    return seen() < warm_up() ? WatchState::learning : WatchState::watching;
}

std::size_t WatchedPlace::seen() const {
    return layers ? layers->seen() : alone.empty() ? 0 : alone.front().seen();
}

std::size_t WatchedPlace::warm_up() const {
    return layers ? layers->warm_up() : alone.empty() ? 0 : alone.front().warm_up();
}

std::vector<WatchedPlace> watched_places(const grid::Network& network, std::size_t feeders_max) {
    std::vector<WatchedPlace> places;
    std::unordered_map<std::string_view, std::size_t> by_substation;
    for (const grid::Substation& substation : network.substations()) {
        by_substation.emplace(substation.id.value, places.size());
        places.push_back({.id = substation.id.value, .is_substation = true});
    }
    std::size_t feeders = 0;
    for (const grid::Feeder& feeder : network.feeders()) {
        if (++feeders > feeders_max) {
            break;
        }
        const auto parent = by_substation.find(feeder.parent);
        if (parent != by_substation.end()) {
            places[parent->second].feeders.push_back(feeder.id.value);
        } else {
            places.push_back({.id = feeder.id.value, .feeders = {feeder.id.value}});
        }
    }
    std::erase_if(places, [](const WatchedPlace& place) { return place.feeders.empty(); });
    return places;
}

bool find_points(WatchedPlace& place, const telemetry::PointRegistry& registry,
                 const monitor::Monitor& monitor) {
    const auto find = [&](const std::string& id, grid::Phase phase) {
        return registry.find(id, grid::Quantity::p_kw, phase);
    };
    const auto is_read = [&](const std::string& id, grid::Phase phase) {
        const telemetry::PointRef point = find(id, phase);
        return point != telemetry::no_point && monitor.view(point).readings > 0;
    };
    const auto is_every_phase_read = [&](const std::string& id) {
        return std::all_of(three_phases.begin(), three_phases.end(),
                           [&](grid::Phase phase) { return is_read(id, phase); });
    };
    const bool has_busbar =
        place.is_substation && (is_every_phase_read(place.id) || is_read(place.id, grid::Phase::sum));
    const bool by_phase = place.is_substation && is_every_phase_read(place.id) &&
                          std::any_of(place.feeders.begin(), place.feeders.end(), is_every_phase_read);
    const bool is_any_read = std::any_of(place.feeders.begin(), place.feeders.end(), [&](const auto& feeder) {
        return is_read(feeder, grid::Phase::sum) || is_read(feeder, grid::Phase::l1);
    });
    if (!is_any_read) {
        return false;
    }
    if (place.is_substation && !has_busbar) {
        // Its first reading may be on its way.
        const telemetry::PointRef first = find(place.feeders.front(), grid::Phase::sum);
        const telemetry::PointRef phase = find(place.feeders.front(), grid::Phase::l1);
        const std::size_t readings =
            std::max(first == telemetry::no_point ? 0 : monitor.view(first).readings,
                     phase == telemetry::no_point ? 0 : monitor.view(phase).readings);
        if (readings < readings_without_busbar) {
            return false;
        }
    }
    place.has_busbar = has_busbar;
    std::vector<std::string> ids = place.feeders;
    if (has_busbar) {
        ids.push_back(place.id);
    }
    place.points.clear();
    for (const std::string& id : ids) {
        if (by_phase) {
            for (const grid::Phase phase : three_phases) {
                place.points.push_back(find(id, phase));
            }
        } else {
            const bool has_sum = is_read(id, grid::Phase::sum) || !is_read(id, grid::Phase::l1);
            place.points.push_back(find(id, has_sum ? grid::Phase::sum : grid::Phase::l1));
        }
    }
    place.phases = by_phase ? 3 : 1;
    place.gatherer = std::make_unique<SlotGatherer>(place.points.size());
    return true;
}

}  // namespace headroom::agents
