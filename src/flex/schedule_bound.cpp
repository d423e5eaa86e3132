#include "flex/schedule_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headroom::flex {

BoundSearch::BoundSearch(const ScheduleProblem& problem, const ScheduleItems& items, UnitPlanner& planner)
    : problem_(problem),
      items_(items),
      planner_(planner),
      price_max_(problem.slot_cost(problem.shortfall_price)),
      size_w_(items.size(), 0.0),
      price_(problem.slots(), 0.0),
      value_(items.size(), 0.0),
      answer_(problem.units.size() * problem.slots(), 0) {
    for (std::size_t item = 0; item < items.size(); ++item) {
        for (const std::uint32_t unit : items[item]) {
            const ScheduleUnit& der = problem.units[unit];
            size_w_[item] = std::max(size_w_[item], static_cast<double>(der.power_max_w) *
                                                        static_cast<double>(der.relief_ppm) / 1e6);
        }
    }
    best_value_ = value_;
    best_answer_ = answer_;
    first_prices();
    best_price_ = price_;
}

/// In each slot by itself: the price at which the cheapest DERs together cover the target.
void BoundSearch::first_prices() {
    struct Supply {
        double price = 0.0;
        std::size_t unit = 0;
    };
    std::vector<Supply> supply;
    for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
        const ScheduleUnit& der = problem_.units[unit];
        const double relief = static_cast<double>(der.relief_ppm) / 1e6;
        // The fee of an activation, spread over the longest run that the energy allows.
        const double run =
            std::clamp(static_cast<double>(der.energy_w_slots) / static_cast<double>(der.power_max_w), 0.25,
                       static_cast<double>(std::min<std::int64_t>(der.run_max, 8)));
        const double fee =
            static_cast<double>(der.activation_cost) / (run * static_cast<double>(der.power_max_w));
        supply.push_back({(problem_.slot_cost(der.price) + fee) / relief, unit});
    }
    std::stable_sort(supply.begin(), supply.end(),
                     [](const Supply& a, const Supply& b) { return a.price < b.price; });
    for (std::size_t t = 0; t < problem_.slots(); ++t) {
        auto left = static_cast<double>(problem_.target_w[t]);
        if (left <= 0.0) {
            continue;
        }
        price_[t] = price_max_;
        for (const Supply& each : supply) {
            const ScheduleUnit& der = problem_.units[each.unit];
            if ((der.slots >> t & 1U) != 0) {
                left -= static_cast<double>(der.power_max_w) * static_cast<double>(der.relief_ppm) / 1e6;
            }
            if (left <= 0.0) {
                price_[t] = std::min(price_max_, each.price);
                break;
            }
        }
    }
}

BoundSearch::Evaluation BoundSearch::evaluate(const std::vector<std::uint32_t>& order) {
    const std::size_t slots = problem_.slots();
    Evaluation out;
    out.missing_w.assign(slots, 0.0);
    std::vector<std::int64_t> cover_uw(slots, 0);
    for (std::size_t t = 0; t < slots; ++t) {
        if (problem_.target_w[t] != schedule_unconstrained) {
            out.missing_w[t] = static_cast<double>(problem_.target_w[t]);
            out.bound += price_[t] * out.missing_w[t];
        }
    }
    std::vector<std::int32_t> trial(slots, 0);
    const SlotPrices prices{price_.data(), nullptr};
    for (const std::uint32_t item : order) {
        double upper = 0.0;
        double best = -std::numeric_limits<double>::infinity();
        std::uint32_t chosen = items_[item].front();
        bool is_used = false;
        for (const std::uint32_t unit : items_[item]) {
            const double value = planner_.plan(unit, prices, 0.0);
            upper = std::max(upper, planner_.upper_bound());
            if (planner_.has_schedule() && value > 0.0 && value > best) {
                static_cast<void>(planner_.decode(trial.data()));
                chosen = unit;
                is_used = true;
            }
            best = std::max(best, value);
        }
        out.bound -= upper;
        if (is_used) {
            add_cover(problem_, chosen, trial.data(), 1, cover_uw);
        }
        value_[item] = best;
        for (const std::uint32_t unit : items_[item]) {
            std::fill_n(&answer_[unit * slots], slots, 0);
        }
        if (is_used) {
            std::copy_n(trial.data(), slots, &answer_[chosen * slots]);
        }
    }
    for (std::size_t t = 0; t < slots; ++t) {
        if (problem_.target_w[t] != schedule_unconstrained) {
            out.missing_w[t] -= static_cast<double>(cover_uw[t]) / 1e6;
        }
    }
    return out;
}

double BoundSearch::bound_in_watts() const {
    if (problem_.least_w >= 1.0) {
        return bound_;
    }
    UnitPlanner planner = planner_.with_least(problem_.least_w);
    double out = 0.0;
    for (std::size_t t = 0; t < problem_.slots(); ++t) {
        if (problem_.target_w[t] != schedule_unconstrained) {
            out += best_price_[t] * static_cast<double>(problem_.target_w[t]);
        }
    }
    for (std::size_t item = 0; item < items_.size(); ++item) {
        double upper = 0.0;
        for (const std::uint32_t unit : items_[item]) {
            // Where its energy has a price, that is searched on from where it stands.
            planner.plan(unit, {best_price_.data(), nullptr}, 0.0);
            const double once = planner.upper_bound();
            planner.plan(unit, {best_price_.data(), nullptr}, 0.0);
            upper = std::max(upper, std::min(once, planner.upper_bound()));
        }
        out -= upper;
    }
    // A plan costs nothing at least.
    return std::min(bound_, std::max(0.0, out));
}

void BoundSearch::glide(const std::vector<std::uint32_t>& order, double share, double pull) {
    const std::size_t slots = problem_.slots();
    double target_mean = 0.0;
    double price_mean = 0.0;
    double wanted = 0.0;
    for (std::size_t t = 0; t < slots; ++t) {
        if (problem_.target_w[t] > 0) {
            target_mean += static_cast<double>(problem_.target_w[t]) * share;
            price_mean += price_[t];
            wanted += 1.0;
        }
    }
    if (wanted == 0.0) {
        return;
    }
    target_mean /= wanted;
    price_mean /= wanted;
    std::vector<double> gain(slots, 0.0);
    std::vector<double> target(slots, 0.0);
    double whole = 0.0;
    for (const std::uint32_t item : order) {
        whole += size_w_[item];
    }
    for (std::size_t t = 0; t < slots; ++t) {
        if (problem_.target_w[t] > 0) {
            target[t] = static_cast<double>(problem_.target_w[t]) * share;
            gain[t] = pull * std::max(price_[t], 0.2 * price_mean) / std::max(target[t], 0.2 * target_mean);
        }
    }
    std::vector<double> mean(slots, 0.0);
    std::vector<std::int64_t> cover_uw(slots, 0);
    std::vector<std::int32_t> trial(slots, 0);
    std::vector<std::int32_t> best_power(slots, 0);
    double weight = 0.0;
    double part = 0.0;
    std::vector<double> price = price_;
    for (const std::uint32_t item : order) {
        const SlotPrices prices{price.data(), nullptr};
        double best = 0.0;
        std::uint32_t chosen = 0;
        bool found = false;
        for (const std::uint32_t unit : items_[item]) {
            if (planner_.plan(unit, prices, best); planner_.has_schedule()) {
                if (const double value = planner_.decode(trial.data()); value > best) {
                    best = value;
                    chosen = unit;
                    found = true;
                    best_power = trial;
                }
            }
        }
        if (found) {
            add_cover(problem_, chosen, best_power.data(), 1, cover_uw);
        }
        part += size_w_[item];
        weight += size_w_[item];
        for (std::size_t t = 0; t < slots; ++t) {
            if (gain[t] > 0.0) {
                const double behind = target[t] * part / whole - static_cast<double>(cover_uw[t]) / 1e6;
                price[t] = std::clamp(price_[t] + gain[t] * behind, 0.0, price_max_);
            }
            mean[t] += size_w_[item] * price[t];
        }
    }
    for (std::size_t t = 0; t < slots; ++t) {
        price_[t] = mean[t] / weight;
    }
}

void BoundSearch::glide_to_rest(std::vector<std::uint32_t> order, double share, double pull, int rounds,
                                std::int64_t work_end) {
    for (int round = 0; round < rounds && planner_.work() < work_end; ++round) {
        glide(order, share, pull);
        std::reverse(order.begin(), order.end());
        pull *= 0.8;
    }
}

/// Keeps an evaluation at the present prices when its bound is the best.
void BoundSearch::take(const Evaluation& evaluation) {
    if (evaluation.bound > bound_) {
        bound_ = evaluation.bound;
        best_price_ = price_;
        best_value_ = value_;
        best_answer_ = answer_;
    }
}

/// Deflected subgradient steps towards `target`; ends at the best prices found.
void BoundSearch::climb(const std::vector<std::uint32_t>& order, double target, int rounds,
                        std::int64_t work_end) {
    const std::size_t slots = problem_.slots();
    std::vector<double> direction(slots, 0.0);
    std::vector<double> best_price = price_;
    double best = -std::numeric_limits<double>::infinity();
    double stride = 0.9;
    int stalled = 0;
    for (int round = 0; round < rounds && planner_.work() < work_end; ++round) {
        const Evaluation at = evaluate(order);
        if (at.bound > best) {
            stalled = at.bound > best + 1e-5 * std::fabs(best) ? 0 : stalled + 1;
            best = at.bound;
            best_price = price_;
            take(at);
        } else {
            ++stalled;
        }
        if (stalled >= 3) {
            stride *= 0.6;
            stalled = 0;
            if (stride < 0.005) {
                break;
            }
        }
        double length = 0.0;
        for (std::size_t t = 0; t < slots; ++t) {
            double missing = at.missing_w[t];
            if ((price_[t] <= 0.0 && missing < 0.0) || (price_[t] >= price_max_ && missing > 0.0)) {
                missing = 0.0;
            }
            direction[t] = missing + 0.4 * direction[t];
            length += direction[t] * direction[t];
        }
        const double goal = std::max(target * 1.0005 - at.bound, 1e-4 * std::fabs(at.bound));
        if (length <= 0.0) {
            break;
        }
        for (std::size_t t = 0; t < slots; ++t) {
            price_[t] = std::clamp(price_[t] + stride * goal / length * direction[t], 0.0, price_max_);
        }
    }
    price_ = best_price;
}

void BoundSearch::search(double target, std::int64_t work) {
    const std::int64_t work_end = planner_.work() + work;
    std::vector<std::uint32_t> order(items_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        return problem_.units[items_[a].front()].key < problem_.units[items_[b].front()].key;
    });
    const bool is_large = order.size() >= 1'000;
    if (is_large) {
        const std::size_t count = 500;
        const std::vector<std::uint32_t> sample(order.begin(),
                                                order.begin() + static_cast<std::ptrdiff_t>(count));
        const auto sum = [this](double total, std::uint32_t item) { return total + size_w_[item]; };
        const double share = std::accumulate(sample.begin(), sample.end(), 0.0, sum) /
                             std::accumulate(order.begin(), order.end(), 0.0, sum);
        glide_to_rest(sample, share, 2.0, 20, work_end);
    }
    glide_to_rest(order, 1.0, is_large ? 0.2 : 2.0, is_large ? 4 : 20, work_end);
    std::sort(order.begin(), order.end());
    climb(order, target, order.size() > 4'000 ? 4 : is_large ? 12 : 250, work_end);
    for (int round = 0; !is_large && round < 12 && planner_.work() < work_end; ++round) {
        const double before = bound_;
        climb(order, std::max(bound_ * (1.0 + 0.03 / (1 + round)), 0.0), 250, work_end);
        if (bound_ <= before + 1e-6 * std::fabs(before)) {
            break;
        }
    }
    if (order.size() * problem_.slots() <= 400) {
        snap(order, work_end);
    }
}

/// Where DERs cover a slot in part, its price is one's own cost: the nearest such costs are tried slot by
/// slot, which ends where steps only come close.
void BoundSearch::snap(const std::vector<std::uint32_t>& order, std::int64_t work_end) {
    for (std::size_t t = 0; t < problem_.slots() && planner_.work() < work_end; ++t) {
        if (problem_.target_w[t] == schedule_unconstrained) {
            continue;
        }
        std::vector<double> costs{0.0, price_max_};
        for (const ScheduleUnit& der : problem_.units) {
            costs.push_back(problem_.slot_cost(der.price) * 1e6 / static_cast<double>(der.relief_ppm));
        }
        const double now = best_price_[t];
        std::sort(costs.begin(), costs.end(),
                  [now](double a, double b) { return std::fabs(a - now) < std::fabs(b - now); });
        costs.resize(std::min<std::size_t>(costs.size(), 3));
        for (const double cost : costs) {
            price_ = best_price_;
            price_[t] = std::min(cost, price_max_);
            take(evaluate(order));
        }
    }
}

}  // namespace headroom::flex
