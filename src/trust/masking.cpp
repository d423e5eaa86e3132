#include "trust/masking.hpp"

#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::trust {
namespace {

constexpr double p05_to_p95 = 3.29;    // standard deviations
constexpr double least_load_kw = 0.5;  // less tells nothing of what feeders have in common

}  // namespace

MaskingWatch::MaskingWatch(std::size_t feeders, MaskingRules rules) : rules_(rules), sums_(feeders, 0.0) {}

MaskingWatch::Common MaskingWatch::common(std::size_t but, std::span<const double> kw,
                                          std::span<const Outlook> outlooks) const {
    std::vector<double> ratios;
    for (std::size_t f = 0; f < kw.size(); ++f) {
        const bool tells = f != but && std::isfinite(kw[f]) && outlooks[f].p50_kw > least_load_kw &&
                           !outlooks[f].is_relieved;
        if (tells) {
            ratios.push_back(kw[f] / outlooks[f].p50_kw);
        }
    }
    if (ratios.size() < rules_.neighbours) {
        return {.factor = 1.0, .neighbours = ratios.size()};
    }
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    return {.factor = std::clamp(*middle, rules_.common_min, rules_.common_max), .neighbours = ratios.size()};
}

std::vector<std::optional<Evidence>> MaskingWatch::take(std::span<const double> kw,
                                                        std::span<const Outlook> outlooks,
                                                        std::span<const std::string> names) {
    HEADROOM_ASSERT(kw.size() == sums_.size() && outlooks.size() == sums_.size() &&
                    names.size() == sums_.size());
    std::vector<std::optional<Evidence>> found(sums_.size());
    for (std::size_t f = 0; f < sums_.size(); ++f) {
        const Outlook& outlook = outlooks[f];
        if (!std::isfinite(kw[f])) {
            continue;  // silence is no low reading
        }
        const bool is_near = outlook.limit_kw > 0.0 && outlook.p50_kw > 0.0 &&
                             outlook.p95_kw >= rules_.near_share * outlook.limit_kw;
        if (!is_near || outlook.is_relieved) {
            sums_[f] = 0.0;
            continue;
        }
        const Common others = common(f, kw, outlooks);
        const double expected_kw = outlook.p50_kw * others.factor;
        const double deviation_kw =
            std::max((outlook.p95_kw - outlook.p05_kw) / p05_to_p95, rules_.floor_share * outlook.p50_kw);
        const double short_by = (expected_kw - kw[f]) / deviation_kw;
        sums_[f] = std::clamp(sums_[f] + std::clamp(short_by, -rules_.clip, rules_.clip) - rules_.drift, 0.0,
                              2.0 * rules_.limit);
        if (sums_[f] <= rules_.limit) {
            continue;
        }
        found[f] =
            Evidence{.layer = Layer::masking,
                     .meter = names[f],
                     .statistic = sums_[f],
                     .threshold = rules_.limit,
                     .confidence = confidence_of(sums_[f], rules_.limit),
                     .detail = fmt::format("{} reads {:.0f} kW where {:.0f} kW were expected and the limit "
                                           "is {:.0f} kW: {:.1f} deviations "
                                           "too low, {}; sum {:.1f} of {:.1f}",
                                           names[f], kw[f], expected_kw, outlook.limit_kw, short_by,
                                           others.neighbours >= rules_.neighbours
                                               ? fmt::format("while {} neighbours are at {:.0f} % of theirs",
                                                             others.neighbours, 100.0 * others.factor)
                                               : std::string("with no neighbours to compare with"),
                                           sums_[f], rules_.limit)};
    }
    return found;
}

}  // namespace headroom::trust
