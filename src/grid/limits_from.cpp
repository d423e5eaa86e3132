#include "grid/limits_from.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <vector>

namespace headroom::grid {
namespace {

std::string shortest(double number) {
    char text[32];
    const auto written = std::to_chars(text, text + sizeof text, number);
    return {text, written.ptr};
}

template <class T>
Result<Limit> limit_from(std::string_view asset, Phase phase, Direction direction,
                         std::span<const T> values_kw, double percentile, std::string_view source) {
    const std::string where = std::string(asset) + "/" + std::string(to_string(phase));
    if (!(percentile > 0.0 && percentile <= 100.0)) {
        return Error{Errc::invalid,
                     "the percentile " + shortest(percentile) + " is not above 0 and at most 100"};
    }
    std::vector<T> known;
    known.reserve(values_kw.size());
    std::copy_if(values_kw.begin(), values_kw.end(), std::back_inserter(known),
                 [](T value) { return std::isfinite(value); });
    if (known.empty()) {
        return Error{Errc::invalid, "there are no readings of " + where + " to take a limit from"};
    }
    // Multiplied first: 0.95 is no binary fraction, and 95 % of 100 readings is the 95th.
    const double rank = std::ceil(percentile * static_cast<double>(known.size()) / 100.0);
    const auto nth = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
    std::nth_element(known.begin(), known.begin() + nth, known.end());

    Limit limit;
    limit.asset = asset;
    limit.phase = phase;
    limit.direction = direction;
    limit.value = round_to_thousandths(static_cast<double>(known[static_cast<std::size_t>(nth)]));
    limit.source = "percentile " + shortest(percentile) + " of " + std::to_string(known.size()) + " readings";
    if (!source.empty()) {
        limit.source += ", " + std::string(source);
    }
    if (limit.value <= 0.0 || limit.value > limit_value_max) {
        return Error{Errc::invalid, limit.source + " of " + where + " is " + shortest(limit.value) +
                                        " kW, which is no " + std::string(to_string(direction)) + " limit"};
    }
    return limit;
}

}  // namespace

Result<Limit> percentile_limit(std::string_view asset, Phase phase, Direction direction,
                               std::span<const double> values_kw, double percentile,
                               std::string_view source) {
    return limit_from(asset, phase, direction, values_kw, percentile, source);
}

Result<Limit> percentile_limit(std::string_view asset, Phase phase, Direction direction,
                               std::span<const float> values_kw, double percentile, std::string_view source) {
    return limit_from(asset, phase, direction, values_kw, percentile, source);
}

}  // namespace headroom::grid
