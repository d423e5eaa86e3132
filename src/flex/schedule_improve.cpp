#include "flex/schedule_improve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headroom::flex {
namespace {

/// Up to so many DERs by slots several ways are tried where one must do for more.
constexpr std::size_t cells_all_ways = 30'000;
/// How much worse than the last a plan may be at first, in DERs of the plan.
constexpr double slack_share = 0.03;
/// Of the changes, so many are of one DER, where the others' powers are shared out anew.
constexpr std::size_t single_percent = 30;

}  // namespace

ScheduleSearch::ScheduleSearch(const ScheduleProblem& problem, const ScheduleItems& items,
                               UnitPlanner& planner, const BoundSearch& bound)
    : problem_(problem),
      items_(items),
      planner_(planner),
      bound_(bound),
      state_(problem),
      dispatch_(problem),
      dispatches_(problem.units.size() * problem.slots() <= cells_all_ways),
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
    planner_.add_cells(20 + 3 * static_cast<std::int64_t>(problem_.slots()));
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

void ScheduleSearch::dispatch() {
    if (dispatches_) {
        planner_.add_cells(dispatch_.run(state_));
    }
}

/// Stops a DER that is used, a large one rather than a small one, and fills what that leaves.
void ScheduleSearch::drop_one() {
    const std::vector<std::uint32_t>& used = state_.used();
    std::size_t dropped = items_.item_of(used[random(used.size())]);
    for (std::size_t more = random(4); more > 0; --more) {
        const std::size_t other = items_.item_of(used[random(used.size())]);
        dropped = bound_.size_w(other) > bound_.size_w(dropped) ? other : dropped;
    }
    clear(dropped);
    dispatch();
    for (std::size_t more = 1 + random(6); more > 0 && !state_.is_covered(); --more) {
        replan(near_margin(), shortfall_price_, true);
    }
}

/// Buys at the bound's prices, more or less, whether there is room or not; others then give less, or stop.
void ScheduleSearch::push_one_in() {
    const std::uint32_t item = near_margin();
    std::vector<double> price(problem_.slots());
    const double markup = uniform() * 0.3 - 0.1;
    const bool is_uneven = random(2) == 0;
    for (std::size_t t = 0; t < price.size(); ++t) {
        const double tilt = is_uneven ? 2.0 * uniform() : 1.0;
        price[t] = std::min(shortfall_price_[t], bound_.prices()[t] * (1.0 + markup) * tilt);
    }
    clear(item);
    answer(item, {price.data(), nullptr});
    dispatch();
    const std::vector<std::uint32_t>& used = state_.used();
    for (std::size_t more = 1 + random(6); more > 0 && !used.empty(); --more) {
        replan(items_.item_of(used[random(used.size())]), shortfall_price_, true);
    }
}

/// Changes one DER and lets the others make the best of it; as `step` else.
bool ScheduleSearch::step_single(std::uint64_t number, double limit) {
    state_.mark();
    number % 2 == 0 && !state_.used().empty() ? drop_one() : push_one_in();
    dispatch();
    if (state_.objective() < limit) {
        return true;
    }
    state_.undo();
    return false;
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
    const int rounds = dispatches_ ? 1 : 2;
    for (int round = 0; round < rounds; ++round) {
        for (const std::uint32_t item : touched_) {
            replan(item, shortfall_price_, true);
        }
    }
    dispatch();
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
    const bool may_worsen = dispatches_;
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
        const double limit = current + slack - 0.5;
        const bool is_single = dispatches_ && random(100) < single_percent;
        if (!(is_single ? step_single(number, limit) : step(number, limit))) {
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
