#include "telemetry/arrival_skew.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace headroom::telemetry {
namespace {

constexpr std::size_t samples_min = 8;
constexpr milliseconds ahead_by = seconds{30};
constexpr milliseconds late_by = minutes{2};
constexpr milliseconds spread_min = seconds{30};

}  // namespace

std::string_view to_string(SkewVerdict verdict) {
    switch (verdict) {
        case SkewVerdict::unknown:
            return "unknown";
        case SkewVerdict::ok:
            return "ok";
        case SkewVerdict::ahead:
            return "ahead";
        case SkewVerdict::behind:
            return "behind";
        case SkewVerdict::delayed:
            return "delayed";
    }
    return "unknown";
}

void ArrivalSkew::take(milliseconds delay) {
    delays_[static_cast<std::size_t>(count_ % window)] = delay.count();
    ++count_;
}

std::optional<milliseconds> ArrivalSkew::quantile(double share) const {
    const std::size_t size = samples();
    if (size == 0) {
        return std::nullopt;
    }
    std::array<std::int64_t, window> sorted = delays_;
    const auto rank = static_cast<std::size_t>(
        std::clamp(std::ceil(share * static_cast<double>(size)) - 1.0, 0.0, static_cast<double>(size - 1)));
    const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(sorted.begin(), place, sorted.begin() + static_cast<std::ptrdiff_t>(size));
    return milliseconds{*place};
}

SkewVerdict ArrivalSkew::verdict() const {
    if (samples() < samples_min) {
        return SkewVerdict::unknown;
    }
    const milliseconds middle = *quantile(0.5);
    if (middle < -ahead_by) {
        return SkewVerdict::ahead;
    }
    if (middle <= late_by) {
        return SkewVerdict::ok;
    }
    const milliseconds spread = *quantile(0.95) - *quantile(0.05);
    return spread <= std::max(spread_min, middle / 5) ? SkewVerdict::behind : SkewVerdict::delayed;
}

}  // namespace headroom::telemetry
