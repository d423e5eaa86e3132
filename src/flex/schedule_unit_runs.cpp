// The runs of one DER whose energy has no states: it does not bind, has a price, or goes where it is worth
// most.
#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace headroom::flex {
namespace {

constexpr int price_rounds = 6;  // of the search for a price of energy

/// A slot in which a watt is worth something.
struct FreeSlot {
    double slope = 0.0;
    int slot = 0;
    double most = 0.0;
};

}  // namespace

/// What does not depend on the price of energy.
void UnitPlanner::prepare_slots() {
    const int count = shape_->last - shape_->first + 1;
    for (int i = 0; i < count; ++i) {
        const int t = shape_->first + i;
        Slot& slot = slot_[static_cast<std::size_t>(i)];
        const double price = prices_.price[t];
        slot.slope = price * relief_ - cost_[unit_];
        slot.most_w = cap_w(t);
        double room = std::numeric_limits<double>::infinity();
        if (prices_.room_w != nullptr) {
            room = std::max(0.0, prices_.room_w[t]);
            slot.most_w = std::clamp(room / relief_, hold_w_, std::max(hold_w_, slot.most_w));
        }
        slot.most_worth = price * std::min(slot.most_w * relief_, room);
        slot.hold_worth = price * std::min(hold_w_ * relief_, room);
    }
    block_end_[static_cast<std::size_t>(count)] = count;
    for (int i = count - 1; i >= 0; --i) {
        const bool goes_on = i + 1 < count && is_open(shape_->first + i + 1);
        block_end_[static_cast<std::size_t>(i)] =
            goes_on ? block_end_[static_cast<std::size_t>(i) + 1] : i + 1;
    }
    cells_ += count;
}

/// Values of the slots at the present price of energy.
void UnitPlanner::fill_steps() {
    const int count = shape_->last - shape_->first + 1;
    const double cost = cost_[unit_] + energy_price_now_;
    for (int i = 0; i < count; ++i) {
        Slot& slot = slot_[static_cast<std::size_t>(i)];
        slot.stay = slot.slope > energy_price_now_ ? slot.most_worth - cost * slot.most_w
                                                   : slot.hold_worth - cost * hold_w_;
        slot.end = slot.stay;
    }
    if (der_->rebound_ppm > 0) {
        for (int i = 0; i < count; ++i) {
            if (is_open(shape_->first + i)) {
                slot_[static_cast<std::size_t>(i)].end = value_of(shape_->first + i, 0).end;
            }
        }
        cells_ += 4 * count;
    }
    sum_[0] = 0.0;
    for (int i = 0; i < count; ++i) {
        sum_[static_cast<std::size_t>(i) + 1] =
            sum_[static_cast<std::size_t>(i)] + slot_[static_cast<std::size_t>(i)].stay;
    }
    cells_ += count;
}

/// The best of `activations` runs from each slot on, once that of one less is known. The ends that a run may
/// have move along with its begin, so that the best of them is kept in a queue.
void UnitPlanner::fill_runs_of(int activations) {
    const int count = shape_->last - shape_->first + 1;
    const auto width = static_cast<std::size_t>(count) + 1;
    const double* fewer = &from_[static_cast<std::size_t>(activations - 1) * width];
    double* out = &from_[static_cast<std::size_t>(activations) * width];
    std::int8_t* ends = &run_end_[static_cast<std::size_t>(activations) * width];
    const int least = static_cast<int>(std::min<std::int64_t>(der_->run_min, 65));
    const int most = static_cast<int>(std::min<std::int64_t>(der_->run_max, 64));
    const bool is_last = activations == shape_->activations;
    std::array<double, schedule_slots_max + 1> value{};
    std::array<std::int8_t, schedule_slots_max + 1> queue{};
    int head = 0;
    int tail = 0;
    out[count] = 0.0;
    ends[count] = 0;
    for (int i = count - 1; i >= 0; --i) {
        out[i] = out[i + 1];
        ends[i] = 0;
        if (!is_open(shape_->first + i)) {
            head = tail = 0;
            continue;
        }
        if (const int end = i + least; end <= block_end_[static_cast<std::size_t>(i)]) {
            const double worth = sum_[static_cast<std::size_t>(end) - 1] +
                                 slot_[static_cast<std::size_t>(end) - 1].end +
                                 fewer[std::min(end + shape_->rest, count)];
            while (tail > head && value[static_cast<std::size_t>(tail) - 1] <= worth) {
                --tail;
            }
            value[static_cast<std::size_t>(tail)] = worth;
            queue[static_cast<std::size_t>(tail++)] = static_cast<std::int8_t>(end);
        }
        while (tail > head && queue[static_cast<std::size_t>(head)] > i + most) {
            ++head;
        }
        if (tail == head) {
            continue;
        }
        const double now = value[static_cast<std::size_t>(head)] - sum_[static_cast<std::size_t>(i)] -
                           static_cast<double>(der_->activation_cost);
        if (now > out[i]) {
            out[i] = now;
            ends[i] = queue[static_cast<std::size_t>(head)];
        }
        if (is_last && now >= best_run_) {
            best_run_ = now;
            start_ = i;
            start_end_ = queue[static_cast<std::size_t>(head)];
        }
    }
    cells_ += 2 * count;
}

/// Value of the best schedule with at least one run.
double UnitPlanner::fill_runs() {
    const std::size_t width = static_cast<std::size_t>(shape_->last - shape_->first + 1) + 1;
    const std::size_t all = (static_cast<std::size_t>(shape_->activations) + 1) * width;
    if (from_.size() < all) {
        from_.resize(all);
        run_end_.resize(all);
    }
    std::fill_n(from_.begin(), width, 0.0);
    best_run_ = -std::numeric_limits<double>::infinity();
    start_ = -1;
    for (int a = 1; a <= shape_->activations; ++a) {
        fill_runs_of(a);
    }
    return best_run_;
}

std::uint64_t UnitPlanner::decode_runs() const {
    const int count = shape_->last - shape_->first + 1;
    const auto width = static_cast<std::size_t>(count) + 1;
    std::uint64_t pattern = 0;
    int left = shape_->activations - 1;
    int begin = start_;
    int end = start_end_;
    while (true) {
        for (int i = begin; i < end; ++i) {
            pattern |= std::uint64_t{1} << (shape_->first + i);
        }
        begin = end + shape_->rest;
        const std::int8_t* ends = &run_end_[static_cast<std::size_t>(left) * width];
        while (left > 0 && begin < count && ends[begin] == 0) {
            ++begin;
        }
        if (left == 0 || begin >= count) {
            return pattern;
        }
        end = ends[begin];
        --left;
    }
}

/// For any price of energy, what the DER earns beside it and the price of all its energy together are at
/// least what it can earn: the least of these over the prices tried is the bound, the best pattern met the
/// schedule.
double UnitPlanner::plan_priced(double highest) {
    const auto energy = static_cast<double>(der_->energy_w_slots);
    double low = 0.0;
    double high = std::max(highest, 1e-12);
    double bound = std::numeric_limits<double>::infinity();
    double best = -std::numeric_limits<double>::infinity();
    double price = std::min(energy_price_[unit_], high);
    prepare_slots();
    for (int round = 0; round < price_rounds; ++round) {
        energy_price_now_ = price;
        fill_steps();
        const double value = fill_runs();
        if (start_ < 0) {
            break;
        }
        bound = std::min(bound, value + price * energy - use_cost());
        const double used = take_pattern();
        energy_price_now_ = 0.0;
        if (const double earned = exact_value(trial_.data()); used > 0.0 && earned > best) {
            best = earned;
            power_ = trial_;
        }
        energy_price_[unit_] = price;
        if (used <= energy && price <= 0.0) {
            break;  // energy does not bind
        }
        (used > energy ? low : high) = price;
        if (high - low <= 1e-3 * highest) {
            break;
        }
        price = round == 0 && used <= energy ? std::max(low, price * 0.9)
                : round == 0                 ? std::min(high, price * 1.1 + 1e-3 * highest)
                                             : 0.5 * (low + high);
    }
    energy_price_now_ = 0.0;
    has_schedule_ = best > -1e300;
    best_ = best;
    upper_bound_ = std::max(0.0, bound + rounding_);
    return best_;
}

/// Sets the powers of the tables' pattern, and answers the energy it would have taken at their price of
/// energy.
double UnitPlanner::take_pattern() {
    std::uint64_t pattern = decode_runs();
    double used = 0.0;
    for (std::uint64_t rest = pattern; rest != 0; rest &= rest - 1) {
        const Slot& slot = slot_[static_cast<std::size_t>(std::countr_zero(rest) - shape_->first)];
        used += slot.slope > energy_price_now_ ? slot.most_w : hold_w_;
    }
    energy_price_now_ = 0.0;
    std::fill(trial_.begin(), trial_.end(), 0);
    if (!fit_pattern(pattern)) {
        return 0.0;
    }
    fill_powers(pattern, trial_.data());
    return used;
}

/// Without a least power or a longest run its energy goes where it is worth most, as one run: between, a watt
/// is enough to stay active.
double UnitPlanner::plan_free() {
    std::array<FreeSlot, schedule_slots_max> wishes{};
    std::size_t count = 0;
    const auto power_max = static_cast<double>(der_->power_max_w);
    for (int t = shape_->first; t <= shape_->last; ++t) {
        const double slope = prices_.price[t] * relief_ - cost_[unit_];
        const double most = prices_.room_w == nullptr
                                ? power_max
                                : std::min(power_max, std::max(0.0, prices_.room_w[t]) / relief_);
        if (slope > 0.0 && most > 0.0) {
            wishes[count++] = {slope, t, most};
        }
    }
    cells_ += 2 * (shape_->last - shape_->first + 1);
    pattern_ = 0;
    if (count == 0) {
        return best_;
    }
    const bool binds = power_max * static_cast<double>(count) > static_cast<double>(der_->energy_w_slots);
    if (binds) {
        std::sort(wishes.begin(), wishes.begin() + static_cast<std::ptrdiff_t>(count),
                  [](const FreeSlot& a, const FreeSlot& b) {
                      return a.slope > b.slope || (a.slope == b.slope && a.slot < b.slot);
                  });
    }
    auto left = static_cast<double>(der_->energy_w_slots);
    double value = -static_cast<double>(der_->activation_cost);
    std::uint64_t chosen = 0;
    for (std::size_t i = 0; i < count && left > 0.0; ++i) {
        const double power = std::min(left, wishes[i].most);
        value += power * wishes[i].slope;
        left -= power;
        chosen |= std::uint64_t{1} << wishes[i].slot;
    }
    const int first = std::countr_zero(chosen);
    const int last = 63 - std::countl_zero(chosen);
    const std::uint64_t until = last == 63 ? ~std::uint64_t{0} : (std::uint64_t{1} << (last + 1)) - 1;
    pattern_ = until & ~((std::uint64_t{1} << first) - 1);
    upper_bound_ = std::max(0.0, value + rounding_);
    best_ = value;
    has_schedule_ = std::popcount(pattern_) <= der_->energy_w_slots;
    return best_;
}

}  // namespace headroom::flex
