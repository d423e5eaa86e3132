#include "core/clock.hpp"
#include "monitor/engine.hpp"
#include "monitor/snapshot_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

/// Half-hours of so many points are copied at a time: readings wait for no more.
constexpr std::uint32_t half_hours_at_a_time = 128;
/// A record has at most some 400 bytes: two names and two times.
constexpr std::size_t events_per_frame = 50'000;

std::string header_of(const Frozen& frozen, const telemetry::PointRegistry& registry,
                      std::span<const SourcePosition> positions, std::string_view note) {
    SnapshotHeader header;
    header.info.saved_at = frozen.now;
    header.info.positions.assign(positions.begin(), positions.end());
    header.info.note = note;
    std::uint16_t sources = 0;
    bool is_any_read = false;
    for (const FrozenPoints& shard : frozen.points) {
        header.info.points += shard.all().size();
        for (const PointBlock& block : shard.all()) {
            is_any_read = is_any_read || block.hot.readings > 0;
            sources = block.hot.readings > 0 ? std::max(sources, block.hot.source) : sources;
        }
    }
    for (std::uint16_t source = 0; is_any_read && source <= sources; ++source) {
        header.sources.push_back(registry.source(source));
    }
    return write_header(header);
}

/// The points' own records; everything that a reading changes.
Result<void> write_points(SnapshotFile& out, std::span<const PointBlock> all,
                          const telemetry::PointRegistry& registry) {
    ByteWriter frame;
    frame.bytes().reserve(points_per_frame * (sizeof(PointRecord) + 32));
    while (!all.empty()) {
        const auto part = all.first(std::min(points_per_frame, all.size()));
        frame.bytes().clear();
        frame.put(static_cast<std::uint32_t>(part.size()));
        for (const PointBlock& block : part) {
            frame.text(registry.key(block.ref).text());
            frame.put(block.hot);
            frame.raw(block.ring.data(), sizeof block.ring);
            frame.put(block.older);
        }
        if (Result<void> written = out.frame(FrameKind::points, frame.bytes()); !written) {
            return written;
        }
        all = all.subspan(part.size());
    }
    return {};
}

/// Events that are open, as many in a frame as surely fit.
Result<void> write_events(SnapshotFile& out, std::span<const FrozenEvent> all,
                          const telemetry::PointRegistry& registry) {
    ByteWriter frame;
    while (!all.empty()) {
        const auto part = all.first(std::min(events_per_frame, all.size()));
        frame.bytes().clear();
        for (const FrozenEvent& one : part) {
            frame.text(registry.key(one.ref).text());
            frame.put(static_cast<std::uint8_t>(one.is_export ? 1 : 0));
            frame.text(one.open.event.value);
            frame.put(one.open.start.time_since_epoch().count());
            frame.put(one.open.end.time_since_epoch().count());
        }
        if (Result<void> written = out.frame(FrameKind::events, frame.bytes()); !written) {
            return written;
        }
        all = all.subspan(part.size());
    }
    return {};
}

}  // namespace

std::vector<std::uint32_t> Monitor::Engine::point_counts() const {
    std::vector<std::uint32_t> counts;
    for (const std::unique_ptr<Shard>& shard : shards_) {
        counts.push_back(shard->points());
    }
    return counts;
}

void Monitor::Engine::freeze(Frozen& out) {
    out.now = context_.now;
    out.model = context_.model;
    out.points.resize(shards_.size());
    std::size_t points = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) {
        points += shard->points();
    }
    run(shards_.size() > 1 && points >= large_batch, [&](std::size_t shard) {
        shards_[shard]->copy_points(out.points[shard].take(shards_[shard]->points()));
    });
    freeze_tracking(out);
    for (const std::unique_ptr<Shard>& shard : shards_) {
        shard->for_open([&](const Limited& limited, const OpenEvent& open) {
            out.events.push_back({shard->ref(limited.local), limited.is_export, open});
        });
    }
}

/// Half-hours may be copied after the rest: a half-hour that is closed meanwhile is closed again, with the
/// same or a fuller mean, when the readings since are replayed.
void Monitor::Engine::freeze_half_hours(std::size_t index, std::uint32_t from, std::uint32_t count,
                                        ByteWriter& out) {
    Shard& shard = *shards_[index];
    std::vector<float> values;
    for (std::uint32_t local = from; local < from + count; ++local) {
        const std::int32_t newest = shard.newest_half_hour(local);
        values.clear();
        if (newest != features::no_period) {
            const features::HalfHourRing ring = shard.half_hours(local);
            values.resize(static_cast<std::size_t>(ring.length()));
            ring.copy(newest - ring.length() + 1, values);
        }
        // What is unknown before the first known one is not written.
        const auto first =
            std::find_if(values.begin(), values.end(), [](float value) { return !std::isnan(value); });
        const auto known = static_cast<std::size_t>(values.end() - first);
        out.put(newest);
        out.put(static_cast<std::uint32_t>(known));
        out.raw(values.data() + (values.size() - known), known * sizeof(float));
    }
}

Result<void> Monitor::save(const std::filesystem::path& file, std::span<const SourcePosition> positions,
                           std::string_view note, const std::function<void()>& copied) {
    if (note.size() > note_bytes_max) {
        return Error{Errc::invalid, fmt::format("a snapshot's note of {} bytes is longer than {}",
                                                note.size(), note_bytes_max)};
    }
    if (positions.size() > positions_max) {
        return Error{Errc::invalid, fmt::format("a snapshot holds no more than {} places of sources, not {}",
                                                positions_max, positions.size())};
    }
    SnapshotFile out(file);
    if (Result<void> opened = out.open(); !opened) {
        return opened;
    }
    Frozen frozen;
    std::vector<std::uint32_t> expected;
    {
        const std::lock_guard lock(mutex_);
        expected = engine_->point_counts();
    }
    for (const std::uint32_t count : expected) {
        frozen.points.emplace_back().make_room(count);
    }
    {
        const std::lock_guard lock(mutex_);
        const SteadyTime from = steady_now();
        engine_->freeze(frozen);
        save_pause_ms_ = milliseconds_between(from, steady_now());
    }
    if (copied) {
        copied();
    }
    const telemetry::PointRegistry& registry = engine_->registry();
    std::vector<std::size_t> points;
    Result<void> written = out.frame(FrameKind::header, header_of(frozen, registry, positions, note));
    if (written && frozen.model) {
        written = out.frame(FrameKind::model, write_model(*frozen.model));
    }
    for (FrozenPoints& shard : frozen.points) {
        written = written ? write_points(out, shard.all(), registry) : std::move(written);
        points.push_back(shard.all().size());
        shard = {};
    }
    ByteWriter frame;
    const std::size_t ring_bytes = engine_->half_hours() * sizeof(float) + 8;
    const std::size_t rings_per_frame = std::min(points_per_frame, (frame_bytes_max - 4) / ring_bytes);
    for (std::size_t shard = 0; shard < points.size(); ++shard) {
        for (std::size_t from = 0; written && from < points[shard]; from += rings_per_frame) {
            const std::size_t to = std::min(points[shard], from + rings_per_frame);
            frame.bytes().clear();
            frame.bytes().reserve((to - from) * ring_bytes + 4);
            frame.put(static_cast<std::uint32_t>(to - from));
            for (std::size_t at = from; at < to; at += half_hours_at_a_time) {
                const std::lock_guard lock(mutex_);
                engine_->freeze_half_hours(
                    shard, static_cast<std::uint32_t>(at),
                    static_cast<std::uint32_t>(std::min<std::size_t>(half_hours_at_a_time, to - at)), frame);
            }
            written = out.frame(FrameKind::half_hours, frame.bytes());
        }
    }
    if (written) {
        written = write_events(out, frozen.events, registry);
    }
    if (written) {
        written = write_tracking(out, frozen, registry);
    }
    if (written) {
        written = out.frame(FrameKind::end, {});
    }
    return written ? out.commit() : written;
}

double Monitor::save_pause_ms() const {
    const std::lock_guard lock(mutex_);
    return save_pause_ms_;
}

}  // namespace headroom::monitor
