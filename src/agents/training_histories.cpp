#include "agents/training_histories.hpp"

#include "agents/delivered_load.hpp"
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
constexpr std::array<const char*, 4> kept_as{"", "/raw", "/dispatched", "/delivered"};

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

/// A block's value of a half-hour; NaN where it has none.
double value_at(const store::SeriesBlock& block, std::int64_t period) {
    const std::int64_t at = period - features::period_index(block.start);
    return at >= 0 && at < std::ssize(block.values)
               ? static_cast<double>(block.values[static_cast<std::size_t>(at)])
               : std::numeric_limits<double>::quiet_NaN();
}

bool is_something(double kw) {
    return std::isfinite(kw) && kw != 0.0;
}

/// Adds what was turned down at the operator's word to a history: what is learnt is the load had nothing been
/// asked. Counts the half-hours that it changed.
void add_back(forecast::LiveHistory& history, const store::SeriesBlock& dispatched,
              const store::SeriesBlock& delivered, TrainingHistories& out) {
    for (std::size_t i = 0; i < history.kw.size(); ++i) {
        const std::int64_t period = history.first + static_cast<std::int64_t>(i);
        const double bought = value_at(dispatched, period);
        const double own = value_at(delivered, period);
        if (std::isnan(history.kw[i]) || (!is_something(bought) && !is_something(own))) {
            continue;
        }
        history.kw[i] = static_cast<float>(
            natural_load_kw(static_cast<double>(history.kw[i]), added_back_kw(bought, own)));
        out.dispatched_half_hours += is_something(bought) ? 1 : 0;
        out.delivered_half_hours += is_something(own) ? 1 : 0;
    }
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
            add_back(history, blocks[2 * count + i], blocks[3 * count + i], out);
        }
    }
    co_return out;
}

}  // namespace headroom::agents
