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

void UnitPlanner::fill_slot(int slot) {
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
        const float value = run_row(t, shape_->activations - 1, shape_->lengths - 1)[shape_->width - 1];
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
    int length = shape_->lengths - 1;
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

}  // namespace headroom::flex
