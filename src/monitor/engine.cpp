#include "monitor/engine.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <thread>
#include <utility>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::string_view, 3> generation_suffixes{"-solar", "-pv", "-wind"};

/// A point of generation is named after the place that it feeds: "HAL-solar" beside "HAL".
struct Generation {
    explicit Generation(std::string_view id) : place(id) {
        for (const std::string_view suffix : generation_suffixes) {
            if (id.size() > suffix.size() && id.ends_with(suffix)) {
                place = id.substr(0, id.size() - suffix.size());
                is_any = true;
                is_wind = suffix == "-wind";
            }
        }
    }
    std::string_view place;
    bool is_any = false;
    bool is_wind = false;
};

std::size_t shards_of(const MonitorOptions& options) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp<std::size_t>(options.shards == 0 ? std::max<std::size_t>(1, cores - 1) : options.shards,
                                   1, Place::shards_max);
}

/// What the shards found, in the order of their positions, whatever the number of shards.
template <class T, class Take>
void merge(const std::vector<std::unique_ptr<Shard>>& shards, std::vector<Found<T>> Findings::*list,
           Take take) {
    if (shards.size() == 1) {
        for (Found<T>& one : shards[0]->found.*list) {
            take(one.what);
        }
        return;
    }
    std::vector<Found<T>> all;
    for (const std::unique_ptr<Shard>& shard : shards) {
        std::vector<Found<T>>& part = shard->found.*list;
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Found<T>& a, const Found<T>& b) { return a.position < b.position; });
    for (Found<T>& one : all) {
        take(one.what);
    }
}

}  // namespace

Monitor::Engine::Engine(const grid::Network& network, telemetry::PointRegistry& registry,
                        MonitorOptions options)
    : pool_(shards_of(options)) {
    context_.network = &network;
    context_.registry = &registry;
    context_.options = std::move(options);
    context_.options.half_hours = std::clamp<std::size_t>(context_.options.half_hours, 54, 4096);
    for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
        if (std::llround(forecast::quantiles[q] * 1e6) <= context_.options.rules.alarm_quantile_ppm) {
            context_.alarm = q;
        }
    }
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        shards_.push_back(std::make_unique<Shard>(context_, static_cast<std::uint32_t>(i)));
    }
    routed_.resize(shards_.size());
    for (Routed& routed : routed_) {
        routed.by_shard.resize(shards_.size());
    }
    intern_network();
    add_limits();
}

Place Monitor::Engine::place_of(PointRef ref) const {
    return ref < places_.size() ? places_[ref] : Place();
}

/// Phases and sum of one place are in one shard, and what is metered of its generation.
std::uint32_t Monitor::Engine::shard_by_name(std::string_view point_id) const {
    return static_cast<std::uint32_t>(crc32c(Generation(point_id).place) % shards_.size());
}

Place Monitor::Engine::ensure_place(PointRef ref) {
    HEADROOM_ASSERT(ref < context_.registry->size());
    if (ref >= places_.size()) {
        places_.resize(context_.registry->size());
    }
    Place& place = places_[ref];
    if (place.is_none()) {
        const telemetry::PointKey& key = context_.registry->key(ref);
        const auto shard =
            static_cast<std::uint32_t>(crc32c(Generation(key.point_id).place) % shards_.size());
        const bool is_device = context_.network->der(key.point_id) != nullptr;
        place = Place(shard, shards_[shard]->add_point(ref, key.quantity, is_device));
        link_generation(ref, place);
        return places_[ref];
    }
    return place;
}

/// Lets a place find what is metered of the generation behind it, whichever of the two is heard of first.
void Monitor::Engine::link_generation(PointRef ref, Place place) {
    const telemetry::PointKey& key = context_.registry->key(ref);
    if (key.quantity != grid::Quantity::p_kw) {
        return;
    }
    if (const Generation own(key.point_id); own.is_any) {
        const Place load = place_of(context_.registry->find(own.place, key.quantity, key.phase));
        if (!load.is_none()) {
            shard_of(place).link_generation(load.local(), place.local(), own.is_wind);
        }
        return;
    }
    for (const std::string_view suffix : generation_suffixes) {
        const Place other =
            place_of(context_.registry->find(key.point_id + std::string(suffix), key.quantity, key.phase));
        if (!other.is_none()) {
            shard_of(place).link_generation(place.local(), other.local(), suffix == "-wind");
        }
    }
}

Result<void> Monitor::Engine::infer_each(std::optional<forecast::StreamModel> model) {
    std::vector<std::string> names;
    for (const forecast::LiveColumn& column : forecast::live_columns) {
        names.emplace_back(column.name);
    }
    const auto is_made_for = [&model](std::span<const std::string> external) {
        return model->schema_hash == features::stream_schema_hash(external, model->cadence) &&
               model->trees.features() == features::stream_count + external.size();
    };
    const bool has_external = model && is_made_for(names);
    if (model && !has_external && !is_made_for({})) {
        return Error{Errc::unsupported, "the streaming model was made for other features; train it anew"};
    }
    context_.stream_external = has_external;
    context_.stream_model = std::move(model);
    return {};
}

std::vector<float> Monitor::Engine::stream_row(PointRef ref) const {
    const Place place = place_of(ref);
    const bool has_external = context_.covariates != nullptr;
    std::vector<float> row(context_.stream_width(has_external));
    if (place.is_none() || !shard_of(place).stream_row(place.local(), has_external, row)) {
        row.clear();
    }
    return row;
}

void Monitor::Engine::run(bool is_large, const std::function<void(std::size_t)>& job) {
    if (is_large) {
        return pool_.run(job);
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        job(i);
    }
}

void Monitor::Engine::warm(PointRef point, const store::SeriesBlock& history) {
    if (history.step != period_length) {
        return;  // only half-hours are kept
    }
    const Place place = ensure_place(point);
    features::HalfHourRing ring = shard_of(place).half_hours(place.local());
    shard_of(place).forget_level(place.local());
    std::int64_t period = features::period_index(history.start);
    for (const float value : history.values) {
        if (std::isfinite(value)) {
            ring.set(period, value);
        }
        ++period;
    }
}

bool Monitor::Engine::route(std::span<const Reading> readings, std::size_t part, std::size_t parts) {
    Routed& routed = routed_[part];
    routed.unknown = 0;
    for (std::vector<Item>& items : routed.by_shard) {
        items.clear();
    }
    constexpr std::size_t far = 32;
    const std::size_t from = readings.size() * part / parts;
    const std::size_t to = readings.size() * (part + 1) / parts;
    bool is_complete = true;
    for (std::size_t i = from; i < to; ++i) {
        if (i + far < to && readings[i + far].point < places_.size()) {
            __builtin_prefetch(&places_[readings[i + far].point], 0, 2);  // into the second cache
        }
        const PointRef ref = readings[i].point;
        if (ref >= places_.size()) {
            routed.unknown += 1;
            continue;
        }
        const Place place = places_[ref];
        if (place.is_none()) {
            is_complete = false;
            continue;
        }
        routed.by_shard[place.shard()].push_back({static_cast<std::uint32_t>(i), place.local()});
    }
    return is_complete;
}

IngestCount Monitor::Engine::ingest(std::span<const Reading> readings, UtcTime now,
                                    std::vector<std::uint32_t>* used) {
    if (const std::size_t known = context_.registry->size(); places_.size() < known) {
        places_.resize(known);
    }
    choose_limits(now);
    context_.now = now;
    context_.latest = now + context_.options.future_tolerance;
    const bool is_large = shards_.size() > 1 && readings.size() >= large_batch;
    const std::size_t parts = is_large ? shards_.size() : 1;
    is_routed_.assign(parts, 0);
    // Jobs are handed over by reference: a copy of what they look at would be memory asked for in each batch.
    const auto route_part = [&](std::size_t part) {
        is_routed_[part] = route(readings, part, parts) ? 1 : 0;
    };
    const auto route_all = [&] {
        if (!is_large) {
            return route_part(0);
        }
        pool_.run(std::cref(route_part));
    };
    route_all();
    if (std::find(is_routed_.begin(), is_routed_.end(), 0) != is_routed_.end()) {
        // Points that are heard of for the first time.
        for (const Reading& reading : readings) {
            if (reading.point < places_.size() && places_[reading.point].is_none()) {
                ensure_place(reading.point);
            }
        }
        route_all();
    }
    if (used != nullptr) {
        used_.assign(readings.size(), 0);
    }
    std::uint8_t* const marks = used != nullptr ? used_.data() : nullptr;
    const auto take_in = [&](std::size_t shard) {
        shards_[shard]->found.clear();
        for (std::size_t part = 0; part < parts; ++part) {
            shards_[shard]->take(routed_[part].by_shard[shard], readings, marks);
        }
    };
    run(is_large, std::cref(take_in));
    if (used != nullptr) {
        for (std::size_t i = 0; i < used_.size(); ++i) {
            if (used_[i] != 0) {
                used->push_back(static_cast<std::uint32_t>(i));
            }
        }
    }
    IngestCount count;
    for (std::size_t part = 0; part < parts; ++part) {
        count.quarantined[static_cast<std::size_t>(telemetry::Quarantine::unknown_point)] +=
            routed_[part].unknown;
    }
    gather(count);
    return count;
}

void Monitor::Engine::gather(IngestCount& count) {
    for (const std::unique_ptr<Shard>& shard : shards_) {
        const IngestCount& part = shard->found.count;
        count.accepted += part.accepted;
        count.duplicates += part.duplicates;
        count.conflicts += part.conflicts;
        for (std::size_t i = 0; i < part.quarantined.size(); ++i) {
            count.quarantined[i] += part.quarantined[i];
        }
    }
    merge(shards_, &Findings::verdicts, [this](trust::Verdict& verdict) {
        if (verdicts_.size() < verdicts_max) {
            verdicts_.push_back(std::move(verdict));
        }
    });
    merge(shards_, &Findings::rollups, [this](RolledUp& rollup) { rollups_.push_back(rollup); });
    merge(shards_, &Findings::breached, [this](EventId& event) {
        if (std::find(breached_.begin(), breached_.end(), event) == breached_.end()) {
            breached_.push_back(std::move(event));
        }
    });
    merge(shards_, &Findings::cleared, [this](EventId& event) { cleared_.push_back(std::move(event)); });
    merge(shards_, &Findings::candidates,
          [this](Candidate& candidate) { candidates_.push_back(std::move(candidate)); });
    raise_candidates();
}

PointView Monitor::Engine::view(PointRef ref) const {
    PointView out{.point = ref, .load_kw = nan, .limit_kw = nan};
    const Place place = place_of(ref);
    if (place.is_none()) {
        return out;
    }
    const Shard& shard = shard_of(place);
    const HotPoint& point = shard.hot(place.local());
    out.load_kw = point.value;
    out.at = UtcTime{milliseconds{point.at}};
    out.quality = static_cast<telemetry::Quality>(point.quality);
    out.source = point.source;
    out.next_kw = static_cast<double>(shard.next_kw(place.local()));
    out.readings = point.readings;
    out.raw_kw = point.newest_value;
    out.raw_at = point.readings > 0 ? UtcTime{milliseconds{point.newest_start}} : UtcTime{};
    out.cadence = milliseconds{point.cadence_ms};
    out.distrusted = shard.distrusted_as(place.local());
    if (const double limit = shard.limit_kw(place.local()); limit > 0.0) {
        out.limit_kw = limit;
    }
    return out;
}

void Monitor::Engine::distrust(PointRef ref, UtcTime since, trust::IncidentKind kind) {
    if (const Place place = place_of(ref); !place.is_none()) {
        shard_of(place).distrust(place.local(), since, kind, rollups_);
    }
}
void Monitor::Engine::believe(PointRef ref) {
    if (const Place place = place_of(ref); !place.is_none()) {
        shard_of(place).believe(place.local());
    }
}

double Monitor::Engine::period_mean_kw(PointRef ref, UtcTime period) const {
    const Place place = place_of(ref);
    return place.is_none() ? nan
                           : shard_of(place).period_mean_kw(place.local(), features::period_index(period));
}

std::optional<forecast::LoadForecast> Monitor::Engine::forecast_of(PointRef ref) const {
    const Place place = place_of(ref);
    if (place.is_none()) {
        return std::nullopt;
    }
    const Shard& shard = shard_of(place);
    for (const grid::Direction direction : {grid::Direction::import_, grid::Direction::export_}) {
        if (const std::uint32_t limited = shard.limited_of(place.local(), direction); limited != none) {
            return shard.forecast(limited);
        }
    }
    return std::nullopt;
}

MonitorMemory Monitor::Engine::memory() const {
    MonitorMemory out{.bytes = places_.capacity() * sizeof(Place)};
    for (const std::unique_ptr<Shard>& shard : shards_) {
        out.points += shard->points();
        out.bytes += shard->bytes();
    }
    return out;
}

std::vector<EventId> Monitor::Engine::take_cleared() {
    return std::exchange(cleared_, {});
}
std::vector<EventId> Monitor::Engine::take_breached() {
    return std::exchange(breached_, {});
}
std::vector<trust::Verdict> Monitor::Engine::take_verdicts() {
    return std::exchange(verdicts_, {});
}
std::vector<store::SeriesBlock> Monitor::Engine::take_rollups() {
    std::vector<store::SeriesBlock> blocks;
    blocks.reserve(rollups_.size());
    for (const RolledUp& rollup : rollups_) {
        blocks.push_back({context_.registry->key(rollup.point).text() + (rollup.is_kept_apart ? "/raw" : ""),
                          features::period_start(rollup.period),
                          period_length,
                          {rollup.mean_kw}});
    }
    rollups_.clear();
    return blocks;
}

}  // namespace headroom::monitor
