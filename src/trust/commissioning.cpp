#include "trust/commissioning.hpp"

#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace headroom::trust {
namespace {

constexpr std::size_t samples_min = 12;
constexpr std::size_t faults_max = 4;
constexpr double tolerance_kw = 0.5;
constexpr double tolerance_share = 0.02;
constexpr double gain_min = 0.5;  // share of the difference that a correction has to remove
constexpr double unit_gain_min =
    0.95;  // a factor of a thousand makes nearly all of it; making a meter vanish less
constexpr double nothing_kw = 0.05;  // a meter that never reads more is not connected
constexpr double thousand = 1000.0;

struct Correction {
    CommissioningKind kind = CommissioningKind::unexplained;
    std::size_t meter = 0;  // the busbar is behind the feeders
    std::string proposal;
    std::vector<double> factor;      // by phase
    std::vector<std::size_t> order;  // the phase that a phase is taken from
};

std::span<double> readings_of(BalanceSample& sample, std::size_t meter) {
    const std::size_t phases = sample.busbar_kw.size();
    const std::span<double> feeders = sample.feeders_kw;
    return meter * phases < feeders.size() ? feeders.subspan(meter * phases, phases)
                                           : std::span<double>(sample.busbar_kw);
}

BalanceSample corrected(BalanceSample sample, const Correction& correction) {
    const std::span<double> readings = readings_of(sample, correction.meter);
    const std::vector<double> before(readings.begin(), readings.end());
    for (std::size_t p = 0; p < readings.size(); ++p) {
        readings[p] = correction.factor[p] * before[correction.order[p]];
    }
    return sample;
}

/// busbar − Σ feeders of a phase.
double difference_kw(const BalanceSample& sample, std::size_t phase) {
    double difference = sample.busbar_kw[phase];
    for (std::size_t i = phase; i < sample.feeders_kw.size(); i += sample.busbar_kw.size()) {
        difference -= sample.feeders_kw[i];
    }
    return difference;
}

double mean_difference_kw(std::span<const BalanceSample> samples) {
    double sum = 0.0;
    for (const BalanceSample& sample : samples) {
        for (std::size_t p = 0; p < sample.busbar_kw.size(); ++p) {
            sum += std::abs(difference_kw(sample, p));
        }
    }
    return sum / static_cast<double>(samples.size() * samples.front().busbar_kw.size());
}

double mean_difference_kw(std::span<const BalanceSample> samples, const Correction& correction) {
    std::vector<BalanceSample> changed;
    changed.reserve(samples.size());
    for (const BalanceSample& sample : samples) {
        changed.push_back(corrected(sample, correction));
    }
    return mean_difference_kw(changed);
}

/// What a phase may be off by: of the larger of busbar and feeders, so that one that is far too small does
/// not make the balance look worse than it is.
double tolerated_kw(std::span<const BalanceSample> samples) {
    double busbar = 0.0;
    double feeders = 0.0;
    for (const BalanceSample& sample : samples) {
        for (const double kw : sample.busbar_kw) {
            busbar += std::abs(kw);
        }
        for (const double kw : sample.feeders_kw) {
            feeders += std::abs(kw);
        }
    }
    const auto count = static_cast<double>(samples.size() * samples.front().busbar_kw.size());
    return std::max(tolerance_kw, tolerance_share * std::min(busbar, feeders) / count);
}

std::vector<Correction> corrections_of(std::size_t meter, std::size_t phases) {
    std::vector<std::size_t> order(phases);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const Correction none{.meter = meter, .factor = std::vector<double>(phases, 1.0), .order = order};
    std::vector<Correction> all;
    const auto add = [&all, &none](CommissioningKind kind, std::string proposal) -> Correction& {
        all.push_back(none);
        all.back().kind = kind;
        all.back().proposal = std::move(proposal);
        return all.back();
    };
    add(CommissioningKind::reversed, "turn the sign of all phases").factor.assign(phases, -1.0);
    for (std::size_t p = 0; phases > 1 && p < phases; ++p) {
        add(CommissioningKind::reversed, fmt::format("turn the sign of phase {}", p + 1)).factor[p] = -1.0;
    }
    add(CommissioningKind::unit, "multiply by 1000: it reads in MW").factor.assign(phases, thousand);
    add(CommissioningKind::unit, "divide by 1000: it reads in W").factor.assign(phases, 1.0 / thousand);
    while (std::next_permutation(order.begin(), order.end())) {
        std::string named;
        for (const std::size_t from : order) {
            named += fmt::format("{}{}", named.empty() ? "" : ", ", from + 1);
        }
        add(CommissioningKind::phase_order, "take its phases in the order " + named).order = order;
    }
    return all;
}

bool reads_nothing(std::span<const BalanceSample> samples, std::size_t meter) {
    return std::all_of(samples.begin(), samples.end(), [meter](BalanceSample sample) {
        const std::span<const double> readings = readings_of(sample, meter);
        return std::all_of(readings.begin(), readings.end(),
                           [](double kw) { return std::abs(kw) <= nothing_kw; });
    });
}

/// Of a difference that no single correction removes.
CommissioningFault rest_of(std::span<const BalanceSample> samples, std::span<const std::string> feeders,
                           double before_kw) {
    CommissioningFault fault{.before_kw = before_kw, .after_kw = before_kw};
    if (reads_nothing(samples, feeders.size())) {
        fault.kind = CommissioningKind::missing;
        fault.meter = "the busbar";
        fault.proposal = "let the sum of the feeders stand in for it";
        fault.after_kw = 0.0;
        return fault;
    }
    double signed_kw = 0.0;
    for (const BalanceSample& sample : samples) {
        for (std::size_t p = 0; p < sample.busbar_kw.size(); ++p) {
            signed_kw += difference_kw(sample, p);
        }
    }
    signed_kw /= static_cast<double>(samples.size() * samples.front().busbar_kw.size());
    if (signed_kw > gain_min * before_kw) {
        fault.kind = CommissioningKind::missing;
        fault.proposal = fmt::format("look for {:.1f} kW a phase that leave the busbar unmetered", signed_kw);
        for (std::size_t f = 0; f < feeders.size() && fault.meter.empty(); ++f) {
            if (reads_nothing(samples, f)) {
                fault.meter = feeders[f];
                fault.proposal = "let what the other feeders leave of the busbar stand in for it";
                fault.after_kw = 0.0;
            }
        }
        return fault;
    }
    fault.proposal = "check the transformers' ratios and which feeders belong to this busbar";
    return fault;
}

}  // namespace

std::string_view to_string(CommissioningKind kind) {
    constexpr std::array<std::string_view, 5> words{"reversed", "unit", "phase_order", "missing",
                                                    "unexplained"};
    return words[static_cast<std::size_t>(kind)];
}

std::vector<CommissioningFault> find_commissioning_faults(std::span<const BalanceSample> samples,
                                                          std::span<const std::string> feeders) {
    if (samples.size() < samples_min || feeders.empty()) {
        return {};
    }
    const std::size_t phases = samples.front().busbar_kw.size();
    for (const BalanceSample& sample : samples) {
        HEADROOM_ASSERT(sample.busbar_kw.size() == phases &&
                        sample.feeders_kw.size() == phases * feeders.size());
    }
    std::vector<BalanceSample> now(samples.begin(), samples.end());
    std::vector<CommissioningFault> faults;
    double left_kw = mean_difference_kw(now);
    if (left_kw > tolerated_kw(now) && reads_nothing(now, feeders.size())) {
        return {rest_of(now, feeders, left_kw)};  // any sign would do for a busbar that is not there
    }
    while (left_kw > tolerated_kw(now)) {
        Correction best;
        double best_kw = left_kw;
        for (std::size_t meter = 0; meter <= feeders.size() && faults.size() < faults_max; ++meter) {
            for (Correction& correction : corrections_of(meter, phases)) {
                const double kw = mean_difference_kw(now, correction);
                const bool is_unit = correction.kind == CommissioningKind::unit;
                if (kw < best_kw && (!is_unit || kw <= (1.0 - unit_gain_min) * left_kw)) {
                    best_kw = kw;
                    best = std::move(correction);
                }
            }
        }
        if (best_kw > (1.0 - gain_min) * left_kw) {
            faults.push_back(rest_of(now, feeders, left_kw));
            break;
        }
        std::transform(now.begin(), now.end(), now.begin(),
                       [&best](const BalanceSample& sample) { return corrected(sample, best); });
        faults.push_back({.kind = best.kind,
                          .meter = best.meter < feeders.size() ? feeders[best.meter] : "the busbar",
                          .proposal = best.proposal,
                          .before_kw = left_kw,
                          .after_kw = best_kw,
                          .factor = best.factor,
                          .order = best.order});
        left_kw = best_kw;
    }
    return faults;
}

}  // namespace headroom::trust
