// The tables of one DER's dynamic programme, and the way back through them.
#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace headroom::flex {
namespace {

constexpr float never = -1e30F;

/// out[e] = max(out[e], from[e - shift] + value) for e in [shift, width).
void raise(float* out, const float* from, int shift, int width, float value) {
    for (int e = shift; e < width; ++e) {
        const float candidate = from[e - shift] + value;
        out[e] = out[e] < candidate ? candidate : out[e];
    }
}

}  // namespace

void UnitPlanner::fill_tables() {
    const auto slots = static_cast<std::size_t>(shape_->last + 2);
    const auto width = static_cast<std::size_t>(shape_->width);
    const auto activations = static_cast<std::size_t>(shape_->activations);
    const auto lengths = static_cast<std::size_t>(shape_->lengths);
    if (free_.size() < slots * (activations + 1) * width) {
        free_.resize(slots * (activations + 1) * width);
    }
    if (run_.size() < slots * activations * lengths * width) {
        run_.resize(slots * activations * lengths * width);
    }
    if (next_.size() < width) {
        next_.resize(width);
    }
    std::fill_n(free_row(shape_->last + 1, 0), (activations + 1) * width, 0.0F);
    for (int t = shape_->last; t >= shape_->first; --t) {
        fill_slot(t);
    }
    const auto span = static_cast<std::int64_t>(shape_->last - shape_->first + 1);
    cells_ += span * static_cast<std::int64_t>(width * activations * lengths + 4) *
              (shape_->parts_max - shape_->parts_min + 1);
}

/// A slot where energy has no states: the lengths of a run lie side by side.
void UnitPlanner::fill_narrow(int slot) {
    *free_row(slot, 0) = 0.0F;
    if (!is_open(slot)) {
        std::copy_n(free_row(slot + 1, 1), shape_->activations, free_row(slot, 1));
        return;
    }
    const float stay = stay_[static_cast<std::size_t>(slot)];
    const float end = end_[static_cast<std::size_t>(slot)];
    const bool goes_on = slot < shape_->last && is_open(slot + 1);
    const auto fee = static_cast<float>(der_->activation_cost);
    const float* released = free_row(std::min(slot + 1 + shape_->rest, shape_->last + 1), 0);
    const float* wait = free_row(slot + 1, 0);
    float* out = free_row(slot, 0);
    const int lengths = shape_->lengths;
    const float lead = der_->run_min > 1 ? lead_value(slot) : 0.0F;
    for (int a = 0; a < shape_->activations; ++a) {
        float* run = run_row(slot, a, 0);
        const float stop = released[a] + end;
        if (!goes_on) {
            std::fill_n(run, lengths, stop);
        } else {
            const float* on = run_row(slot + 1, a, 0);
            const int shift = shape_->counts_length ? 1 : 0;
            run[0] = stop;
            for (int length = shift; length < lengths; ++length) {
                const float go = on[length - shift] + stay;
                run[length] = stop < go ? go : stop;
            }
        }
        const float now = (der_->run_min > 1 ? start_value(slot, a, lead) : run[lengths - 1]) - fee;
        out[a + 1] = wait[a + 1] < now ? now : wait[a + 1];
    }
}

/// Value of the slots of a run that begins in `slot` up to the last of its least length, which is not among
/// them; `never` where it cannot last so long.
float UnitPlanner::lead_value(int slot) const {
    const int last = slot + static_cast<int>(der_->run_min) - 1;
    if (last > shape_->last || !is_open(last)) {
        return never;
    }
    float sum = 0.0F;
    for (int t = slot; t < last; ++t) {
        if (!is_open(t)) {
            return never;
        }
        sum += stay_[static_cast<std::size_t>(t)];
    }
    return sum;
}

/// Value of a run that begins in `slot` and lasts its least length at least, before the fee; where energy has
/// no states.
float UnitPlanner::start_value(int slot, int activations_left, float lead) const {
    const int more = static_cast<int>(der_->run_min) - 1;
    const int length = shape_->counts_length ? shape_->lengths - 1 - more : shape_->lengths - 1;
    return lead <= never ? never : lead + *run_row(slot + more, activations_left, length);
}

void UnitPlanner::fill_slot(int slot) {
    if (shape_->width == 1) {
        fill_narrow(slot);
        return;
    }
    const int width = shape_->width;
    const int options = shape_->parts_max - shape_->parts_min + 1;
    std::fill_n(free_row(slot, 0), width, 0.0F);
    if (!is_open(slot)) {
        std::copy_n(free_row(slot + 1, 1), width * shape_->activations, free_row(slot, 1));
        return;
    }
    const float* stay = &stay_[static_cast<std::size_t>(slot * options)];
    const float* end = &end_[static_cast<std::size_t>(slot * options)];
    const bool goes_on = slot < shape_->last && is_open(slot + 1);
    const bool rebounds = der_->rebound_ppm > 0;
    const auto fee = static_cast<float>(der_->activation_cost);
    const int after = std::min(slot + 1 + shape_->rest, shape_->last + 1);
    for (int a = 0; a < shape_->activations; ++a) {
        const float* released = free_row(after, a);
        for (int length = 0; length < shape_->lengths; ++length) {
            float* out = run_row(slot, a, length);
            std::fill_n(out, width, never);
            const bool can_stay = goes_on && (!shape_->counts_length || length > 0);
            const float* on =
                can_stay ? run_row(slot + 1, a, shape_->counts_length ? length - 1 : 0) : nullptr;
            if (on != nullptr && !rebounds) {
                for (int e = 0; e < width; ++e) {
                    next_[static_cast<std::size_t>(e)] = released[e] < on[e] ? on[e] : released[e];
                }
            }
            for (int option = 0; option < options; ++option) {
                const int shift = shape_->parts_min + option;
                if (rebounds && on != nullptr) {
                    raise(out, on, shift, width, stay[option]);
                }
                if (rebounds || on == nullptr) {
                    raise(out, released, shift, width, end[option]);
                } else {
                    raise(out, next_.data(), shift, width, stay[option]);
                }
            }
        }
        float* out = free_row(slot, a + 1);
        const float* wait = free_row(slot + 1, a + 1);
        const float* begin = run_row(slot, a, shape_->lengths - 1);
        for (int e = 0; e < width; ++e) {
            const float now = begin[e] - fee;
            out[e] = wait[e] < now ? now : wait[e];
        }
    }
}

double UnitPlanner::best_start() {
    float best = never / 2;
    start_ = -1;
    for (int t = shape_->first; t <= shape_->last; ++t) {
        if (!is_open(t)) {
            continue;
        }
        const float value = der_->run_min > 1
                                ? start_value(t, shape_->activations - 1, lead_value(t))
                                : run_row(t, shape_->activations - 1, shape_->lengths - 1)[shape_->width - 1];
        if (value > best) {
            best = value;
            start_ = t;
        }
    }
    return start_ < 0 ? -std::numeric_limits<double>::infinity()
                      : static_cast<double>(best - static_cast<float>(der_->activation_cost));
}

int UnitPlanner::decode_run(int slot, int activations_left, int& energy, std::uint64_t& pattern) const {
    const int options = shape_->parts_max - shape_->parts_min + 1;
    const int begun = slot;
    int length = shape_->lengths - 1;
    for (; der_->run_min > 1 && slot < begun + static_cast<int>(der_->run_min) - 1; ++slot) {
        pattern |= std::uint64_t{1} << slot;
        length -= shape_->counts_length ? 1 : 0;
    }
    for (int t = slot;; ++t) {
        pattern |= std::uint64_t{1} << t;
        const float* released = free_row(std::min(t + 1 + shape_->rest, shape_->last + 1), activations_left);
        const bool can_stay = t < shape_->last && is_open(t + 1) && (!shape_->counts_length || length > 0);
        const float* on =
            can_stay ? run_row(t + 1, activations_left, shape_->counts_length ? length - 1 : 0) : nullptr;
        float best = 2 * never;
        int taken = 0;
        bool stays = false;
        for (int option = 0; option < options; ++option) {
            const int from = energy - shape_->parts_min - option;
            if (from < 0) {
                break;
            }
            const auto at = static_cast<std::size_t>(t * options + option);
            if (const float value = released[from] + end_[at]; value > best) {
                best = value;
                taken = option;
                stays = false;
            }
            if (on != nullptr && on[from] + stay_[at] > best) {
                best = on[from] + stay_[at];
                taken = option;
                stays = true;
            }
        }
        energy -= shape_->parts_min + taken;
        --length;
        if (!stays || energy < 0) {
            return t + 1 + shape_->rest;
        }
    }
}

std::uint64_t UnitPlanner::decode_pattern() {
    std::uint64_t pattern = 0;
    int energy = shape_->width - 1;
    int left = shape_->activations - 1;
    int t = decode_run(start_, left, energy, pattern);
    while (t <= shape_->last && left > 0) {
        if (!is_open(t) || free_row(t, left)[energy] <= free_row(t + 1, left)[energy]) {
            ++t;
            continue;
        }
        --left;
        t = decode_run(t, left, energy, pattern);
    }
    return pattern;
}

/// Shortens the pattern at its ends until the least powers fit the energy. False when nothing is left.
bool UnitPlanner::fit_pattern(std::uint64_t& pattern) const {
    const auto hold = static_cast<std::int64_t>(hold_w_);
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
    const auto hold = static_cast<std::int64_t>(hold_w_);
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
    std::uint64_t pattern = decode_pattern();
    if (!fit_pattern(pattern)) {
        return 0.0;
    }
    fill_powers(pattern, power_w);
    return exact_value(power_w);
}

}  // namespace headroom::flex
