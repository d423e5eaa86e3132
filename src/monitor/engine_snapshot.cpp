#include "monitor/engine.hpp"
#include "monitor/snapshot_format.hpp"
#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;

constexpr std::size_t key_bytes_max = 256;
/// So many half-hours make a ring at most, in any file.
constexpr std::int64_t half_hours_max = 4096;

Error contradictory(std::string_view what) {
    return {Errc::corrupt, fmt::format("the snapshot's {} contradict each other; move the file away to start "
                                       "without it",
                                       what)};
}

/// "F-017/p_kw/L1" as PointKey::text writes it.
PointRef find(const telemetry::PointRegistry& registry, std::string_view key) {
    const std::size_t last = key.rfind('/');
    const std::size_t middle =
        last == std::string_view::npos || last == 0 ? std::string_view::npos : key.rfind('/', last - 1);
    if (middle == std::string_view::npos || key.size() > key_bytes_max) {
        return telemetry::no_point;
    }
    const auto quantity = grid::parse_quantity(key.substr(middle + 1, last - middle - 1));
    const auto phase = grid::parse_phase(key.substr(last + 1));
    return quantity && phase ? registry.find(key.substr(0, middle), *quantity, *phase) : telemetry::no_point;
}

}  // namespace

Result<void> Monitor::Engine::restore_points(std::string_view payload, const SnapshotHeader& header,
                                             const std::vector<std::uint16_t>& sources,
                                             std::vector<Place>& order) {
    ByteReader in(payload);
    const auto count = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.is_whole(); ++i) {
        const std::string_view key = in.text();
        PointRecord record;
        record.hot = in.get<HotPoint>();
        record.ring = in.get<decltype(record.ring)>();
        record.older = in.get<decltype(record.older)>();
        if (!in.is_whole() || order.size() >= header.info.points) {
            return contradictory("points");
        }
        if (!mend(record, static_cast<std::size_t>(context_.options.rules.live_window))) {
            return Error{Errc::corrupt,
                         fmt::format("the snapshot's record of {} is no state of a point; move "
                                     "the file away to start without it",
                                     telemetry::quoted(key))};
        }
        const PointRef ref = find(*context_.registry, key);
        if (ref == telemetry::no_point) {
            order.emplace_back();
            continue;
        }
        const Place place = ensure_place(ref);
        order.push_back(place);
        Shard& shard = shard_of(place);
        HotPoint& hot = shard.hot(place.local());
        // What this network says of the point stays.
        record.hot.limit_w = hot.limit_w;
        record.hot.clear_w = hot.clear_w;
        record.hot.quantity = hot.quantity;
        constexpr auto own = static_cast<std::uint8_t>(is_der | has_cold_limit | has_import_limit | is_gone);
        record.hot.flags = static_cast<std::uint8_t>((record.hot.flags & ~own) | (hot.flags & own));
        record.hot.source =
            record.hot.source < sources.size() ? sources[record.hot.source] : std::uint16_t{0};
        hot = record.hot;
        std::copy(record.ring.begin(), record.ring.end(), shard.ring_values(place.local()).begin());
        shard.older(place.local()) = record.older;
    }
    return in.is_at_end() ? Result<void>() : Result<void>(contradictory("points"));
}

Result<void> Monitor::Engine::restore_half_hours(std::string_view payload, const std::vector<Place>& order,
                                                 std::size_t& ordinal) {
    struct Ring {
        Place place;
        std::int32_t newest = 0;
        std::string_view raw;
    };
    std::vector<Ring> rings;
    ByteReader in(payload);
    const auto count = in.get<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.is_whole(); ++i, ++ordinal) {
        const auto newest = in.get<std::int32_t>();
        const auto known = in.get<std::uint32_t>();
        const std::string_view raw = in.take(std::size_t{known} * sizeof(float));
        const bool is_bounded =
            newest == features::no_period
                ? known == 0
                : newest >= half_hours_max && newest < (1 << 24) && known <= half_hours_max;
        if (!in.is_whole() || !is_bounded || ordinal >= order.size()) {
            return contradictory("half-hours");
        }
        if (!order[ordinal].is_none() && known > 0) {
            rings.push_back({order[ordinal], newest, raw});
        }
    }
    if (!in.is_at_end()) {
        return contradictory("half-hours");
    }
    const auto place_of_ring = [](const Ring& ring) {
        return std::pair(ring.place.shard(), ring.place.local());
    };
    std::ranges::sort(rings, {}, place_of_ring);
    if (std::ranges::adjacent_find(rings, {}, place_of_ring) != rings.end()) {
        return contradictory("half-hours");  // one point twice
    }
    for (const Ring& ring : rings) {
        static_cast<void>(shard_of(ring.place).half_hours(ring.place.local()));  // its memory is there
    }
    // Most of the time goes into memory that is touched for the first time: that is shared out evenly, though
    // a frame is mostly of one shard.
    const std::size_t parts = shards_.size();
    std::vector<std::uint8_t> is_damaged(parts, 0);
    run(parts > 1 && count >= points_per_frame / 2, [&](std::size_t part) {
        std::vector<float> values(half_hours_max);
        for (std::size_t i = rings.size() * part / parts; i < rings.size() * (part + 1) / parts; ++i) {
            const Ring& ring = rings[i];
            std::memcpy(values.data(), ring.raw.data(), ring.raw.size());
            const std::span<const float> means(values.data(), ring.raw.size() / sizeof(float));
            if (std::any_of(means.begin(), means.end(), [](float value) { return std::isinf(value); })) {
                is_damaged[part] = 1;
                return;
            }
            Shard& shard = shard_of(ring.place);
            shard.half_hours(ring.place.local())
                .set_all(ring.newest - static_cast<std::int64_t>(means.size()) + 1, means);
            shard.forget_level(ring.place.local());
        }
    });
    const bool is_any_damaged = std::find(is_damaged.begin(), is_damaged.end(), 1) != is_damaged.end();
    return is_any_damaged ? Result<void>(contradictory("half-hours")) : Result<void>();
}

Result<void> Monitor::Engine::restore_events(std::string_view payload) {
    ByteReader in(payload);
    while (!in.is_at_end()) {
        const std::string_view key = in.text();
        const auto direction = in.get<std::uint8_t>();
        const std::string_view event = in.text();
        const auto start = in.get<std::int64_t>();
        const auto end = in.get<std::int64_t>();
        if (!in.is_whole() || direction > 1 || event.empty() || event.size() > 64 || !is_time(start) ||
            !is_time(end) || end < start) {
            return contradictory("events");
        }
        const Place place = place_of(find(*context_.registry, key));
        if (place.is_none()) {
            continue;
        }
        const std::uint32_t index =
            shard_of(place).limited_of(place.local(), static_cast<grid::Direction>(direction));
        if (index != none) {
            shard_of(place).add_open(index, {EventId{std::string(event)}, UtcTime{milliseconds{start}},
                                             UtcTime{milliseconds{end}}});
        }
    }
    return {};
}

Result<SnapshotInfo> Monitor::Engine::restore(const std::filesystem::path& file) {
    SnapshotReader reader;
    if (Result<void> opened = reader.open(file); !opened) {
        return opened.error();
    }
    SnapshotAhead frames(reader);
    std::optional<SnapshotHeader> header;
    std::vector<std::uint16_t> sources;
    std::vector<Place> order;  // of the file
    std::size_t ordinal = 0;
    for (;;) {
        Result<SnapshotReader::Frame> frame = frames.next();
        if (!frame) {
            return frame.error();
        }
        if (header.has_value() == (frame->kind == FrameKind::header)) {
            return contradictory("frames");
        }
        Result<void> taken;
        switch (frame->kind) {
            case FrameKind::header: {
                Result<SnapshotHeader> read = read_header(frame->payload);
                if (!read) {
                    return read.error();
                }
                header = std::move(*read);
                for (const std::string& source : header->sources) {
                    sources.push_back(context_.registry->intern_source(source));
                }
                choose_limits(header->info.saved_at);
                break;
            }
            case FrameKind::model: {
                Result<forecast::ForecastModel> model = read_model(frame->payload);
                if (!model) {
                    return model.error();
                }
                header->info.has_model = model->schema_hash == features::schema_hash();
                if (header->info.has_model) {
                    context_.model = std::move(*model);
                }
                break;
            }
            case FrameKind::points:
                taken = restore_points(frame->payload, *header, sources, order);
                break;
            case FrameKind::half_hours:
                taken = restore_half_hours(frame->payload, order, ordinal);
                break;
            case FrameKind::events:
                taken = restore_events(frame->payload);
                break;
            case FrameKind::tracking:
                taken = restore_tracking(
                    frame->payload, [this](std::string_view key) { return find(*context_.registry, key); });
                break;
            case FrameKind::end:
                if (order.size() != header->info.points || ordinal != order.size()) {
                    return contradictory("counts");
                }
                header->info.unknown = static_cast<std::size_t>(
                    std::count_if(order.begin(), order.end(), [](Place place) { return place.is_none(); }));
                context_.now = header->info.saved_at;
                return std::move(header->info);
        }
        if (!taken) {
            return taken.error();
        }
    }
}

Result<SnapshotInfo> Monitor::restore(const std::filesystem::path& file) {
    const std::lock_guard lock(mutex_);
    return engine_->restore(file);
}

}  // namespace headroom::monitor
