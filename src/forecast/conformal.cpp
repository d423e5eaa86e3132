#include "forecast/conformal.hpp"

#include <algorithm>

namespace headroom::forecast {

QuantileValues weighted_quantiles(std::vector<WeightedError>& errors) {
    std::ranges::sort(errors, {}, &WeightedError::error);
    double total = 0.0;
    for (const WeightedError& entry : errors) {
        total += entry.weight;
    }
    QuantileValues out{};
    if (total <= 0.0) {
        return out;
    }
    double below = 0.0;  // weight up to the middle of the entry at hand, a share of the total
    double last_share = 0.0;
    double last_error = errors.front().error;
    std::size_t next = 0;
    for (const WeightedError& entry : errors) {
        const double share = (below + 0.5 * entry.weight) / total;
        for (; next < out.size() && quantiles[next] <= share; ++next) {
            const double span = share - last_share;
            const double part = span > 0.0 ? (quantiles[next] - last_share) / span : 1.0;
            out[next] = last_error + part * (entry.error - last_error);
        }
        below += entry.weight;
        last_share = share;
        last_error = entry.error;
    }
    for (; next < out.size(); ++next) {
        out[next] = errors.back().error;
    }
    return out;
}

void QuantileTracker::observe(double error, const QuantileValues& at) {
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
        const double was_below = error <= at[i] ? 1.0 : 0.0;
        offsets_[i] = std::clamp(offsets_[i] + rate_ * (quantiles[i] - was_below), -offset_max, offset_max);
    }
}

QuantileValues shifted(const QuantileValues& base, const QuantileValues& offsets) {
    QuantileValues out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = base[i] + offsets[i];
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace headroom::forecast
