// Plans that a search starts from: out of prices, and by chance.
#include "flex/schedule_improve.hpp"

#include <algorithm>
#include <numeric>

namespace headroom::flex {

/// Takes what the item answers at these prices, if it is worth anything; none of it is used before.
void ScheduleSearch::answer(std::size_t item, const SlotPrices& prices) {
    double best = 0.0;
    std::uint32_t chosen = 0;
    bool found = false;
    for (const std::uint32_t unit : items_[item]) {
        if (planner_.plan(unit, prices, best); planner_.has_schedule()) {
            if (const double value = planner_.decode(trial_.data()); value > best) {
                best = value;
                chosen = unit;
                found = true;
                best_ = trial_;
            }
        }
    }
    if (found) {
        state_.set(chosen, best_.data());
    }
}

void ScheduleSearch::fill(const std::vector<std::uint32_t>& order) {
    std::vector<double> price(problem_.slots());
    for (const double markup : {0.01, 0.03, 0.08, 0.2, 0.6, 2.0, 1e12}) {
        if (state_.is_covered()) {
            return;
        }
        for (std::size_t t = 0; t < price.size(); ++t) {
            price[t] = std::min(shortfall_price_[t], (bound_.prices()[t] + 1e-9) * (1.0 + markup));
        }
        int rest = 0;
        for (const std::uint32_t item : order) {
            if (!is_used(item)) {
                replan(item, price, false);
                if (++rest % 64 == 0 && state_.is_covered()) {
                    return;
                }
            }
        }
    }
}

/// The least worthwhile first: each is planned anew for what it is really needed for.
void ScheduleSearch::trim(const std::vector<std::uint32_t>& order) {
    for (auto item = order.rbegin(); item != order.rend(); ++item) {
        if (is_used(*item)) {
            replan(*item, shortfall_price_, true);
        }
    }
}

void ScheduleSearch::start(const Schedule& schedule) {
    for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
        state_.set(unit, &schedule.power_w[unit * problem_.slots()]);
    }
}

/// DERs answer one after the other; a slot that is behind its share of the target pays a little more, one
/// that is ahead a little less. Where many schedules are worth the same, this spreads them as the target
/// wants them.
void ScheduleSearch::follow_target(double pull) {
    std::vector<std::uint32_t> order(items_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        return problem_.units[items_[a].front()].key < problem_.units[items_[b].front()].key;
    });
    double whole = 0.0;
    for (const std::uint32_t item : order) {
        whole += bound_.size_w(item);
    }
    std::vector<double> price(problem_.slots());
    double part = 0.0;
    for (const std::uint32_t item : order) {
        part += bound_.size_w(item);
        const double share = part / whole;
        for (std::size_t t = 0; t < price.size(); ++t) {
            const auto target = static_cast<double>(problem_.target_w[t]);
            price[t] = bound_.prices()[t];
            if (target > 0.0) {
                const double behind = share - 1.0 + state_.room(t) / target;
                price[t] = std::clamp(price[t] * (1.0 + pull * behind), 0.0, shortfall_price_[t]);
            }
        }
        answer(item, {price.data(), nullptr});
    }
}

void ScheduleSearch::build() {
    follow_target(1.0);
    fill(by_margin_);
    trim(by_margin_);
    if (!dispatches_) {
        return;
    }
    Schedule best = state_.schedule();
    double objective = state_.objective();
    const std::vector<std::int32_t> none(problem_.slots(), 0);
    for (const bool from_answers : {true, false}) {
        for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
            state_.set(unit, from_answers ? &bound_.answers()[unit * problem_.slots()] : none.data());
        }
        fill(by_margin_);
        trim(by_margin_);
        if (state_.objective() < objective) {
            objective = state_.objective();
            best = state_.schedule();
        }
    }
    start(best);
}

/// A plan that has little to do with the one before: each DER in turn, in an order by chance, takes what pays
/// best of what is still uncovered.
void ScheduleSearch::start_by_chance() {
    const std::vector<std::int32_t> none(problem_.slots(), 0);
    for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
        state_.set(unit, none.data());
    }
    std::vector<std::uint32_t> order(items_.size());
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random(i)]);
    }
    for (const std::uint32_t item : order) {
        replan(item, shortfall_price_, false);
    }
    trim(order);
}

}  // namespace headroom::flex
