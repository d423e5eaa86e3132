#include "forecast/live_sum.hpp"

#include "forecast/coherence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headroom::forecast {
namespace {

/// Share of the feeders' errors that is common to all of them.
constexpr double common_share = 0.5;

std::int32_t held(std::int64_t watts) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(watts, -most, most));
}

}  // namespace

std::optional<LoadForecast> coherent_sum(std::span<const LoadForecast> parts, const LoadForecast* own) {
    if (parts.empty()) {
        return std::nullopt;
    }
    std::size_t periods = std::numeric_limits<std::size_t>::max();
    for (const LoadForecast& part : parts) {
        if (part.load_w.empty() || part.start != parts.front().start) {
            return std::nullopt;
        }
        periods = std::min(periods, part.load_w.size());
    }
    LoadForecast out;
    out.origin = parts.front().origin;
    out.start = parts.front().start;
    // The weakest of the methods: a sum is no better than its worst part.
    out.method = std::ranges::max_element(parts, {}, &LoadForecast::method)->method;
    out.model = parts.front().model;
    const bool has_own = own != nullptr && own->start == out.start;
    std::vector<QuantileValues> loads(parts.size());
    for (std::size_t period = 0; period < periods; ++period) {
        std::int64_t middle = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const QuantileRow& part = parts[i].load_w[period];
            middle += part[median_index];
            std::ranges::copy(part, loads[i].begin());
        }
        const QuantileValues sum = quantiles_of_sum(loads, common_share);
        QuantileRow& row = out.load_w.emplace_back();
        for (std::size_t q = 0; q < quantile_count; ++q) {
            const std::int64_t distance =
                q == median_index ? 0
                : has_own && period < own->load_w.size()
                    ? std::int64_t{own->load_w[period][q]} - std::int64_t{own->load_w[period][median_index]}
                    : std::llround(sum[q] - sum[median_index]);
            row[q] = held(middle + distance);
        }
        std::ranges::sort(row);
    }
    return out;
}

}  // namespace headroom::forecast
