#include "flex/schedule_improve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headroom::flex {
namespace {

/// Up to so many DERs by slots several ways are tried where one must do for more.
constexpr std::size_t cells_all_ways = 30'000;
/// How much worse than the last a plan may be at first, in DERs of the plan.
constexpr double slack_share = 0.03;

}  // namespace

ScheduleSearch::ScheduleSearch(const ScheduleProblem& problem, const ScheduleItems& items,
                               UnitPlanner& planner, const BoundSearch& bound)
    : problem_(problem),
      items_(items),
      planner_(planner),
      bound_(bound),
      state_(problem),
      shortfall_price_(problem.slots(), problem.slot_cost(problem.shortfall_price)),
      trial_(problem.slots(), 0),
      best_(problem.slots(), 0),
      random_(problem.seed * 0x9E3779B97F4A7C15ULL + 0x2545F4914F6CDD1DULL) {
    for (std::size_t t = 0; t < problem.slots(); ++t) {
        if (problem.target_w[t] == schedule_unconstrained) {
            shortfall_price_[t] = 0.0;
        }
    }
    order_by_margin();
}

std::size_t ScheduleSearch::random(std::size_t count) {
    random_ ^= random_ << 13U;
    random_ ^= random_ >> 7U;
    random_ ^= random_ << 17U;
    return static_cast<std::size_t>((random_ >> 11U) % count);
}

double ScheduleSearch::uniform() {
    return static_cast<double>(random(1U << 30U)) / static_cast<double>(1U << 30U);
}

void ScheduleSearch::order_by_margin() {
    by_margin_.resize(items_.size());
    std::iota(by_margin_.begin(), by_margin_.end(), 0U);
    std::vector<double> margin(items_.size());
    for (std::size_t item = 0; item < items_.size(); ++item) {
        margin[item] = bound_.values()[item] / bound_.size_w(item);
    }
    std::stable_sort(by_margin_.begin(), by_margin_.end(),
                     [&margin](std::uint32_t a, std::uint32_t b) { return margin[a] > margin[b]; });
    margin_ = static_cast<std::size_t>(
        std::partition_point(by_margin_.begin(), by_margin_.end(),
                             [&margin](std::uint32_t item) { return margin[item] > 0.0; }) -
        by_margin_.begin());
}

bool ScheduleSearch::is_used(std::size_t item) const {
    const auto members = items_[item];
    return std::any_of(members.begin(), members.end(),
                       [this](std::uint32_t unit) { return state_.is_used(unit); });
}

void ScheduleSearch::clear(std::size_t item) {
    for (const std::uint32_t unit : items_[item]) {
        state_.clear(unit);
    }
}

bool ScheduleSearch::replan(std::size_t item, const std::vector<double>& price, bool must_gain) {
    const double before = must_gain ? state_.objective() : 0.0;
    std::uint32_t old = items_[item].front();
    bool was_used = false;
    std::vector<std::int32_t> kept;
    for (const std::uint32_t unit : items_[item]) {
        if (state_.is_used(unit)) {
            old = unit;
            was_used = true;
            kept.assign(state_.power_w(unit), state_.power_w(unit) + problem_.slots());
            state_.clear(unit);
        }
    }
    state_.room(room_);
    const SlotPrices prices{price.data(), room_.data()};
    double best = 0.0;
    bool found = false;
    std::uint32_t chosen = old;
    for (const std::uint32_t unit : items_[item]) {
        if (planner_.plan(unit, prices, best); planner_.has_schedule()) {
            if (const double value = planner_.decode(trial_.data()); value > best + 1e-6) {
                best = value;
                found = true;
                chosen = unit;
                best_ = trial_;
            }
        }
    }
    if (found) {
        state_.set(chosen, best_.data());
    }
    if (must_gain && state_.objective() >= before - 0.5) {
        clear(item);
        if (was_used) {
            state_.set(old, kept.data());
        }
        return false;
    }
    return found || was_used;
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
        const SlotPrices prices{price.data(), nullptr};
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
}

void ScheduleSearch::build() {
    follow_target(1.0);
    fill(by_margin_);
    trim(by_margin_);
    if (problem_.units.size() * problem_.slots() > cells_all_ways) {
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

/// An item whose worth is close to nothing: the likeliest to change sides.
std::uint32_t ScheduleSearch::near_margin() {
    const auto all = static_cast<double>(items_.size());
    const double reach = std::max(8.0, (0.02 + 0.98 * std::pow(uniform(), 3.0)) * all);
    const double at = static_cast<double>(margin_) + (uniform() * 2.0 - 1.0) * reach;
    return by_margin_[static_cast<std::size_t>(std::clamp(at, 0.0, all - 1.0))];
}

/// Takes a few items that run in one slot out of the plan, and names others that could stand in for them.
void ScheduleSearch::choose(std::uint64_t number) {
    touched_.clear();
    const auto touch = [this](std::uint32_t item) {
        if (std::find(touched_.begin(), touched_.end(), item) == touched_.end()) {
            touched_.push_back(item);
        }
    };
    const std::vector<std::uint32_t>& used = state_.used();
    const std::size_t few = 1 + random(number % 4 == 0 ? 8 : 3);
    const std::size_t out =
        number % 5 == 0 ? 1 + random(std::clamp<std::size_t>(used.size() / 2, 1, 24)) : few;
    if (!used.empty()) {
        const std::size_t slot = random(problem_.slots());
        const bool anywhere = number % 10 == 5;
        for (std::size_t i = 0; i < 8 * out && touched_.size() < out; ++i) {
            if (const std::uint32_t unit = used[random(used.size())];
                anywhere || state_.power_w(unit)[slot] > 0) {
                touch(static_cast<std::uint32_t>(items_.item_of(unit)));
            }
        }
    }
    for (const std::uint32_t item : touched_) {
        clear(item);
    }
    const std::size_t extra = 3 + random(10);
    for (std::size_t i = 0; i < extra; ++i) {
        touch(near_margin());
    }
    for (std::size_t i = touched_.size(); i > 1; --i) {
        std::swap(touched_[i - 1], touched_[random(i)]);
    }
    if (random(2) == 0) {
        // Large ones first: small ones fill better what large ones leave.
        std::vector<std::pair<double, std::uint32_t>> sized;
        for (const std::uint32_t item : touched_) {
            sized.emplace_back(bound_.size_w(item) * (0.25 + uniform()), item);
        }
        std::sort(sized.begin(), sized.end(), std::greater<>());
        for (std::size_t i = 0; i < sized.size(); ++i) {
            touched_[i] = sized[i].second;
        }
    }
}

bool ScheduleSearch::step(std::uint64_t number, double limit) {
    state_.mark();
    choose(number);
    std::vector<double> price(problem_.slots());
    const double markup = uniform() * (number % 3 == 0 ? 1.0 : 0.25) - 0.05;
    const bool is_uneven = random(3) == 0;
    for (std::size_t t = 0; t < price.size(); ++t) {
        const double tilt = is_uneven ? 2.5 * uniform() * uniform() : 1.0;
        price[t] = std::min(shortfall_price_[t], bound_.prices()[t] * (1.0 + markup) * tilt);
    }
    for (const std::uint32_t item : touched_) {
        replan(item, price, false);
    }
    for (int round = 0; round < 2; ++round) {
        for (const std::uint32_t item : touched_) {
            replan(item, shortfall_price_, true);
        }
    }
    if (state_.objective() < limit) {
        return true;
    }
    state_.undo();
    return false;
}

void ScheduleSearch::improve(double goal, std::int64_t work_end, const std::function<bool()>& stop) {
    if (items_.size() == 0) {
        return;
    }
    const std::int64_t work_begin = planner_.work();
    const bool may_worsen = problem_.units.size() * problem_.slots() <= cells_all_ways;
    Schedule best = state_.schedule();
    double objective = state_.objective();
    double current = objective;
    for (std::uint64_t number = 0; planner_.work() < work_end; ++number) {
        if (objective <= bound_.bound() + goal || (stop && stop())) {
            break;
        }
        const double left =
            static_cast<double>(work_end - planner_.work()) / static_cast<double>(work_end - work_begin);
        const double slack = may_worsen ? slack_share * left * left * uniform() * objective /
                                              static_cast<double>(1 + state_.used().size())
                                        : 0.0;
        if (!step(number, current + slack - 0.5)) {
            continue;
        }
        current = state_.objective();
        if (current < objective - 0.5) {
            objective = current;
            if (may_worsen) {
                best = state_.schedule();
            }
        }
    }
    if (may_worsen && current > objective) {
        start(best);
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

void ScheduleSearch::improve_anew(int rounds, double goal, std::int64_t work,
                                  const std::function<bool()>& stop) {
    Schedule best = state_.schedule();
    double objective = state_.objective();
    for (int round = 0; round < rounds; ++round) {
        if (round > 0) {
            random_ = (problem_.seed + static_cast<std::uint64_t>(round)) * 0x9E3779B97F4A7C15ULL +
                      0x2545F4914F6CDD1DULL;
            start_by_chance();
        }
        improve(goal, planner_.work() + work / rounds, stop);
        if (state_.objective() < objective) {
            objective = state_.objective();
            best = state_.schedule();
        }
        if (objective <= bound_.bound() + goal) {
            break;
        }
    }
    start(best);
}

}  // namespace headroom::flex
