#include "agents/learnt_providers.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace headroom::agents {
namespace {

/// Deliveries of one DER.
struct Deliveries {
    std::int64_t claimed_ppm = 0;
    std::int64_t count = 0;
    std::int64_t sum_ppm = 0;
};

}  // namespace

void LearntLatencies::add(const std::string& provider, milliseconds took) {
    const auto ms = static_cast<double>(std::max<std::int64_t>(0, took.count()));
    const auto [found, is_first] = learnt_.try_emplace(provider, Learnt{ms, ms / 2.0});
    if (!is_first) {
        Learnt& learnt = found->second;
        learnt.deviation_ms = 0.75 * learnt.deviation_ms + 0.25 * std::fabs(learnt.mean_ms - ms);
        learnt.mean_ms = 0.875 * learnt.mean_ms + 0.125 * ms;
    }
}

std::vector<flex::ProviderLatency> LearntLatencies::all() const {
    std::vector<flex::ProviderLatency> out;
    for (const auto& [provider, learnt] : learnt_) {
        const double ms = learnt.mean_ms + 4.0 * learnt.deviation_ms;
        out.push_back({provider, std::round(ms) / 60'000.0});
    }
    return out;
}

LearntLatencies latencies_of(const std::vector<const EventRecord*>& events) {
    std::vector<const Confirmation*> all;
    for (const EventRecord* event : events) {
        for (const Confirmation& each : event->confirmations) {
            all.push_back(&each);
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Confirmation* a, const Confirmation* b) {
        return std::tie(a->at, a->provider) < std::tie(b->at, b->provider);
    });
    LearntLatencies out;
    for (const Confirmation* each : all) {
        out.add(each->provider, each->took);
    }
    return out;
}

std::vector<flex::LearntResponse> responses_of(const std::vector<const EventRecord*>& events,
                                               const std::vector<flex::Offer>& offers) {
    std::map<std::string_view, Deliveries> by_der;
    for (const flex::Offer& offer : offers) {
        by_der.try_emplace(offer.der, Deliveries{.claimed_ppm = offer.reliability_ppm});
    }
    for (const EventRecord* event : events) {
        if (event->statement.empty()) {
            continue;
        }
        for (const Assignment& assignment : event->assignments) {
            const auto found = assignment.delivered_ppm < 0 ? by_der.end() : by_der.find(assignment.der);
            if (found != by_der.end()) {
                found->second.count += 1;
                found->second.sum_ppm += std::min(assignment.delivered_ppm, whole_ppm);
            }
        }
    }
    std::vector<flex::LearntResponse> out;
    for (const auto& [der, known] : by_der) {
        if (known.count > 0) {
            const std::int64_t sum = known.claimed_ppm * claim_counts_as + known.sum_ppm;
            out.push_back({.der_id = std::string(der),
                           .deliveries = known.count,
                           .claimed_ppm = known.claimed_ppm,
                           .reliability_ppm = divide_half_even(sum, claim_counts_as + known.count)});
        }
    }
    return out;
}

}  // namespace headroom::agents
