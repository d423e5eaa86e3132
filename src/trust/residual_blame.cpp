#include "trust/residual_blame.hpp"

#include "core/result.hpp"
#include "trust/evidence.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::trust {
namespace {

constexpr double same_kw = 0.0005;         // the same to the last digit
constexpr double repeat_weight_max = 3.0;  // log-likelihood of one repeated value
constexpr double slow_follow = 0.02;
constexpr double slow_share = 0.15;  // what one of the slow levels' overlapping errors is worth
constexpr double weight_limit = 200.0;

}  // namespace

Blame::Blame(std::size_t phases, const ShiftRules& rules)
    : rules_(rules), phases_(phases), day_(rules.slots * phases, 0.0F) {}

double Blame::repeats(const ShiftWatch& watch, std::span<const double> kw) const {
    double at_once = 0.0;
    double after_a_day = 0.0;
    std::size_t same_at_once = 0;
    std::size_t same_after_a_day = 0;
    for (std::size_t p = 0; p < phases_.size(); ++p) {
        const double surprise =
            std::clamp(std::log(watch.scales()[p] / resolution_kw), 0.0, repeat_weight_max);
        if (std::abs(kw[p] - phases_[p].last) < same_kw) {
            at_once += surprise;
            ++same_at_once;
        }
        const double yesterday = static_cast<double>(day_[(seen_ % rules_.slots) * phases_.size() + p]);
        if (seen_ >= rules_.slots && std::abs(kw[p] - yesterday) < same_kw) {
            after_a_day += surprise;
            ++same_after_a_day;
        }
    }
    // One phase may repeat by chance, or carry nothing.
    const std::size_t enough = std::min<std::size_t>(2, phases_.size());
    return (same_at_once >= enough ? at_once : 0.0) + (same_after_a_day >= enough ? after_a_day : 0.0);
}

void Blame::take(const ShiftWatch& watch, std::span<const double> kw, std::span<const double> correction_kw,
                 bool is_open) {
    HEADROOM_ASSERT(kw.size() == phases_.size() && correction_kw.size() == phases_.size());
    double gain = is_open && seen_ > 0 ? repeats(watch, kw) : 0.0;
    for (std::size_t p = 0; p < phases_.size(); ++p) {
        Phase& phase = phases_[p];
        const double change = watch.expected_change()[p];
        const double corrected_kw = kw[p] + correction_kw[p];
        if (!std::isfinite(corrected_kw)) {
            continue;
        }
        if (seen_ == 0) {
            phase.given = phase.given_fast = phase.corrected = phase.corrected_fast = kw[p];
            phase.slow_scale = 0.1 * std::abs(kw[p]) + resolution_kw;
        }
        const double given = kw[p] - (phase.given + change);
        const double corrected = corrected_kw - (phase.corrected + change);
        const double given_fast = kw[p] - (phase.given_fast + change);
        const double corrected_fast = corrected_kw - (phase.corrected_fast + change);
        if (is_open) {
            const double scale = watch.scales()[p];
            gain += log_t(corrected_fast / scale, rules_.tails) - log_t(given_fast / scale, rules_.tails);
            gain += slow_share * (log_t(corrected / phase.slow_scale, rules_.tails) -
                                  log_t(given / phase.slow_scale, rules_.tails));
        } else {
            phase.slow_scale += slow_follow * (std::abs(given) - phase.slow_scale);
            phase.slow_scale = std::max(phase.slow_scale, resolution_kw);
        }
        phase.given += change + slow_follow * given;
        phase.given_fast += change + rules_.follow * given_fast;
        phase.corrected += change + slow_follow * corrected;
        phase.corrected_fast += change + rules_.follow * corrected_fast;
        if (!is_open) {
            phase.corrected = phase.given;
            phase.corrected_fast = phase.given_fast;
        }
        phase.last = kw[p];
        day_[(seen_ % rules_.slots) * phases_.size() + p] = static_cast<float>(kw[p]);
    }
    weight_ = is_open ? std::clamp(weight_ + gain, -weight_limit, weight_limit) : 0.0;
    ++seen_;
}

}  // namespace headroom::trust
