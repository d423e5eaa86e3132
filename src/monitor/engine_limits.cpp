#include "grid/season.hpp"
#include "monitor/engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;

/// One model serves all points; so many of them, evenly chosen, are enough to learn it from.
constexpr std::size_t trained_points_max = 16'384;

/// Amperes and volts come with their own readings, later; an emergency limit is for people to use.
bool is_watched(const grid::Limit& limit) {
    return limit.quantity == grid::Quantity::p_kw && limit.kind != grid::LimitKind::emergency;
}

bool holds(const grid::Network& network, std::string_view id) {
    return network.feeder(id) != nullptr || network.substation(id) != nullptr || network.der(id) != nullptr;
}

}  // namespace

void Monitor::Engine::intern_network() {
    telemetry::PointRegistry& registry = *context_.registry;
    const grid::Network& network = *context_.network;
    const std::size_t places = network.substations().size() + network.feeders().size();
    if (registry.size() == 0) {
        registry.reserve(places + network.ders().size(),
                         places * telemetry::PointRegistry::loads_of_place + network.ders().size());
    }
    for (const grid::Substation& substation : network.substations()) {
        registry.intern_loads(substation.id.value);
    }
    for (const grid::Feeder& feeder : network.feeders()) {
        registry.intern_loads(feeder.id.value);
    }
    for (const grid::Der& der : network.ders()) {
        registry.intern({der.id.value, grid::Quantity::p_kw, grid::Phase::sum});
    }
}

/// Points with limits get their places, in the order of the network's list; limits that were known before
/// keep what they are in.
void Monitor::Engine::add_limits() {
    const std::vector<grid::Limit>& limits = context_.network->limits();
    std::vector<std::size_t> room(shards_.size());
    for (const grid::Limit& limit : limits) {
        room[shard_by_name(limit.asset)] += is_watched(limit) ? 1 : 0;
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        // A point with limits in both directions is counted twice: room for a few too many.
        shards_[i]->reserve(room[i], room[i]);
    }
    std::vector<std::pair<Place, std::uint32_t>> watched;  // place and limit
    std::map<std::pair<std::string_view, grid::Direction>, std::uint8_t> portions;
    std::vector<std::vector<std::vector<std::uint32_t>>> candidates(shards_.size());
    for (std::uint32_t position = 0; position < limits.size(); ++position) {
        const grid::Limit& limit = limits[position];
        if (!is_watched(limit)) {
            continue;
        }
        const PointRef ref = context_.registry->intern({limit.asset, limit.quantity, limit.phase});
        const Place place = ensure_place(ref);
        watched.emplace_back(place, position);
    }
    std::uint32_t order = 0;
    for (const auto& [place, position] : watched) {
        const grid::Limit& limit = limits[position];
        Shard& shard = shard_of(place);
        const std::uint32_t index = shard.add_limited(place.local(), limit.direction);
        std::vector<std::vector<std::uint32_t>>& lists = candidates[place.shard()];
        lists.resize(std::max<std::size_t>(lists.size(), index + 1));
        if (lists[index].empty()) {
            const auto portion = static_cast<std::uint8_t>(portions.size() % tick_portions);
            shard.limits()[index].portion =
                portions.try_emplace({limit.asset, limit.direction}, portion).first->second & 15U;
            shard.limits()[index].order = order++;
        }
        lists[index].push_back(position);
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        std::vector<std::uint32_t>& flat = shards_[i]->candidates();
        flat.clear();
        for (std::size_t index = 0; index < shards_[i]->limits().size(); ++index) {
            Limited& limited = shards_[i]->limits()[index];
            limited.first_candidate = static_cast<std::uint32_t>(flat.size());
            limited.candidates = 0;
            if (index < candidates[i].size() && !candidates[i][index].empty()) {
                limited.candidates = static_cast<std::uint16_t>(std::min<std::size_t>(
                    candidates[i][index].size(), std::numeric_limits<std::uint16_t>::max()));
                if (limited.candidates == 1) {
                    limited.first_candidate = candidates[i][index].front();
                    continue;
                }
                flat.insert(flat.end(), candidates[i][index].begin(), candidates[i][index].end());
            } else {
                limited.order = order++;  // no longer in the network: it keeps its events until they are over
            }
        }
    }
    season_.reset();
}

void Monitor::Engine::apply(const grid::Network& network) {
    HEADROOM_ASSERT(&network != context_.network);  // else nothing could be seen to have gone
    const grid::Network& before = *std::exchange(context_.network, &network);
    const auto known = static_cast<PointRef>(context_.registry->size());
    intern_network();
    for (PointRef ref = 0; ref < known; ++ref) {
        const std::string id = context_.registry->key(ref).point_id;
        const bool is_here = holds(network, id);
        const bool goes = !is_here && holds(before, id);
        if (!goes && place_of(ref).is_none()) {
            continue;
        }
        const Place place =
            ensure_place(ref);  // also of what goes unheard: its readings are refused from now on
        HotPoint& point = shard_of(place).hot(place.local());
        point.set(is_gone, !is_here && (goes || point.has(is_gone)));
        point.set(is_der, network.der(id) != nullptr);
    }
    const std::optional<grid::Season> season = season_;
    add_limits();
    if (season) {  // in force at once, not with the next tick
        season_ = season;
        for (const std::unique_ptr<Shard>& shard : shards_) {
            shard->choose_limits(*season);
        }
    }
}

void Monitor::Engine::choose_limits(UtcTime now) {
    const grid::Season season = grid::season_at(now);
    if (season_ != season) {
        season_ = season;
        for (const std::unique_ptr<Shard>& shard : shards_) {
            shard->choose_limits(season);
        }
    }
}

void Monitor::Engine::train(UtcTime now) {
    std::vector<std::pair<std::uint32_t, Place>> order;  // limits in the network's order
    for (std::uint32_t i = 0; i < shards_.size(); ++i) {
        for (const Limited& limited : shards_[i]->limits()) {
            // A point with limits in both directions is learnt from once, and one that is gone no more.
            const std::uint32_t first =
                std::min(shards_[i]->limited_of(limited.local, grid::Direction::import_),
                         shards_[i]->limited_of(limited.local, grid::Direction::export_));
            if (&shards_[i]->limits()[first] == &limited && limited.candidates > 0) {
                order.emplace_back(limited.order, Place(i, limited.local));
            }
        }
    }
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const std::size_t used = std::min(order.size(), trained_points_max);
    std::vector<std::vector<float>> memory(used);
    std::vector<features::HalfHours> histories;
    for (std::size_t i = 0; i < used; ++i) {
        const Place place = order[i * order.size() / used].second;
        // More than two weeks would teach the ridge another season.
        memory[i].resize(std::min(context_.options.half_hours, features::half_hours_kept));
        histories.push_back(features::straight(shard_of(place).half_hours(place.local()),
                                               features::period_index(now), memory[i]));
    }
    if (auto model = forecast::train(histories, {.now = now})) {
        context_.model = std::move(model);
    }
    for (const std::unique_ptr<Shard>& shard : shards_) {
        std::fill(shard->forecast_due().begin(), shard->forecast_due().end(), HotPoint::never);
    }
}

void Monitor::Engine::tick(UtcTime now) {
    choose_limits(now);
    context_.now = now;
    const std::int64_t current = features::period_index(now);
    const bool is_closing = context_.closed < current;
    const std::int64_t periods = context_.periods_ahead();
    if (context_.ahead.origin != current || std::cmp_not_equal(context_.ahead.calendar.size(), periods)) {
        context_.ahead = forecast::look_ahead(floor_period(now), periods);
    }
    std::size_t points = 0;
    for (const std::unique_ptr<Shard>& part : shards_) {
        points += part->points();
    }
    if (is_closing) {
        follow_errors();
    }
    run(shards_.size() > 1 && points >= large_batch, [&, this](std::size_t i) {
        Shard& shard = *shards_[i];
        shard.found.clear();
        shard.close_periods(current, is_closing);
        shard.end_windows();
        shard.refresh_forecasts();
    });
    context_.closed = current;
    IngestCount nothing;
    gather(nothing);
}

/// Whether an open event of this limit has a window that overlaps or touches: windows that touch are one
/// trouble, which the open event watches and grows with.
bool Monitor::Engine::is_covered(const Shard& shard, std::uint32_t limited, UtcTime start,
                                 UtcTime end) const {
    const std::vector<OpenEvent>* open = shard.open_of(limited);
    return open != nullptr && std::any_of(open->begin(), open->end(), [&](const OpenEvent& one) {
               return start <= one.end && one.start <= end;
           });
}

/// Whether what the sum of the phases shows is dealt with on its phases already: loading is that of the worst
/// phase, and buying for the sum again would buy twice. Only where the sum may carry all its phases may.
bool Monitor::Engine::is_told_by_a_phase(const risk::Overload& overload) const {
    const grid::Limit& limit = overload.limit;
    if (limit.phase != grid::Phase::sum) {
        return false;
    }
    std::int64_t phases_w = 0;
    bool is_open = false;
    for (const grid::Phase phase : {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::n}) {
        const Place place = place_of(context_.registry->find(limit.asset, limit.quantity, phase));
        if (place.is_none()) {
            continue;
        }
        const Shard& shard = shard_of(place);
        const std::uint32_t index = shard.limited_of(place.local(), limit.direction);
        if (index != none && shard.limits()[index].limit_w > 0) {
            phases_w += shard.limits()[index].limit_w;
            is_open = is_open || is_covered(shard, index, overload.start, overload.end);
        }
    }
    const std::int64_t limit_w = std::llround(limit.value * 1000.0);
    return is_open && limit_w >= phases_w - phases_w / 1000;
}

/// Events for what was found in this batch; the phases before the sum, which they may speak for.
void Monitor::Engine::raise_candidates() {
    for (const bool sums : {false, true}) {
        for (Candidate& candidate : candidates_) {
            const risk::Overload& overload = candidate.raised.overload;
            Shard& shard = *shards_[candidate.shard];
            if ((overload.limit.phase == grid::Phase::sum) != sums ||
                is_covered(shard, candidate.limited, overload.start, overload.end) ||
                is_told_by_a_phase(overload)) {
                continue;
            }
            shard.add_open(candidate.limited, {overload.event, overload.start, overload.end});
            raised_.push_back(std::move(candidate.raised));
        }
    }
    for (const Candidate& candidate : candidates_) {
        shards_[candidate.shard]->limits()[candidate.limited].is_candidate = false;
    }
    candidates_.clear();
}

void Monitor::Engine::adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
    const Place place = place_of(context_.registry->find(limit.asset, limit.quantity, limit.phase));
    if (place.is_none()) {
        return;
    }
    if (const std::uint32_t index = shard_of(place).limited_of(place.local(), limit.direction);
        index != none) {
        shard_of(place).add_open(index, {event, start, end});
    }
}

std::vector<RaisedOverload> Monitor::Engine::take_overloads() {
    const auto is_worse = [](const risk::Overload& a, const risk::Overload& b) {
        return std::tuple(static_cast<double>(a.peak_load.value) * b.limit.value, b.limit.phase, b.start) >
               std::tuple(static_cast<double>(b.peak_load.value) * a.limit.value, a.limit.phase, a.start);
    };
    std::stable_sort(raised_.begin(), raised_.end(), [&](const RaisedOverload& a, const RaisedOverload& b) {
        return a.overload.feeder == b.overload.feeder ? is_worse(a.overload, b.overload)
                                                      : a.overload.feeder < b.overload.feeder;
    });
    return std::exchange(raised_, {});
}

}  // namespace headroom::monitor
