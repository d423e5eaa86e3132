#include "trust/residual_shift.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::trust {
namespace {

constexpr double scale_floor_kw = 0.01;   // the resolution that readings come in
constexpr double spread_share_min = 0.3;  // a quiet slot is not believed to be quieter than this
constexpr double clip = 4.0;              // an error counts in scales as at most so many
constexpr double spread_memory = 288.0;   // readings
constexpr double unrest_min = 0.4;        // a calm hour is no reason to expect the next to be as calm
constexpr double unrest_max = 3.0;
constexpr double joint_memory = 864.0;   // readings
constexpr double joint_usual = 0.9;      // mean size of a joint move where phases are independent
constexpr double joint_first = 0.8;      // before any was seen
constexpr std::size_t joint_after = 20;  // readings until scales are of any use
constexpr double apart_from = 3.0;       // a ratio from which it is asked whether the phases moved apart
constexpr int apart_tenths = 16;         // shares up to this, in tenths
constexpr std::size_t floor_days = 2;    // until a floor is believed
constexpr double below_max =
    16.0 / 3.0;  // tenths of its mean that a phase counts as below its floor, at most

}  // namespace

double log_t(double z, double degrees) {
    return -(degrees + 1.0) / 2.0 * std::log1p(z * z / degrees);
}

ShiftWatch::ShiftWatch(std::size_t phases, ShiftRules rules)
    : phases_(phases),
      rules_(rules),
      slots_(rules.slots * phases),
      level_(phases, 0.0),
      forecast_(phases, 0.0),
      change_(phases, 0.0),
      mean_(phases, 0.0),
      spread_(phases, 0.0),
      unrest_(phases, 1.0),
      recent_(std::max(rules.window, rules.smooth + 2) + 1),
      floors_(phases),
      joint_spread_(joint_first) {
    HEADROOM_ASSERT(phases > 0 && rules.slots > 2 * (rules.smooth + rules.near) && rules.window > 0);
    for (Sample& sample : recent_) {
        sample = {.error = std::vector<double>(phases, 0.0),
                  .scale = std::vector<double>(phases, 1.0),
                  .kw = std::vector<double>(phases, 0.0),
                  .usual = std::vector<double>(phases, 1.0)};
    }
}

std::span<const double> ShiftWatch::errors() const {
    return recent_[(seen_ + recent_.size() - 1) % recent_.size()].error;
}
std::span<const double> ShiftWatch::scales() const {
    return recent_[(seen_ + recent_.size() - 1) % recent_.size()].usual;
}

double ShiftWatch::usual_change(std::size_t phase) const {
    double sum = 0.0;
    double times = 0.0;
    for (std::size_t i = 0; i <= 2 * rules_.smooth; ++i) {
        const Slot& near =
            slots_[((seen_ + rules_.slots + i - rules_.smooth) % rules_.slots) * phases_ + phase];
        sum += near.times > 0.0 ? near.change : 0.0;
        times += near.times;
    }
    const auto count = static_cast<double>(2 * rules_.smooth + 1);
    times /= count;
    return sum / count * times / (times + 1.0);  // one day's change is half believed
}

double ShiftWatch::usual_error(std::size_t phase) const {
    double sum = 0.0;
    double times = 0.0;
    for (std::size_t i = 0; i <= 2 * rules_.near; ++i) {
        const Slot& near =
            slots_[((seen_ + rules_.slots + i - rules_.near) % rules_.slots) * phases_ + phase];
        sum += near.times * near.error;
        times += near.times;
    }
    const auto count = static_cast<double>(2 * rules_.near + 1);
    const double of_slot =
        times < count ? spread_[phase] : std::max(sum / times, spread_share_min * spread_[phase]);
    return rules_.slot_weight * of_slot + (1.0 - rules_.slot_weight) * spread_[phase] + scale_floor_kw;
}

void ShiftWatch::learn_from_old() {
    const std::size_t back = rules_.smooth + 1;
    if (seen_ < back + 2) {
        return;
    }
    const Sample& sample = recent_[(seen_ - back) % recent_.size()];
    const Sample& before = recent_[(seen_ - back - 1) % recent_.size()];
    if (sample.is_doubted || before.is_doubted) {
        return;
    }
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        const double change = sample.kw[phase] - before.kw[phase];
        if (!std::isfinite(change)) {
            continue;
        }
        Slot& own = slot(seen_ - back, phase);
        own.times = std::min(own.times + 1.0, static_cast<double>(7));
        own.change += (change - own.change) / own.times;
        own.error +=
            (std::min(std::abs(sample.error[phase]), clip * sample.usual[phase]) - own.error) / own.times;
    }
}

void ShiftWatch::take(std::span<const double> kw, bool is_doubted) {
    HEADROOM_ASSERT(kw.size() == phases_);
    Sample& now = recent_[seen_ % recent_.size()];
    now.is_doubted = is_doubted;
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        const double value = kw[phase];
        now.kw[phase] = value;
        now.error[phase] = 0.0;
        if (!std::isfinite(value)) {
            level_[phase] += usual_change(phase);  // a silent load goes on with its day
            continue;
        }
        bool was_silent = seen_ >= rules_.window;
        for (std::size_t back = 1; was_silent && back <= rules_.window; ++back) {
            was_silent = !std::isfinite(recent_[(seen_ - back) % recent_.size()].kw[phase]);
        }
        if (was_silent) {  // it may have gone anywhere meanwhile: where it is now is where it starts
            level_[phase] = value - usual_change(phase);
        }
        if (seen_ == 0 || mean_[phase] == 0.0) {
            level_[phase] = value;
            spread_[phase] = 0.1 * std::abs(value);
        }
        mean_[phase] += (std::abs(value) - mean_[phase]) /
                        static_cast<double>(std::min<std::size_t>(seen_ + 1, 7 * rules_.slots));
        change_[phase] = usual_change(phase);
        now.usual[phase] = usual_error(phase);
        now.scale[phase] = now.usual[phase] * std::clamp(unrest_[phase], unrest_min, unrest_max);
        forecast_[phase] = level_[phase] + change_[phase];
        now.error[phase] = value - forecast_[phase];
        level_[phase] = forecast_[phase] + rules_.follow * now.error[phase];
        if (!is_doubted) {
            const double size = std::min(std::abs(now.error[phase]), clip * now.usual[phase]);
            spread_[phase] +=
                (size - spread_[phase]) / std::min(static_cast<double>(seen_ + 1), spread_memory);
            unrest_[phase] += (size / now.usual[phase] - unrest_[phase]) / rules_.unrest;
        }
    }
    ++seen_;
    learn_from_old();
    judge();
}

double ShiftWatch::ratio_of(std::size_t phase, double share) const {
    double ratio = 0.0;
    double left = 1.0;  // of the shift, once the level has followed
    for (std::size_t k = 0; k < rules_.window; ++k) {
        const Sample& sample = recent_[(seen_ - rules_.window + k) % recent_.size()];
        if (std::isfinite(sample.kw[phase])) {
            const double z = sample.error[phase] / sample.scale[phase];
            const double shift = share * mean_[phase] * left / sample.scale[phase];
            ratio += log_t(z - shift, rules_.tails) - log_t(z, rules_.tails);
        }
        left *= 1.0 - rules_.follow;
    }
    return ratio;
}

double ShiftWatch::joint_move(const Sample& sample) const {
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        if (std::isfinite(sample.kw[phase])) {
            const double weight = mean_[phase] / sample.scale[phase];
            sum += weight * sample.error[phase] / sample.scale[phase];
            squares += weight * weight;
        }
    }
    return squares > 0.0 ? sum / std::sqrt(squares) : 0.0;
}

double ShiftWatch::best_apart() const {
    double sum = 0.0;
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        double best = 0.0;
        for (int tenths = -apart_tenths; tenths <= apart_tenths; ++tenths) {
            best = std::max(best, ratio_of(phase, 0.1 * tenths));
        }
        sum += best;
    }
    return sum;
}

double ShiftWatch::below_floors() {
    const bool is_doubted = recent_[(seen_ - 1) % recent_.size()].is_doubted;
    double below = 0.0;
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        double sum = 0.0;
        double count = 0.0;
        for (std::size_t k = 0; k < std::min(rules_.window, seen_); ++k) {
            const double kw = recent_[(seen_ - 1 - k) % recent_.size()].kw[phase];
            sum += std::isfinite(kw) ? kw : 0.0;
            count += std::isfinite(kw) ? 1.0 : 0.0;
        }
        Floor& floor = floors_[phase];
        const double mean_kw = count > 0.0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
        if (std::isfinite(floor.kw) && std::isfinite(mean_kw) && mean_[phase] > 0.0) {
            below += std::clamp((floor.kw - mean_kw) / (0.1 * mean_[phase]), 0.0, below_max);
        }
        double& oldest = floor.waiting[seen_ % floor.waiting.size()];
        if (seen_ > floor.waiting.size() && std::isfinite(oldest)) {
            floor.kw = std::min(floor.kw + rules_.floor_rise * mean_[phase], oldest);
        }
        oldest = is_doubted ? std::numeric_limits<double>::quiet_NaN() : mean_kw;
    }
    return seen_ < floor_days * rules_.slots ? 0.0 : below;
}

void ShiftWatch::judge() {
    ratios_.fill(0.0);
    const double below = below_floors();
    const Sample& now = recent_[(seen_ - 1) % recent_.size()];
    const double together = joint_spread_ / joint_usual;
    if (seen_ > joint_after && !now.is_doubted) {
        joint_spread_ += (std::min(std::abs(joint_move(now)), clip) - joint_spread_) /
                         std::min(static_cast<double>(seen_), joint_memory);
    }
    if (seen_ < rules_.slots) {
        return;
    }
    double strongest = 0.0;
    for (std::size_t share = 0; share < shift_shares.size(); ++share) {
        for (std::size_t phase = 0; phase < phases_; ++phase) {
            ratios_[share] += ratio_of(phase, shift_shares[share]);
        }
        strongest = std::max(strongest, ratios_[share]);
    }
    for (std::size_t share = 0; strongest > apart_from && shift_shares[share] < 0.0; ++share) {
        ratios_[share] += rules_.floor_weight * below;
    }
    const double apart = strongest > apart_from ? best_apart() : 0.0;
    for (double& ratio : ratios_) {
        if (strongest > apart_from) {
            ratio -= rules_.apart * std::max(0.0, apart - ratio - rules_.apart_free);
        }
        ratio /= together;
    }
}

}  // namespace headroom::trust
