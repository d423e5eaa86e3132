#include "risk/week_ahead.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace headroom::risk {
namespace {

constexpr std::int64_t kept_around = 2;  // half-hours: what began and ended a window stays to be seen

UtcTime end_of(const RiskInput& input) {
    return input.forecast_start + period_length * static_cast<std::int64_t>(input.forecast_w.size());
}

/// The half-hours of [from, to) alone.
RiskInput part_of(const RiskInput& input, UtcTime from, UtcTime to) {
    RiskInput out = input;
    const std::int64_t first = std::max<std::int64_t>(0, (from - input.forecast_start) / period_length);
    const std::int64_t last =
        std::min<std::int64_t>(std::ssize(input.forecast_w), (to - input.forecast_start) / period_length);
    out.forecast_start = input.forecast_start + period_length * first;
    out.forecast_w.assign(input.forecast_w.begin() + first, input.forecast_w.begin() + std::max(first, last));
    return out;
}

bool touches(const Overload& a, const Overload& b) {
    return a.feeder == b.feeder && a.start <= b.end && b.start <= a.end;
}

/// Loading times both limits, so that no share has to be rounded.
double loading_over(const Overload& a, const Overload& b) {
    return static_cast<double>(a.peak_load.value) * b.limit.value;
}

}  // namespace

Result<std::vector<ForeseenOverload>> foreseen_overloads(RiskInput input) {
    std::vector<ForeseenOverload> out;
    input.rules.forecast_horizon_periods =
        std::max<std::int64_t>(0, (end_of(input) - floor_period(input.now)) / period_length);
    while (!input.forecast_w.empty()) {
        const Result<std::optional<Overload>> found = assess(input);
        if (!found) {
            return found.error();
        }
        if (!*found) {
            break;
        }
        const Overload& overload = **found;
        RiskInput kept = part_of(input, overload.start - period_length * kept_around,
                                 overload.end + period_length * kept_around);
        Result<std::optional<Overload>> again = assess(kept);
        if (!again || !*again || (*again)->event != overload.event) {
            return again ? Error{Errc::invalid, "a window of " + input.feeder + " does not stand alone"}
                         : again.error();
        }
        const UtcTime behind = overload.end;
        out.push_back({std::move(**again), std::move(kept)});
        input = part_of(input, behind, end_of(input));
    }
    return out;
}

std::vector<ForeseenOverload> one_a_window(std::vector<ForeseenOverload> found) {
    std::stable_sort(found.begin(), found.end(), [](const ForeseenOverload& a, const ForeseenOverload& b) {
        const bool a_is_sum = a.overload.limit.phase == grid::Phase::sum;
        const bool b_is_sum = b.overload.limit.phase == grid::Phase::sum;
        if (a_is_sum != b_is_sum) {
            return b_is_sum;
        }
        return loading_over(a.overload, b.overload) > loading_over(b.overload, a.overload);
    });
    std::vector<ForeseenOverload> out;
    for (ForeseenOverload& each : found) {
        if (std::none_of(out.begin(), out.end(), [&each](const ForeseenOverload& kept) {
                return touches(kept.overload, each.overload);
            })) {
            out.push_back(std::move(each));
        }
    }
    std::stable_sort(out.begin(), out.end(), [](const ForeseenOverload& a, const ForeseenOverload& b) {
        return std::tie(a.overload.feeder, a.overload.start) < std::tie(b.overload.feeder, b.overload.start);
    });
    return out;
}

}  // namespace headroom::risk
