// The powers of one DER within the slots in which it is active.
#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace headroom::flex {

/// Shortens the pattern at its ends until the least powers fit the energy. False when nothing is left.
bool UnitPlanner::fit_pattern(std::uint64_t& pattern) const {
    const auto hold = static_cast<std::int64_t>(std::ceil(hold_w_));
    while (pattern != 0 && std::popcount(pattern) * hold > der_->energy_w_slots) {
        double worst = std::numeric_limits<double>::infinity();
        std::uint64_t dropped = 0;
        for (int t = shape_->first; t <= shape_->last; ++t) {
            const std::uint64_t bit = std::uint64_t{1} << t;
            const bool is_edge =
                (pattern & bit) != 0 && ((pattern & (bit << 1U)) == 0 || (pattern & (bit >> 1U)) == 0);
            if (const double value = value_at(t, static_cast<double>(der_->power_max_w));
                is_edge && value < worst) {
                worst = value;
                dropped = bit;
            }
        }
        pattern &= ~dropped;
    }
    drop_short_runs(pattern);
    return pattern != 0;
}

void UnitPlanner::drop_short_runs(std::uint64_t& pattern) const {
    const int least = static_cast<int>(der_->run_min);
    for (int t = shape_->first; least > 1 && t <= shape_->last; ++t) {
        if ((pattern >> t & 1U) == 0) {
            continue;
        }
        int end = t;
        while (end <= shape_->last && (pattern >> end & 1U) != 0) {
            ++end;
        }
        for (int slot = t; end - t < least && slot < end; ++slot) {
            pattern &= ~(std::uint64_t{1} << slot);
        }
        t = end;
    }
}

/// Lowers powers until no step from slot to slot is larger than the ramps allow. Limits of power and energy
/// stay kept: nothing is raised, and the least power is within a step.
void UnitPlanner::keep_ramps(std::int32_t* power_w) const {
    for (int t = shape_->first; der_->ramp_up_w > 0 && t <= shape_->last; ++t) {
        const std::int64_t before = t > shape_->first ? power_w[t - 1] : 0;
        power_w[t] = static_cast<std::int32_t>(std::min<std::int64_t>(power_w[t], before + der_->ramp_up_w));
    }
    for (int t = shape_->last; der_->ramp_down_w > 0 && t >= shape_->first; --t) {
        const std::int64_t after = t < shape_->last ? power_w[t + 1] : 0;
        power_w[t] = static_cast<std::int32_t>(std::min<std::int64_t>(power_w[t], after + der_->ramp_down_w));
    }
}

void UnitPlanner::fill_powers(std::uint64_t pattern, std::int32_t* power_w) const {
    struct Wish {
        double slope = 0.0;
        int slot = 0;
        std::int64_t most = 0;
    };
    std::array<Wish, 2 * schedule_slots_max> wishes{};
    std::size_t count = 0;
    const auto hold = static_cast<std::int64_t>(std::ceil(hold_w_));
    std::int64_t left = der_->energy_w_slots - std::popcount(pattern) * hold;
    for (int t = shape_->first; t <= shape_->last; ++t) {
        if ((pattern >> t & 1U) == 0) {
            continue;
        }
        power_w[t] = static_cast<std::int32_t>(hold);
        const bool ends = t == 63 || (pattern >> (t + 1) & 1U) == 0;
        double slope = prices_.price[t] * relief_ - cost_[unit_];
        auto most = static_cast<std::int64_t>(cap_w(t));
        if (prices_.room_w != nullptr) {
            const double wanted = std::ceil(std::max(0.0, prices_.room_w[t]) / relief_ - 1e-7);
            most = wanted < static_cast<double>(most) ? static_cast<std::int64_t>(wanted) : most;
        }
        if (ends && der_->rebound_ppm > 0) {
            const double with_rebound = slope - rebound_price(t);
            const auto free =
                std::clamp(static_cast<std::int64_t>(rebound_free_w(t)), hold, std::max(hold, most));
            if (slope > 0.0 && free > hold) {
                wishes[count++] = {slope, t, free - hold};
            }
            if (with_rebound > 0.0 && most > free) {
                wishes[count++] = {with_rebound, t, most - free};
            }
        } else if (slope > 0.0 && most > hold) {
            wishes[count++] = {slope, t, most - hold};
        }
    }
    std::stable_sort(wishes.begin(), wishes.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Wish& a, const Wish& b) { return a.slope > b.slope; });
    for (std::size_t i = 0; i < count && left > 0; ++i) {
        const std::int64_t more = std::min(left, wishes[i].most);
        power_w[wishes[i].slot] += static_cast<std::int32_t>(more);
        left -= more;
    }
    keep_ramps(power_w);
}

double UnitPlanner::exact_value(const std::int32_t* power_w) const {
    double value = -use_cost();
    for (int t = shape_->first; t <= shape_->last; ++t) {
        if (power_w[t] == 0) {
            continue;
        }
        value += value_at(t, power_w[t]);
        value -= t == shape_->first || power_w[t - 1] == 0 ? static_cast<double>(der_->activation_cost) : 0.0;
        if (der_->rebound_ppm > 0 && (t == shape_->last || power_w[t + 1] == 0)) {
            value -= rebound_cost(t, power_w[t]);
        }
    }
    return value;
}

double UnitPlanner::decode(std::int32_t* power_w) {
    HEADROOM_ASSERT(has_schedule_);
    if (shape_->prices_energy) {
        std::copy(power_.begin(), power_.end(), power_w);
        return best_;
    }
    std::fill_n(power_w, problem_.slots(), 0);
    std::uint64_t pattern = shape_->is_free      ? pattern_
                            : shape_->width == 1 ? decode_runs()
                                                 : decode_pattern();
    if (!fit_pattern(pattern)) {
        return 0.0;
    }
    fill_powers(pattern, power_w);
    return exact_value(power_w);
}

}  // namespace headroom::flex
