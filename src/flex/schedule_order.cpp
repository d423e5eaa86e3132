// Who of several alike is asked: the cheapest, then the first by id.
#include "flex/schedule_solve.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace headroom::flex {
namespace {

constexpr std::size_t swaps_of = 64;  // alike in all but both prices: more are only sorted

struct SlotPowers {
    std::int64_t energy = 0;
    std::int64_t starts = 0;
    std::vector<std::int32_t> power_w;
};

/// Units that could stand in for each other, slot by slot.
using Likeness = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::uint64_t, std::int64_t,
                            std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                            std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

Likeness likeness(const ScheduleUnit& der) {
    return {der.power_min_w, der.power_max_w,     der.energy_w_slots, der.slots,       der.run_max,
            der.rest_min,    der.activations_max, der.relief_ppm,     der.rebound_ppm, der.rebound_slots,
            der.run_min,     der.ramp_up_w,       der.ramp_down_w,    der.extra};
}

class Ranks {
  public:
    Ranks(const ScheduleProblem& problem, Schedule& schedule) : problem_(problem), schedule_(schedule) {}

    /// The units come in the order in which they should be used: the more a schedule takes, the earlier.
    void deal(const std::vector<std::size_t>& units, std::int64_t SlotPowers::*by) {
        std::vector<SlotPowers> uses;
        for (const std::size_t unit : units) {
            uses.push_back(use_of(unit));
        }
        std::stable_sort(uses.begin(), uses.end(),
                         [by](const SlotPowers& a, const SlotPowers& b) { return a.*by > b.*by; });
        for (std::size_t i = 0; i < units.size(); ++i) {
            put(units[i], uses[i]);
        }
    }

    void swap_pairs(const std::vector<std::size_t>& units) {
        for (std::size_t i = 0; i < units.size(); ++i) {
            for (std::size_t k = i + 1; k < units.size(); ++k) {
                const SlotPowers first = use_of(units[i]);
                const SlotPowers second = use_of(units[k]);
                if (cost(units[i], second) + cost(units[k], first) <
                    cost(units[i], first) + cost(units[k], second)) {
                    put(units[i], second);
                    put(units[k], first);
                }
            }
        }
    }

  private:
    [[nodiscard]] SlotPowers use_of(std::size_t unit) const {
        const std::size_t slots = problem_.slots();
        SlotPowers use;
        use.power_w.assign(&schedule_.power_w[unit * slots], &schedule_.power_w[unit * slots] + slots);
        for (std::size_t t = 0; t < slots; ++t) {
            use.energy += use.power_w[t];
            use.starts += use.power_w[t] > 0 && (t == 0 || use.power_w[t - 1] == 0) ? 1 : 0;
        }
        return use;
    }
    void put(std::size_t unit, const SlotPowers& use) {
        std::copy(use.power_w.begin(), use.power_w.end(), &schedule_.power_w[unit * problem_.slots()]);
    }
    [[nodiscard]] std::int64_t cost(std::size_t unit, const SlotPowers& use) const {
        return unit_cost(problem_, unit, use.power_w.data()).value;
    }

    const ScheduleProblem& problem_;
    Schedule& schedule_;
};

}  // namespace

void prefer_cheaper(const ScheduleProblem& problem, Schedule& schedule) {
    std::map<Likeness, std::vector<std::size_t>> alike;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        if (problem.units[unit].group < 0) {
            alike[likeness(problem.units[unit])].push_back(unit);
        }
    }
    Ranks ranks(problem, schedule);
    for (auto& [key, units] : alike) {
        if (units.size() < 2) {
            continue;
        }
        std::map<std::int64_t, std::vector<std::size_t>> by_fee;
        std::map<std::int64_t, std::vector<std::size_t>> by_price;
        for (const std::size_t unit : units) {
            by_fee[problem.units[unit].activation_cost].push_back(unit);
            by_price[problem.units[unit].price].push_back(unit);
        }
        if (units.size() <= swaps_of) {
            ranks.swap_pairs(units);
        }
        for (auto& [fee, same] : by_fee) {
            std::stable_sort(same.begin(), same.end(), [&problem](std::size_t a, std::size_t b) {
                return problem.units[a].price < problem.units[b].price;
            });
            ranks.deal(same, &SlotPowers::energy);
        }
        for (auto& [price, same] : by_price) {
            std::stable_sort(same.begin(), same.end(), [&problem](std::size_t a, std::size_t b) {
                return problem.units[a].activation_cost < problem.units[b].activation_cost;
            });
            ranks.deal(same, &SlotPowers::starts);
        }
    }
    evaluate(problem, schedule);
}

}  // namespace headroom::flex
