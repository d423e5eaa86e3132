#include "monitor/engine.hpp"
#include "monitor/snapshot_format.hpp"

#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

using forecast::LiveTracking;
using forecast::PointBias;
using forecast::TrackingCounts;

/// Limits in one frame: a record has some 250 bytes.
constexpr std::size_t limits_per_frame = 50'000;

Error contradictory_errors() {
    return {
        Errc::corrupt,
        "the snapshot's followed forecast errors contradict each other; move the file away to start without "
        "it"};
}

/// The common part of a frame: whose errors these are, and what the classes have come to.
void write_common(ByteWriter& out, const std::string& model, const LiveTracking& tracking,
                  const TrackingCounts& counts) {
    out.text(model);
    out.put(tracking.offsets);
    out.put(counts.cells);
}

bool is_sound(const LiveTracking& tracking) {
    for (const auto& leads : tracking.offsets) {
        for (const auto& blocks : leads) {
            for (const forecast::QuantileValues& values : blocks) {
                for (const double value : values) {
                    if (!(std::abs(value) <= LiveTracking::offset_max)) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

bool is_sound(const TrackingCounts& counts) {
    for (const auto& leads : counts.cells) {
        for (const auto& blocks : leads) {
            for (const TrackingCounts::Cell& cell : blocks) {
                for (const std::uint32_t below : cell.below) {
                    if (below > cell.all) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

bool is_sound(const PointBias& bias) {
    for (const auto& blocks : bias.widths) {
        for (const float value : blocks) {
            if (!(std::abs(static_cast<double>(value)) <= PointBias::bias_max)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

/// What the ensemble's errors have taught so far; nothing while none serves.
void Monitor::Engine::freeze_tracking(Frozen& out) {
    if (!context_.live) {
        return;
    }
    out.tracked_model = context_.live->id();
    out.tracking = context_.tracking;
    out.counts = context_.counts;
    out.tracked.resize(shards_.size());
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        Shard& shard = *shards_[i];
        out.counts.add(shard.tracking_counts());
        for (std::uint32_t index = 0; index < shard.limits().size(); ++index) {
            const Limited& limited = shard.limits()[index];
            const LiveState& state = shard.live_state(index);
            if (state.learnt != features::no_period) {
                out.tracked[i].push_back(
                    {shard.ref(limited.local), limited.is_export, state.learnt, state.bias});
            }
        }
    }
}

Result<void> write_tracking(SnapshotFile& out, const Frozen& frozen,
                            const telemetry::PointRegistry& registry) {
    if (frozen.tracked_model.empty()) {
        return {};
    }
    ByteWriter frame;
    std::size_t in_frame = 0;
    write_common(frame, frozen.tracked_model, frozen.tracking, frozen.counts);
    for (const std::vector<FrozenTracking>& shard : frozen.tracked) {
        for (const FrozenTracking& one : shard) {
            if (in_frame == limits_per_frame) {
                if (Result<void> written = out.frame(FrameKind::tracking, frame.bytes()); !written) {
                    return written;
                }
                frame.bytes().clear();
                in_frame = 0;
                write_common(frame, frozen.tracked_model, frozen.tracking, frozen.counts);
            }
            frame.text(registry.key(one.ref).text());
            frame.put(static_cast<std::uint8_t>(one.is_export ? 1 : 0));
            frame.put(one.learnt);
            frame.put(one.bias);
            in_frame += 1;
        }
    }
    return out.frame(FrameKind::tracking, frame.bytes());
}

/// Errors of another model than serves now mean nothing and are left out.
Result<void> Monitor::Engine::restore_tracking(
    std::string_view payload, const std::function<telemetry::PointRef(std::string_view)>& find) {
    ByteReader in(payload);
    const std::string_view model = in.text();
    LiveTracking tracking;
    TrackingCounts counts;
    tracking.offsets = in.get<decltype(tracking.offsets)>();
    counts.cells = in.get<decltype(counts.cells)>();
    if (!in.is_whole() || !is_sound(tracking) || !is_sound(counts)) {
        return contradictory_errors();
    }
    const bool is_ours = context_.live && context_.live->id() == model;
    if (is_ours) {
        context_.tracking = tracking;
        context_.counts = counts;
    }
    while (!in.is_at_end()) {
        const std::string_view key = in.text();
        const auto direction = in.get<std::uint8_t>();
        const auto learnt = in.get<std::int32_t>();
        const auto bias = in.get<PointBias>();
        if (!in.is_whole() || direction > 1 || learnt < 0 || learnt >= (1 << 24) || !is_sound(bias)) {
            return contradictory_errors();
        }
        const Place place = is_ours ? place_of(find(key)) : Place();
        if (place.is_none()) {
            continue;
        }
        const std::uint32_t index =
            shard_of(place).limited_of(place.local(), static_cast<grid::Direction>(direction));
        if (index != none) {
            LiveState& state = shard_of(place).live_state(index);
            state.learnt = learnt;
            state.bias = bias;
        }
    }
    return {};
}

}  // namespace headroom::monitor
