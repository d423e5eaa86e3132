#include "trust/replay.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headroom::trust {
namespace {

constexpr double chance_max = 1e-6;  // within the whole memory
constexpr std::size_t degrees_min = 6;

std::vector<double> unit(std::span<const double> vector) {
    const double length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
    if (!(length > 0.0) || !std::isfinite(length)) {
        return {};
    }
    std::vector<double> result(vector.begin(), vector.end());
    std::transform(result.begin(), result.end(), result.begin(),
                   [length](double value) { return value / length; });
    return result;
}

}  // namespace

ReplayWatch::ReplayWatch(std::size_t meters, std::size_t degrees, std::size_t samples)
    : meters_(meters), threshold_(2.0), ring_(samples) {
    HEADROOM_ASSERT(samples > 0);
    if (degrees >= degrees_min) {
        const double chance = 2.0 * chance_max / static_cast<double>(samples);
        threshold_ = std::sqrt(1.0 - std::pow(chance, 2.0 / static_cast<double>(degrees - 1)));
    }
}

std::optional<Replay> ReplayWatch::find(std::span<const double> residual) const {
    HEADROOM_ASSERT(residual.size() == meters_);
    const std::vector<double> now = unit(residual);
    if (now.empty()) {
        return std::nullopt;
    }
    std::optional<Replay> best;
    for (std::size_t back = 1; back <= std::min(seen_, ring_.size()); ++back) {
        const std::vector<double>& then = ring_[(seen_ - back) % ring_.size()];
        const double likeness =
            then.empty() ? 0.0 : std::inner_product(now.begin(), now.end(), then.begin(), 0.0);
        if (likeness > threshold_ && (!best || likeness > best->likeness)) {
            best = Replay{.samples_back = back, .likeness = likeness};
        }
    }
    return best;
}

void ReplayWatch::take(std::span<const double> residual) {
    HEADROOM_ASSERT(residual.empty() || residual.size() == meters_);
    ring_[seen_ % ring_.size()] = unit(residual);
    ++seen_;
}

}  // namespace headroom::trust
