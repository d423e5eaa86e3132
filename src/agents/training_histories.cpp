#include "agents/training_histories.hpp"

#include "agents/feed_dispatches.hpp"
#include "features/half_hour_ring.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace headroom::agents {
namespace {

/// Points read in one go: some tens of milliseconds of the store's thread.
constexpr std::size_t points_at_once = 16;
constexpr std::array<const char*, 3> kept_as{"", "/raw", "/dispatched"};

/// Puts a block's half-hours into the history; `is_kept_apart` makes them unknown instead.
void lay_in(forecast::LiveHistory& history, const store::SeriesBlock& block, bool is_kept_apart) {
    if (block.step != period_length) {
        return;
    }
    std::int64_t period = features::period_index(block.start);
    for (const float value : block.values) {
        const std::int64_t at = period++ - history.first;
        if (at >= 0 && at < static_cast<std::int64_t>(history.kw.size()) && !std::isnan(value)) {
            history.kw[static_cast<std::size_t>(at)] =
                is_kept_apart ? std::numeric_limits<float>::quiet_NaN() : value;
        }
    }
}

/// Adds what was turned down at the operator's word to a history: what is learnt is the load had nothing been
/// asked. Answers how many half-hours it changed.
std::int64_t add_back(forecast::LiveHistory& history, const store::SeriesBlock& dispatched) {
    std::int64_t changed = 0;
    std::int64_t period = features::period_index(dispatched.start);
    for (const float value : dispatched.values) {
        const std::int64_t at = period++ - history.first;
        if (at < 0 || at >= std::ssize(history.kw) || !std::isfinite(value) || value == 0.0F) {
            continue;
        }
        float& kw = history.kw[static_cast<std::size_t>(at)];
        if (!std::isnan(kw)) {
            kw = static_cast<float>(natural_load_kw(static_cast<double>(kw), static_cast<double>(value)));
            changed += 1;
        }
    }
    return changed;
}

}  // namespace

Awaitable<TrainingHistories> read_training_histories(SeriesStore& series, std::vector<std::string> points,
                                                     UtcTime from, UtcTime to,
                                                     const std::atomic<bool>& is_stopping) {
    TrainingHistories out;
    for (std::size_t begin = 0; begin < points.size() && !is_stopping.load(); begin += points_at_once) {
        const std::size_t count = std::min(points.size() - begin, points_at_once);
        std::vector<std::string> keys;
        for (const char* kept : kept_as) {
            for (std::size_t i = 0; i < count; ++i) {
                keys.push_back(points[begin + i] + kept);
            }
        }
        const std::vector<store::SeriesBlock> blocks = co_await series.read(std::move(keys), from, to);
        for (std::size_t i = 0; i < count; ++i) {
            if (blocks[i].values.empty()) {
                continue;
            }
            forecast::LiveHistory& history = out.histories.emplace_back();
            history.name = points[begin + i];
            history.first = features::period_index(from);
            history.kw.resize(static_cast<std::size_t>((to - from) / period_length),
                              std::numeric_limits<float>::quiet_NaN());
            lay_in(history, blocks[i], false);
            lay_in(history, blocks[count + i], true);
            out.dispatched_half_hours += add_back(history, blocks[2 * count + i]);
        }
    }
    co_return out;
}

}  // namespace headroom::agents
