#include "flex/schedule_state.hpp"

#include <algorithm>
#include <map>

namespace headroom::flex {

ScheduleItems::ScheduleItems(const ScheduleProblem& problem) : item_of_(problem.units.size()) {
    std::map<std::int64_t, std::vector<std::uint32_t>> groups;
    for (std::uint32_t unit = 0; unit < problem.units.size(); ++unit) {
        if (problem.units[unit].group >= 0) {
            groups[problem.units[unit].group].push_back(unit);
        }
    }
    const auto add = [this](std::span<const std::uint32_t> units) {
        for (const std::uint32_t unit : units) {
            item_of_[unit] = static_cast<std::uint32_t>(first_.size());
        }
        first_.push_back(static_cast<std::uint32_t>(members_.size()));
        members_.insert(members_.end(), units.begin(), units.end());
    };
    for (std::uint32_t unit = 0; unit < problem.units.size(); ++unit) {
        const std::int64_t group = problem.units[unit].group;
        if (group < 0) {
            add(std::span(&unit, 1));
        } else if (groups[group].front() == unit) {
            add(groups[group]);
        }
    }
    first_.push_back(static_cast<std::uint32_t>(members_.size()));
}

PlanState::PlanState(const ScheduleProblem& problem)
    : problem_(problem),
      slots_(problem.slots()),
      shortfall_(problem.slot_cost(problem.shortfall_price)),
      power_w_(problem.units.size() * slots_, 0),
      none_(slots_, 0),
      place_(problem.units.size(), 0),
      cost_(problem.units.size(), 0),
      cover_uw_(slots_, 0),
      stamp_(problem.units.size(), 0) {}

void PlanState::set(std::size_t unit, const std::int32_t* power_w) {
    if (is_marked_ && stamp_[unit] != round_) {
        stamp_[unit] = round_;
        changed_.push_back(static_cast<std::uint32_t>(unit));
        before_.insert(before_.end(), &power_w_[unit * slots_], &power_w_[unit * slots_] + slots_);
    }
    change(unit, power_w);
}

void PlanState::clear(std::size_t unit) {
    if (is_used(unit)) {
        set(unit, none_.data());
    }
}

void PlanState::list(std::size_t unit, bool is_used) {
    if (is_used == this->is_used(unit)) {
        return;
    }
    if (is_used) {
        used_list_.push_back(static_cast<std::uint32_t>(unit));
        place_[unit] = static_cast<std::uint32_t>(used_list_.size());
        return;
    }
    const std::uint32_t last = used_list_.back();
    used_list_[place_[unit] - 1] = last;
    place_[last] = place_[unit];
    used_list_.pop_back();
    place_[unit] = 0;
}

void PlanState::change(std::size_t unit, const std::int32_t* power_w) {
    std::int32_t* own = &power_w_[unit * slots_];
    if (is_used(unit)) {
        add_cover(problem_, unit, own, -1, cover_uw_);
    }
    std::copy_n(power_w, slots_, own);
    const bool now = std::any_of(own, own + slots_, [](std::int32_t power) { return power > 0; });
    list(unit, now);
    const std::int64_t cost = now ? unit_cost(problem_, unit, own).value : 0;
    if (now) {
        add_cover(problem_, unit, own, 1, cover_uw_);
    }
    sum_cost_ += cost - cost_[unit];
    cost_[unit] = cost;
}

double PlanState::room(std::size_t slot) const {
    return problem_.target_w[slot] == schedule_unconstrained
               ? -1e15
               : static_cast<double>(problem_.target_w[slot]) - static_cast<double>(cover_uw_[slot]) / 1e6;
}

void PlanState::room(std::vector<double>& room_w) const {
    room_w.resize(slots_);
    for (std::size_t t = 0; t < slots_; ++t) {
        room_w[t] = room(t);
    }
}

bool PlanState::is_covered() const {
    for (std::size_t t = 0; t < slots_; ++t) {
        if (room(t) >= 0.5) {
            return false;
        }
    }
    return true;
}

double PlanState::objective() const {
    double left = 0.0;
    for (std::size_t t = 0; t < slots_; ++t) {
        left += std::max(0.0, room(t));
    }
    return static_cast<double>(sum_cost_) + left * shortfall_;
}

void PlanState::mark() {
    is_marked_ = true;
    ++round_;
    changed_.clear();
    before_.clear();
}

void PlanState::undo() {
    for (std::size_t i = 0; i < changed_.size(); ++i) {
        change(changed_[i], &before_[i * slots_]);
    }
    mark();
}

Schedule PlanState::schedule() const {
    Schedule out;
    out.power_w = power_w_;
    evaluate(problem_, out);
    return out;
}

}  // namespace headroom::flex
