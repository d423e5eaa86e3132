#include "trust/earnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::trust {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double normal_mad = 1.4826;  // standard deviations of a normal distribution in its MAD

double median(std::vector<double> values) {
    if (values.empty()) {
        return unknown;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Mean of the half-hours [from, to) that are known; NaN unless most of them are.
double mean_of(const DeliveryDay& day, std::size_t from, std::size_t to) {
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t i = from; i < std::min(to, day.load_kw.size()); ++i) {
        if (std::isfinite(day.load_kw[i])) {
            sum += day.load_kw[i];
            ++count;
        }
    }
    return 2 * count > to - from ? sum / static_cast<double>(count) : unknown;
}

/// What earlier days had between two half-hours: their median, and how far they lie about it.
struct Usual {
    double kw = unknown;
    double deviation_kw = unknown;
    std::size_t days = 0;
};
Usual usual_of(std::span<const DeliveryDay> earlier, std::size_t from, std::size_t to, double floor_share) {
    std::vector<double> means;
    for (const DeliveryDay& day : earlier) {
        if (const double mean = mean_of(day, from, to); std::isfinite(mean)) {
            means.push_back(mean);
        }
    }
    Usual usual{.kw = median(means), .deviation_kw = unknown, .days = means.size()};
    for (double& mean : means) {
        mean = std::abs(mean - usual.kw);
    }
    usual.deviation_kw =
        std::max({normal_mad * median(std::move(means)), floor_share * std::abs(usual.kw), resolution_kw});
    return usual;
}

/// Median |second difference|; NaN with fewer than three known readings in a row.
double noise_of(std::span<const double> kw) {
    std::vector<double> bends;
    for (std::size_t i = 2; i < kw.size(); ++i) {
        if (const double bend = kw[i] - 2.0 * kw[i - 1] + kw[i - 2]; std::isfinite(bend)) {
            bends.push_back(std::abs(bend));
        }
    }
    return median(std::move(bends));
}

double level_of(std::span<const double> kw) {
    std::vector<double> known;
    for (const double one : kw) {
        if (std::isfinite(one)) {
            known.push_back(std::abs(one));
        }
    }
    return median(std::move(known));
}

std::size_t known_of(std::span<const double> kw) {
    return static_cast<std::size_t>(
        std::count_if(kw.begin(), kw.end(), [](double one) { return std::isfinite(one); }));
}

}  // namespace

std::optional<Evidence> find_baseline_inflation(const std::string& meter, const DeliveryDay& day,
                                                std::span<const DeliveryDay> earlier,
                                                const DeliveryWindow& window, const InflationRules& rules) {
    const std::size_t from = std::max(window.told, window.adjusted_from);
    if (from >= window.start || window.start >= window.end || window.end > day.load_kw.size()) {
        return std::nullopt;
    }
    const double before_kw = mean_of(day, from, window.start);
    const double within_kw = mean_of(day, window.start, window.end);
    const Usual before = usual_of(earlier, from, window.start, rules.floor_share);
    const Usual within = usual_of(earlier, window.start, window.end, rules.floor_share);
    const double claimed_kw = window.baseline_kw - within_kw;
    if (std::min(before.days, within.days) < rules.days_min || !std::isfinite(before_kw) ||
        !(claimed_kw > 0.0)) {
        return std::nullopt;
    }
    const double raised = (before_kw - before.kw) / before.deviation_kw;
    const double real_kw = within.kw - within_kw;
    if (raised <= rules.deviations || real_kw >= rules.usual_share * claimed_kw) {
        return std::nullopt;
    }
    return Evidence{
        .layer = Layer::residual,
        .meter = meter,
        .statistic = raised,
        .threshold = rules.deviations,
        .confidence = confidence_of(raised, rules.deviations),
        .detail = fmt::format(
            "{} took {:.1f} kW between the call and the delivery, {:.1f} deviations more than the "
            "{:.1f} kW of {} earlier days; {:.1f} kW of delivery are claimed against that, {:.1f} "
            "kW against those days",
            meter, before_kw, raised, before.kw, before.days, claimed_kw, real_kw)};
}

std::optional<Evidence> find_flat_delivery(const std::string& meter, std::span<const double> before,
                                           std::span<const double> within, double expected_kw,
                                           const FlatRules& rules) {
    if (known_of(before) < rules.readings_min || known_of(within) < rules.readings_min) {
        return std::nullopt;
    }
    const double usual = noise_of(before);
    const double now = noise_of(within);
    const double level = std::max(level_of(before), resolution_kw);
    if (!std::isfinite(usual) || !std::isfinite(now) || usual < rules.usual_noise_min * level) {
        return std::nullopt;
    }
    // A smaller load is a quieter one: noise goes with the level.
    const double scaled = usual * std::min(1.0, std::max(level_of(within), resolution_kw) / level);
    const double quiet = scaled / std::max(now, resolution_kw / 10.0);
    const double needed = 1.0 / rules.quiet_share;
    double farthest = 0.0;
    for (const double kw : within) {
        farthest = std::isfinite(kw) ? std::max(farthest, std::abs(kw - expected_kw)) : farthest;
    }
    const double allowed = std::max(rules.exact_share * std::abs(expected_kw), resolution_kw / 2.0);
    const bool is_exact = std::isfinite(expected_kw) && farthest <= allowed && scaled > 4.0 * allowed;
    if (quiet <= needed && !is_exact) {
        return std::nullopt;
    }
    return Evidence{
        .layer = Layer::residual,
        .meter = meter,
        .statistic = quiet,
        .threshold = needed,
        .confidence = is_exact ? std::max(0.9, confidence_of(quiet, needed)) : confidence_of(quiet, needed),
        .detail = fmt::format(
            "{} bends by {:.3f} kW from reading to reading during the delivery and by {:.3f} kW "
            "before it{}",
            meter, now, usual,
            is_exact ? fmt::format("; every reading is within {:.3f} kW of what was asked", farthest)
                     : std::string())};
}

}  // namespace headroom::trust
