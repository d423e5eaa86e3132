#include "trust/shift_habit.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::trust {
namespace {

constexpr double bins_a_nat = 4.0;
constexpr double rare = 0.01;

}  // namespace

ShiftHabit::ShiftHabit(HabitRules rules) : rules_(rules), ring_(rules.back_within + 1) {
    HEADROOM_ASSERT(rules.back_after >= 1 && rules.back_after <= rules.back_within && rules.memory > 1.0);
}

double ShiftHabit::reach() const {
    if (learnt_ < rules_.learn_from) {
        return rules_.usual;
    }
    double above = 0.0;
    for (std::size_t bin = bins; bin-- > 1;) {
        const auto count = static_cast<double>(counts_[bin]);
        if (above + count > rare * total_) {
            const double within = (rare * total_ - above) / count;  // from the upper end of the bin
            return (static_cast<double>(bin) + 1.0 - within) / bins_a_nat;
        }
        above += count;
    }
    return 0.0;
}

double ShiftHabit::pair_of(double now, double then) const {
    const bool is_pair = std::min(now, then) > rules_.pair_cost && then <= rules_.loud;
    return is_pair ? now + then - rules_.pair_cost : 0.0;
}

ShiftHabit::Answer ShiftHabit::take(double down, double up, double stay, bool is_known) {
    Edges& now = ring_[seen_ % ring_.size()];
    const double factor = rules_.scale / (rules_.base + std::max(reach(), rules_.calmest));
    now = {.down = factor * down, .up = factor * up, .is_known = is_known};
    Answer answer{.single = std::max(now.down, now.up)};
    const double stayed = std::exchange(stayed_, 0.0);
    if (is_known) {
        double first = 0.0;
        for (std::size_t ago = rules_.back_after; ago <= std::min(rules_.back_within, seen_); ++ago) {
            const Edges& then = ring_[(seen_ - ago) % ring_.size()];
            if (!then.is_known) {
                continue;
            }
            const double sum = std::max(pair_of(now.down, then.up), pair_of(now.up, then.down));
            const double in_all = stay + std::min(then.up, rules_.stay_most);
            if (stay > 0.0 && then.up >= rules_.stay_least && in_all > stayed_) {
                stayed_ = in_all;
                answer.stay_ago = ago;
            }
            if (sum > first) {
                first = sum;
                answer.ago = ago;
            }
        }
        answer.pair = first;
        answer.stay = std::min(stayed, stayed_);
        const double bin = std::clamp(std::max(down, up), 0.0, static_cast<double>(bins - 1) / bins_a_nat);
        const auto keep = static_cast<float>(1.0 - 1.0 / rules_.memory);
        for (float& count : counts_) {
            count *= keep;
        }
        counts_[static_cast<std::size_t>(bin * bins_a_nat)] += 1.0F;
        total_ = total_ * static_cast<double>(keep) + 1.0;
        ++learnt_;
    }
    ++seen_;
    return answer;
}

}  // namespace headroom::trust
