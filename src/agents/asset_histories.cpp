#include "agents/asset_histories.hpp"

#include "agents/covariate_series.hpp"
#include "agents/delivered_load.hpp"
#include "agents/feed_dispatches.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t series_at_once = 16;

using Values = std::vector<std::optional<double>>;

/// A block on the half-hours from `from` on; what it does not have is not known.
Values laid_out(const store::SeriesBlock& block, UtcTime from, std::size_t count) {
    Values out(count);
    if (block.step != period_length) {
        return out;
    }
    const std::int64_t offset = (block.start - from) / period_length;
    for (std::size_t i = 0; i < block.values.size(); ++i) {
        const std::int64_t place = offset + static_cast<std::int64_t>(i);
        if (place >= 0 && place < std::ssize(out) && std::isfinite(block.values[i])) {
            out[static_cast<std::size_t>(place)] = static_cast<double>(block.values[i]);
        }
    }
    return out;
}

bool is_known(const Values& values) {
    return std::any_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
}

/// A half-hour's recorded load had nothing been asked; counts what it adds.
struct AddedBack {
    std::size_t dispatched = 0;
    std::size_t delivered = 0;

    void to(std::optional<double>& load, std::optional<double> bought, std::optional<double> own) {
        if (!load || (bought.value_or(0.0) == 0.0 && own.value_or(0.0) == 0.0)) {
            return;
        }
        load = natural_load_kw(*load, added_back_kw(bought.value_or(0.0), own.value_or(0.0)));
        dispatched += bought.value_or(0.0) != 0.0 ? 1 : 0;
        delivered += own.value_or(0.0) != 0.0 ? 1 : 0;
    }
};

/// Where a history comes from, for people.
std::string source_of(const AddedBack& added) {
    std::string text = "half-hours recorded by the control room";
    if (added.dispatched > 0) {
        text += "; flexibility bought in " + std::to_string(added.dispatched) +
                " of them added back, as UK Power Networks publishes it";
    }
    if (added.delivered > 0) {
        text += "; what our own events turned down in " + std::to_string(added.delivered) +
                " of them added back, as their meters verified it";
    }
    return text;
}

std::string load_key(const std::string& id) {
    return id + "/p_kw/sum";
}

}  // namespace

Awaitable<std::map<std::string, scenario::History>> recorded_histories(SeriesStore& series,
                                                                       std::vector<std::string> ids,
                                                                       UtcTime now) {
    const UtcTime to = floor_period(now);
    const UtcTime from = to - asset_history_days;
    const auto count = static_cast<std::size_t>((to - from) / period_length);
    std::vector<std::string> weather_keys;
    for (const char* name : {"temperature_c", "radiation_w_per_m2", "wind_m_per_s"}) {
        weather_keys.push_back(covariate_key(forecast::live_column(name).value(), 0));
    }
    const std::vector<store::SeriesBlock> told = co_await series.read(std::move(weather_keys), from, to);
    std::array<Values, 3> weather;
    for (std::size_t i = 0; i < weather.size(); ++i) {
        weather[i] = laid_out(told[i], from, count);
    }
    std::map<std::string, scenario::History> out;
    for (std::size_t begin = 0; begin < ids.size() && out.size() < asset_histories_max;
         begin += series_at_once) {
        const std::size_t end = std::min(ids.size(), begin + series_at_once);
        std::vector<std::string> keys;
        for (std::size_t i = begin; i < end; ++i) {
            keys.push_back(load_key(ids[i]));
            keys.push_back(load_key(ids[i]) + "/raw");
            keys.push_back(dispatched_key(ids[i]));
            keys.push_back(delivered_key(ids[i]));
        }
        const std::vector<store::SeriesBlock> blocks = co_await series.read(std::move(keys), from, to);
        for (std::size_t i = 0; i < end - begin && out.size() < asset_histories_max; ++i) {
            Values load = laid_out(blocks[4 * i], from, count);
            const Values apart = laid_out(blocks[4 * i + 1], from, count);
            const Values dispatched = laid_out(blocks[4 * i + 2], from, count);
            const Values delivered = laid_out(blocks[4 * i + 3], from, count);
            AddedBack added;
            for (std::size_t at = 0; at < count; ++at) {
                if (apart[at]) {
                    load[at].reset();
                }
                added.to(load[at], dispatched[at], delivered[at]);
            }
            if (is_known(load)) {
                out.emplace(ids[begin + i], scenario::History{.start = from,
                                                              .load_kw = std::move(load),
                                                              .temperature_c = weather[0],
                                                              .radiation_w_per_m2 = weather[1],
                                                              .wind_m_per_s = weather[2],
                                                              .source = source_of(added)});
            }
        }
    }
    co_return out;
}

}  // namespace headroom::agents
