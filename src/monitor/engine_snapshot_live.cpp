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

Error damaged() {
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
std::vector<std::string> Monitor::Engine::freeze_tracking() const {
    std::vector<std::string> frames;
    if (!context_.live) {
        return frames;
    }
    TrackingCounts counts = context_.counts;
    for (const std::unique_ptr<Shard>& shard : shards_) {
        counts.add(shard->tracking_counts());
    }
    ByteWriter out;
    std::size_t written = 0;
    write_common(out, context_.live->id(), context_.tracking, counts);
    for (const std::unique_ptr<Shard>& shard : shards_) {
        for (std::uint32_t index = 0; index < shard->limits().size(); ++index) {
            const Limited& limited = shard->limits()[index];
            const LiveState& state = shard->live_state(index);
            if (state.learnt == features::no_period) {
                continue;
            }
            out.text(context_.registry->key(shard->ref(limited.local)).text());
            out.put(static_cast<std::uint8_t>(limited.is_export ? 1 : 0));
            out.put(state.learnt);
            out.put(state.bias);
            if (++written % limits_per_frame == 0) {
                frames.push_back(std::move(out.bytes()));
                out = ByteWriter();
                write_common(out, context_.live->id(), context_.tracking, counts);
            }
        }
    }
    frames.push_back(std::move(out.bytes()));
    return frames;
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
        return damaged();
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
            return damaged();
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
