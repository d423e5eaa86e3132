#include "flex/relaxation.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <utility>

namespace headroom::flex {

namespace {

/// Steps that count as one more unit of work.
constexpr std::int64_t steps_per_unit = 1'000;

/// µ£ of a relief, rounded down: a bound must not be above the truth.
std::int64_t cost_floor(const Candidate& candidate, std::int64_t price, Wide relief_uw) {
    return static_cast<std::int64_t>(relief_uw * price / candidate.relief_uw_per_w / (2 * whole_ppm));
}

}  // namespace

std::int64_t Relaxation::work() const {
    return 1 + counted_ / steps_per_unit;
}

Relaxation::Relaxation(const Problem& problem, const std::vector<Decision>& decisions)
    : problem_(problem),
      decisions_(decisions),
      slots_(problem.slots),
      flow_(problem.candidates.size() * slots_, 0),
      residual_(problem.target_uw),
      budget_(problem.cost_max),
      users_(slots_),
      movers_(slots_ * slots_, 0),
      cursors_(slots_ * slots_, 0),
      is_closed_(slots_, false) {
    settle_blocks();
    for (const std::int64_t residual : residual_) {
        uncovered_ += residual;
    }
    counted_ = static_cast<std::int64_t>(flow_.size());
    for (const std::size_t index : problem.by_price) {
        if (uncovered_ == 0) {
            break;
        }
        if (is_fixed_block(index) || decisions[index].choice == Choice::unused) {
            continue;
        }
        if (!is_worth_buying(problem, problem.candidates[index])) {
            break;
        }
        add(index);
    }
    std::int64_t missing = 0;
    for (const std::int64_t residual : residual_) {
        missing += residual / whole_ppm;
    }
    // Rounded down: a bound must not be above the truth.
    unserved_ = static_cast<std::int64_t>(Wide{missing} * problem.unserved_price / (2 * whole_ppm));
}

Run Relaxation::span(std::size_t index) const {
    Run used;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        if (flow(index, slot) > 0) {
            used.begin = used.length() == 0 ? slot : used.begin;
            used.end = slot + 1;
        }
    }
    return used;
}

Cover Relaxation::cover(const PlanInput& input) const {
    Cover made;
    made.power_w.assign(flow_.size(), 0);
    std::int64_t spent = 0;
    for (const std::size_t index : problem_.by_price) {
        const Candidate& candidate = problem_.candidates[index];
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            const std::int64_t per_w = candidate.relief_uw_per_w;
            std::int64_t& power = made.power_w[index * slots_ + slot];
            power = std::min((flow(index, slot) + per_w - 1) / per_w, candidate.supply_w - sum);
            sum += power;
        }
        // Rounding up may pass the budget by a few micro-pounds: give those watts back.
        while (sum > 0 && spent + line_cost(input.offers[candidate.offer], sum) > problem_.cost_max) {
            give_back(made.power_w, index, sum);
        }
        spent += line_cost(input.offers[candidate.offer], sum);
    }
    evaluate(problem_, input, made);
    return made;
}

void Relaxation::give_back(std::vector<std::int64_t>& powers, std::size_t index, std::int64_t& sum) const {
    if (is_fixed_block(index)) {
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            powers[index * slots_ + slot] = 0;
        }
        sum = 0;
        return;
    }
    for (std::size_t slot = slots_; slot-- > 0;) {
        if (powers[index * slots_ + slot] > 0) {
            --powers[index * slots_ + slot];
            --sum;
            return;
        }
    }
}

void Relaxation::settle_blocks() {
    for (std::size_t index = 0; index < decisions_.size(); ++index) {
        if (!is_fixed_block(index)) {
            continue;
        }
        const Candidate& candidate = problem_.candidates[index];
        const Run run = decisions_[index].run;
        const std::int64_t relief = block_power(candidate, run) * candidate.relief_uw_per_w;
        Wide total = 0;
        for (std::size_t slot = run.begin; slot < run.end; ++slot) {
            flow_[index * slots_ + slot] = relief;
            residual_[slot] = std::max<std::int64_t>(0, residual_[slot] - relief);
            total += relief;
        }
        cost_ += cost_floor(candidate, candidate.price, total);
        budget_ -= cost_floor(candidate, candidate.paid(), total);
    }
    feasible_ = budget_ >= 0;
}

std::int64_t Relaxation::room(std::size_t index, std::size_t slot) const {
    const Decision& decision = decisions_[index];
    if (decision.choice == Choice::window && !decision.run.holds(slot)) {
        return 0;
    }
    const Candidate& candidate = problem_.candidates[index];
    return candidate.cap_w[slot] * candidate.relief_uw_per_w - flow(index, slot);
}

std::int64_t Relaxation::supply(std::size_t index) const {
    const Candidate& candidate = problem_.candidates[index];
    const Wide relief = Wide{candidate.supply_w} * candidate.relief_uw_per_w;
    if (candidate.paid() == 0) {
        return static_cast<std::int64_t>(relief);
    }
    const Wide paid = Wide{budget_} * 2 * whole_ppm * candidate.relief_uw_per_w / candidate.paid();
    return static_cast<std::int64_t>(std::min(relief, std::max<Wide>(0, paid)));
}

void Relaxation::add(std::size_t index) {
    const std::int64_t offered = supply(index);
    std::int64_t left = offered;
    for (std::size_t slot = 0; slot < slots_ && left > 0; ++slot) {
        left -= push(index, slot, std::min({left, room(index, slot), residual_[slot]}));
    }
    while (left > 0) {
        const std::int64_t moved = augment(index, left);
        if (moved == 0) {
            break;
        }
        left -= moved;
    }
    const Candidate& candidate = problem_.candidates[index];
    cost_ += cost_floor(candidate, candidate.price, offered - left);
    budget_ -= cost_floor(candidate, candidate.paid(), offered - left);
}

std::int64_t Relaxation::push(std::size_t index, std::size_t slot, std::int64_t amount) {
    if (amount > 0) {
        change(index, slot, amount);
        residual_[slot] -= amount;
        uncovered_ -= amount;
    }
    return amount;
}

void Relaxation::change(std::size_t index, std::size_t slot, std::int64_t by) {
    const bool was_used = flow(index, slot) > 0;
    const bool was_free = room(index, slot) > 0;
    flow_[index * slots_ + slot] += by;
    const bool is_used = flow(index, slot) > 0;
    const bool is_free = room(index, slot) > 0;
    if (is_used && !was_used) {
        users_[slot].push_back(index);
    }
    counted_ += static_cast<std::int64_t>(slots_);
    for (std::size_t other = 0; other < slots_; ++other) {
        if (other == slot) {
            continue;
        }
        if (is_used != was_used && room(index, other) > 0) {
            movers_[slot * slots_ + other] += is_used ? 1 : -1;
        }
        if (is_free != was_free && flow(index, other) > 0) {
            movers_[other * slots_ + slot] += is_free ? 1 : -1;
        }
    }
}

std::size_t Relaxation::mover(std::size_t from, std::size_t to) {
    const std::vector<std::size_t>& users = users_[from];
    std::size_t& cursor = cursors_[from * slots_ + to];
    for (std::size_t tried = 0; tried < users.size(); ++tried, ++cursor) {
        ++counted_;
        cursor = cursor < users.size() ? cursor : 0;
        if (flow(users[cursor], from) > 0 && room(users[cursor], to) > 0) {
            return users[cursor];
        }
    }
    HEADROOM_ASSERT(false);
    return 0;
}

std::int64_t Relaxation::augment(std::size_t index, std::int64_t left) {
    if (uncovered_ == 0) {
        return 0;
    }
    std::vector<Step> steps(slots_);
    std::vector<std::size_t> queue;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        if (!is_closed_[slot] && room(index, slot) > 0) {
            steps[slot] = {true, true, slot};
            queue.push_back(slot);
        }
    }
    for (std::size_t head = 0; head < queue.size(); ++head) {
        const std::size_t slot = queue[head];
        if (residual_[slot] > 0) {
            return carry(index, slot, steps, left);
        }
        counted_ += static_cast<std::int64_t>(slots_);
        for (std::size_t next = 0; next < slots_; ++next) {
            if (!steps[next].reached && !is_closed_[next] && movers_[slot * slots_ + next] > 0) {
                steps[next] = {true, false, slot};
                queue.push_back(next);
            }
        }
    }
    // No way leads out of these half-hours, and none ever will: later paths cannot pass through them.
    for (const std::size_t slot : queue) {
        is_closed_[slot] = true;
    }
    return 0;
}

std::int64_t Relaxation::carry(std::size_t index, std::size_t target, const std::vector<Step>& steps,
                               std::int64_t left) {
    std::int64_t amount = std::min(left, residual_[target]);
    std::vector<std::size_t> movers;
    std::size_t slot = target;
    for (; !steps[slot].is_first; slot = steps[slot].from) {
        const std::size_t from = steps[slot].from;
        movers.push_back(mover(from, slot));
        amount = std::min({amount, room(movers.back(), slot), flow(movers.back(), from)});
    }
    amount = std::min(amount, room(index, slot));
    residual_[target] -= amount;
    uncovered_ -= amount;
    std::size_t step = 0;
    for (slot = target; !steps[slot].is_first; slot = steps[slot].from) {
        change(movers[step], steps[slot].from, -amount);
        change(movers[step], slot, amount);
        ++step;
    }
    change(index, slot, amount);
    return amount;
}

}  // namespace headroom::flex
