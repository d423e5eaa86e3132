// Plans that a search starts from: out of prices, and by chance.
#include "flex/schedule_improve.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace headroom::flex {
namespace {

constexpr std::size_t rest_from = 20;  // items, below which each one's part in a plan is felt
constexpr std::size_t rest_most = 10;  // one of so many is a rest

}  // namespace

/// Takes what the item answers at these prices, if it is worth more than `least`; none of it is used before.
void ScheduleSearch::answer(std::size_t item, const SlotPrices& prices, double least) {
    double best = least;
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

/// Lowers powers where more than the target is covered, of the least worthwhile first. Nobody stops.
void ScheduleSearch::give_back() {
    state_.room(room_);
    for (auto item = by_margin_.rbegin(); item != by_margin_.rend(); ++item) {
        for (const std::uint32_t unit : items_[*item]) {
            const ScheduleUnit& der = problem_.units[unit];
            if (!state_.is_used(unit) || !is_even(der)) {
                continue;
            }
            trial_.assign(state_.power_w(unit), state_.power_w(unit) + problem_.slots());
            const std::int64_t hold_w = std::max<std::int64_t>(der.power_min_w, 1);
            std::int64_t all_w = 0;
            for (std::size_t t = 0; t < room_.size(); ++t) {
                if (trial_[t] > hold_w && room_[t] <= -1.0 && room_[t] > -1e14) {
                    const auto over =
                        static_cast<std::int64_t>(-room_[t] * 1e6 / static_cast<double>(der.relief_ppm));
                    const std::int64_t less_w = std::min(over, trial_[t] - hold_w);
                    trial_[t] -= static_cast<std::int32_t>(less_w);
                    room_[t] += static_cast<double>(less_w * der.relief_ppm) / 1e6;
                    all_w += less_w;
                }
            }
            if (all_w > 0) {
                state_.set(unit, trial_.data());
            }
        }
    }
}

void ScheduleSearch::use_rest(double share) {
    std::vector<std::uint32_t> rest;
    for (std::uint32_t item = 0; item < items_.size(); ++item) {
        if (!is_used(item)) {
            rest.push_back(item);
        }
    }
    if (rest.empty() || items_.size() < rest_from || rest.size() * rest_most > items_.size()) {
        return;
    }
    const Schedule before = state_.schedule();
    const double objective = state_.objective();
    std::vector<double> price(problem_.slots());
    for (const double markup : {0.0, 0.1, 0.5, 1e12}) {
        for (std::size_t t = 0; t < price.size(); ++t) {
            price[t] = std::min(shortfall_price_[t], bound_.prices()[t] * (1.0 + markup));
        }
        for (const std::uint32_t item : rest) {
            if (!is_used(item)) {
                answer(item, {price.data(), nullptr}, -std::numeric_limits<double>::infinity());
            }
        }
    }
    dispatches_ ? dispatch() : give_back();
    if (state_.objective() > objective * (1.0 + share)) {
        start(before);
    }
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
