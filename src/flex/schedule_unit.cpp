#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr int width_max = 129;
constexpr int cells_max = 40;  // of a slot, before energy gets a price instead of states

int longest_block(std::uint64_t slots) {
    int length = 0;
    for (; slots != 0; slots &= slots << 1U) {
        ++length;
    }
    return length;
}

}  // namespace

UnitPlanner::UnitPlanner(const ScheduleProblem& problem) : problem_(problem) {
    shapes_.reserve(problem.units.size());
    cost_.reserve(problem.units.size());
    for (const ScheduleUnit& der : problem.units) {
        shapes_.push_back(shape_of(der));
        cost_.push_back(problem.slot_cost(der.price));
    }
    energy_price_.assign(problem.units.size(), 0.0);
    power_.assign(problem.slots(), 0);
    trial_.assign(problem.slots(), 0);
}

UnitPlanner UnitPlanner::with_least(double least_w) const {
    UnitPlanner out = *this;
    out.least_w_ = least_w;
    return out;
}

UnitPlanner::Shape UnitPlanner::shape_of(const ScheduleUnit& der) const {
    Shape shape;
    // Outside the slots that want relief a run only costs.
    std::uint64_t wanted = 0;
    for (std::size_t t = 0; t < problem_.slots(); ++t) {
        wanted |= problem_.target_w[t] == schedule_unconstrained ? 0U : std::uint64_t{1} << t;
    }
    if (wanted == 0) {
        return shape;
    }
    const int first = std::countr_zero(wanted);
    const int last = 63 - std::countl_zero(wanted);
    const std::uint64_t span = (last == 63 ? ~std::uint64_t{0} : (std::uint64_t{1} << (last + 1)) - 1) &
                               ~((std::uint64_t{1} << first) - 1);
    const std::uint64_t open = der.slots & span;
    if (open == 0) {
        return shape;
    }
    shape.first = std::countr_zero(open);
    shape.last = 63 - std::countl_zero(open);
    shape.rest = static_cast<int>(std::min<std::int64_t>(der.rest_min, 64));
    choose_parts(der, shape);
    if (shape.last < shape.first) {
        return shape;
    }
    const int block = longest_block(open);
    const bool is_block = der.power_min_w == der.power_max_w;
    const int run_by_energy = is_block && shape.width > 1 ? shape.width - 1 : 64;
    shape.counts_length = der.run_max < std::min(block, run_by_energy);
    shape.lengths = shape.counts_length ? static_cast<int>(der.run_max) : 1;
    const int runs_most = (shape.last - shape.first + 1 + shape.rest) / (1 + shape.rest);
    shape.activations = static_cast<int>(std::min<std::int64_t>(der.activations_max, runs_most));
    const int span_slots = shape.last - shape.first + 1;
    if (der.power_min_w <= 1 && block == span_slots && der.run_max >= span_slots && der.rebound_ppm == 0 &&
        !is_special(der)) {
        shape.is_free = true;
        shape.width = 1;
        shape.parts_min = shape.parts_max = 0;
        shape.slack_w = 0.0;
        return shape;
    }
    const int cells = shape.width * shape.lengths * (shape.parts_max - shape.parts_min + 1);
    if (shape.width > 1 && ((!is_block && cells > cells_max) || is_special(der))) {
        shape.prices_energy = true;
        shape.width = 1;
        shape.parts_min = shape.parts_max = 0;
        shape.slack_w = 0.0;
    }
    return shape;
}

void UnitPlanner::choose_parts(const ScheduleUnit& der, Shape& shape) const {
    const std::int64_t energy = der.energy_w_slots;
    const auto open = static_cast<std::int64_t>(std::popcount(der.slots));
    const std::int64_t slots_most =
        std::min(open, std::min<std::int64_t>(der.activations_max, 64) * der.run_max);
    if (energy / der.power_max_w >= slots_most) {
        return;  // energy does not bind
    }
    if (energy < std::max<std::int64_t>(der.power_min_w, 1)) {
        shape.last = shape.first - 1;
        return;
    }
    if (der.power_min_w == der.power_max_w) {
        shape.parts_min = shape.parts_max = 1;
        shape.part_w = static_cast<double>(der.power_max_w);
        shape.width = static_cast<int>(energy / der.power_max_w) + 1;
        return;
    }
    double best = std::numeric_limits<double>::infinity();
    for (const int parts : {1, 2, 3, 4, 5, 6, 8}) {
        const double part = static_cast<double>(der.power_max_w) / parts;
        const double whole = std::floor(static_cast<double>(energy) / part + 1e-9);
        const double least = static_cast<double>(der.power_min_w) / part;
        const double hidden = std::fabs(least - std::round(least)) < 1e-9
                                  ? std::max(0.0, static_cast<double>(energy) - whole * part)
                                  : part;
        const bool fits = whole + 1 <= width_max;
        const double merit = hidden + 0.01 * static_cast<double>(der.power_max_w) * parts;
        if ((fits || parts == 1) && merit < best) {
            best = merit;
            shape.part_w = part;
            shape.slack_w = hidden;
            shape.parts_max = parts;
            shape.parts_min = static_cast<int>(std::floor(least + 1e-9));
            shape.width = static_cast<int>(whole) + 1;
        }
    }
}

float* UnitPlanner::free_row(int slot, int activations) {
    return &free_[static_cast<std::size_t>((slot * (shape_->activations + 1) + activations) * shape_->width)];
}
float* UnitPlanner::run_row(int slot, int activations, int length) {
    return &run_[static_cast<std::size_t>(
        ((slot * shape_->activations + activations) * shape_->lengths + length) * shape_->width)];
}
const float* UnitPlanner::free_row(int slot, int activations) const {
    return const_cast<UnitPlanner*>(this)->free_row(slot, activations);
}
const float* UnitPlanner::run_row(int slot, int activations, int length) const {
    return const_cast<UnitPlanner*>(this)->run_row(slot, activations, length);
}

double UnitPlanner::value_at(int slot, double power_w) const {
    const double relief = power_w * relief_;
    const double counted =
        prices_.room_w == nullptr ? relief : std::min(relief, std::max(0.0, prices_.room_w[slot]));
    return prices_.price[slot] * counted - (cost_[unit_] + energy_price_now_) * power_w;
}

int UnitPlanner::rebound_until(int slot) const {
    return std::min(static_cast<int>(problem_.slots()), slot + 1 + static_cast<int>(der_->rebound_slots));
}

double UnitPlanner::rebound_price(int slot) const {
    double sum = 0.0;
    for (int after = slot + 1; der_->rebound_ppm > 0 && after < rebound_until(slot); ++after) {
        sum += prices_.price[after];
    }
    return sum * relief_ * static_cast<double>(der_->rebound_ppm) / 1e6;
}

/// What the load after a release in `slot` costs, at a last power of `power_w`.
double UnitPlanner::rebound_cost(int slot, double power_w) const {
    const double back = power_w * relief_ * static_cast<double>(der_->rebound_ppm) / 1e6;
    double sum = 0.0;
    for (int after = slot + 1; der_->rebound_ppm > 0 && after < rebound_until(slot); ++after) {
        const double free = prices_.room_w == nullptr ? 0.0 : std::max(0.0, -prices_.room_w[after]);
        sum += prices_.price[after] * std::max(0.0, back - free);
    }
    return sum;
}

/// The largest last power whose rebound costs nothing.
double UnitPlanner::rebound_free_w(int slot) const {
    auto power = static_cast<double>(der_->power_max_w);
    if (prices_.room_w == nullptr) {
        return 0.0;
    }
    for (int after = slot + 1; after < rebound_until(slot); ++after) {
        if (prices_.price[after] > 0.0) {
            power = std::min(power, std::max(0.0, -prices_.room_w[after]) * 1e6 /
                                        (relief_ * static_cast<double>(der_->rebound_ppm)));
        }
    }
    return std::floor(power);
}

UnitPlanner::Step UnitPlanner::value_of(int slot, int parts) const {
    const auto power_max = static_cast<double>(der_->power_max_w);
    const double most = shape_->width == 1           ? power_max
                        : parts == shape_->parts_max ? power_max
                                                     : std::max(hold_w_, shape_->part_w * parts);
    const double most_here = std::min(most, cap_w(slot));
    const double slope = prices_.price[slot] * relief_ - cost_[unit_] - energy_price_now_;
    double power = slope > 0.0 ? most_here : hold_w_;
    if (slope > 0.0 && prices_.room_w != nullptr) {
        power = std::clamp(std::max(0.0, prices_.room_w[slot]) / relief_, hold_w_, most_here);
    }
    Step step;
    step.stay = value_at(slot, power);
    step.end = step.stay;
    if (der_->rebound_ppm > 0) {
        step.end = std::numeric_limits<double>::lowest();
        for (const double last : {power, hold_w_, std::clamp(rebound_free_w(slot), hold_w_, power)}) {
            step.end = std::max(step.end, value_at(slot, last) - rebound_cost(slot, last));
        }
    }
    return step;
}

void UnitPlanner::fill_values() {
    const auto options = static_cast<std::size_t>(shape_->parts_max - shape_->parts_min + 1);
    const auto slots = static_cast<std::size_t>(shape_->last + 1);
    if (stay_.size() < slots * options) {
        stay_.resize(slots * options);
        end_.resize(slots * options);
    }
    for (int t = shape_->first; t <= shape_->last; ++t) {
        for (std::size_t option = 0; option < options; ++option) {
            const Step step = value_of(t, shape_->parts_min + static_cast<int>(option));
            const std::size_t at = static_cast<std::size_t>(t) * options + option;
            stay_[at] = static_cast<float>(step.stay);
            end_[at] = static_cast<float>(step.end);
        }
    }
}

/// What it costs to use the unit at all: its fee for it, and the load that it makes then.
double UnitPlanner::use_cost() const {
    if (der_->extra < 0) {
        return 0.0;
    }
    const UnitExtra& extra = problem_.extras[static_cast<std::size_t>(der_->extra)];
    auto sum = static_cast<double>(extra.use_cost);
    for (std::size_t t = 0; t < extra.load_w.size(); ++t) {
        const double free = prices_.room_w == nullptr ? 0.0 : std::max(0.0, -prices_.room_w[t]);
        sum += prices_.price[t] * std::max(0.0, static_cast<double>(extra.load_w[t]) * relief_ - free);
    }
    return sum;
}

double UnitPlanner::plan(std::size_t unit, const SlotPrices& prices, double floor) {
    der_ = &problem_.units[unit];
    shape_ = &shapes_[unit];
    unit_ = unit;
    prices_ = prices;
    has_schedule_ = false;
    upper_bound_ = 0.0;
    best_ = -std::numeric_limits<double>::infinity();
    if (shape_->last < shape_->first) {
        return best_;
    }
    relief_ = static_cast<double>(der_->relief_ppm) / 1e6;
    hold_w_ = std::max(static_cast<double>(der_->power_min_w), least_w_);
    energy_price_now_ = 0.0;
    double most = 0.0;
    double highest = 0.0;
    auto magnitude = static_cast<double>(der_->activation_cost * shape_->activations);
    const auto power_max = static_cast<double>(der_->power_max_w);
    for (int t = shape_->first; t <= shape_->last; ++t) {
        if (!is_open(t)) {
            continue;
        }
        const double slope = prices.price[t] * relief_ - cost_[unit];
        const double power = prices.room_w == nullptr
                                 ? power_max
                                 : std::min(power_max, std::max(0.0, prices.room_w[t]) / relief_);
        most += std::max(0.0, slope) * power;
        highest = std::max(highest, slope);
        magnitude += std::fabs(slope) * power_max;
    }
    cells_ += 16;
    most = std::min(most, highest * static_cast<double>(der_->energy_w_slots)) -
           static_cast<double>(der_->activation_cost);
    if (most <= floor) {
        upper_bound_ = std::max(0.0, most);
        return most;
    }
    // Single precision loses at most half a unit in the last place at each of some hundred additions.
    rounding_ = magnitude * 6e-8 * (2.0 * (shape_->last - shape_->first + 1) + 8.0);
    return shape_->is_free         ? plan_free()
           : shape_->prices_energy ? plan_priced(highest)
                                   : plan_counted(highest);
}

double UnitPlanner::plan_counted(double highest) {
    if (shape_->width == 1) {
        prepare_slots();
        fill_steps();
        best_ = fill_runs() - use_cost();
    } else {
        fill_values();
        fill_tables();
        best_ = best_start() - use_cost();
    }
    has_schedule_ = start_ >= 0;
    upper_bound_ = std::max(0.0, best_ + rounding_ + shape_->slack_w * std::max(0.0, highest));
    return best_;
}

}  // namespace headroom::flex
