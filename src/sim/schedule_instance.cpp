#include "sim/schedule_instance.hpp"

#include "core/random.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::sim {
namespace {

/// Draws of one DER; each question has its own stream, so that a new one changes no other.
class Draw {
  public:
    Draw(std::uint64_t seed, std::uint64_t der) : random_(seed), der_(der) {}
    double uniform(std::uint64_t stream) const { return random_.uniform(der_, 0, stream); }
    std::int64_t whole(std::uint64_t stream, std::int64_t from, std::int64_t to) const {
        return from + static_cast<std::int64_t>(uniform(stream) * static_cast<double>(to - from + 1));
    }
    /// Rounded to `grain`.
    std::int64_t between(std::uint64_t stream, double from, double to, std::int64_t grain) const {
        const double value = from + (to - from) * uniform(stream);
        return std::max<std::int64_t>(
            grain, static_cast<std::int64_t>(std::llround(value / static_cast<double>(grain))) * grain);
    }

  private:
    Random random_;
    std::uint64_t der_;
};

void set_battery(const Draw& draw, flex::ScheduleUnit& der) {
    der.power_max_w = draw.between(1, 3'000, 50'000, 100);
    der.energy_w_slots = der.power_max_w * draw.whole(2, 1, 8);
    der.run_max = 64;
    der.activations_max = draw.whole(3, 1, 3);
    der.price = draw.between(4, 120'000, 320'000, 1'000);
    der.activation_cost = draw.between(5, 50'000, 400'000, 10'000);
}

void set_charger(const Draw& draw, flex::ScheduleUnit& der) {
    der.power_max_w = 100 * draw.whole(1, 50, 220);
    der.power_min_w = std::min<std::int64_t>(1'400, der.power_max_w);
    der.run_max = draw.whole(2, 2, 6);
    der.rest_min = draw.whole(6, 1, 2);
    der.activations_max = draw.whole(3, 1, 2);
    der.price = draw.between(4, 60'000, 250'000, 1'000);
    der.activation_cost = draw.between(5, 20'000, 200'000, 10'000);
}

void set_heat_pump(const Draw& draw, flex::ScheduleUnit& der) {
    der.power_max_w = 100 * draw.whole(1, 15, 90);
    der.power_min_w = der.power_max_w;
    der.run_max = draw.whole(2, 1, 3);
    der.rest_min = draw.whole(6, 2, 4);
    der.activations_max = draw.whole(3, 1, 3);
    der.price = draw.between(4, 80'000, 280'000, 1'000);
    der.activation_cost = draw.between(5, 20'000, 150'000, 10'000);
}

void set_process(const Draw& draw, flex::ScheduleUnit& der) {
    der.power_max_w = draw.between(1, 40'000, 250'000, 1'000);
    der.power_min_w = der.power_max_w / 5;
    der.energy_w_slots = der.power_max_w * draw.whole(2, 4, 12);
    der.run_max = draw.whole(7, 4, 12);
    der.rest_min = draw.whole(6, 2, 6);
    der.activations_max = draw.whole(3, 1, 2);
    der.price = draw.between(4, 150'000, 350'000, 1'000);
    der.activation_cost = draw.between(5, 1'000'000, 8'000'000, 100'000);
}

void set_generator(const Draw& draw, flex::ScheduleUnit& der) {
    der.power_max_w = draw.between(1, 60'000, 400'000, 10'000);
    der.power_min_w = der.power_max_w / 2;
    der.energy_w_slots = der.power_max_w * draw.whole(2, 6, 24);
    der.run_max = 64;
    der.rest_min = 2;
    der.activations_max = 1;
    der.price = draw.between(4, 250'000, 420'000, 1'000);
    der.activation_cost = draw.between(5, 4'000'000, 20'000'000, 100'000);
}

/// A run of at least two half-hours where the kind has one and the day is long enough for it.
void set_least_run(const Draw& draw, std::int64_t slots, bool is_battery, flex::ScheduleUnit& der) {
    constexpr std::int64_t longest = 4;
    const std::int64_t by_energy = der.energy_w_slots / std::max<std::int64_t>(der.power_min_w, 1);
    const std::int64_t most = std::min({longest, der.run_max, slots, by_energy});
    if (!is_battery && most > 1) {
        der.run_min = draw.whole(12, 2, most);
    }
}

flex::ScheduleUnit make_unit(const Draw& draw, std::size_t slots, bool has_least_runs) {
    flex::ScheduleUnit der;
    const double kind = draw.uniform(0);
    kind < 0.30   ? set_battery(draw, der)
    : kind < 0.60 ? set_charger(draw, der)
    : kind < 0.88 ? set_heat_pump(draw, der)
    : kind < 0.97 ? set_process(draw, der)
                  : set_generator(draw, der);
    const auto all = static_cast<std::int64_t>(slots);
    const std::int64_t from = slots > 4 ? std::max<std::int64_t>(0, draw.whole(8, -all / 2, all / 3)) : 0;
    const std::int64_t until = slots > 4 ? std::min(all, draw.whole(9, 3 * all / 4, 3 * all / 2)) : all;
    for (std::int64_t t = from; t < until; ++t) {
        der.slots |= std::uint64_t{1} << t;
    }
    if (has_least_runs) {
        set_least_run(draw, all, kind < 0.30, der);
    }
    const std::int64_t reliability = draw.between(10, 850'000, 1'000'000, 1'000);
    const std::int64_t sensitivity = draw.between(11, 700'000, 1'000'000, 10'000);
    der.relief_ppm = multiply_divide_half_even(reliability, sensitivity, whole_ppm);
    return der;
}

double hill(double at, double middle, double spread) {
    const double distance = (at - middle) / spread;
    return std::exp(-0.5 * distance * distance);
}

/// Share of the fleet's power that is wanted in the slot: an evening peak over a base that lasts all day, or,
/// for even seeds, a morning and an evening peak with nothing between them.
double wanted(std::size_t slot, std::size_t slots, bool has_base) {
    if (slots == 1) {
        return 0.30;
    }
    const auto day = static_cast<double>(slots);
    const double at = static_cast<double>(slot) + 0.5;
    if (has_base) {
        return 0.02 + 0.22 * hill(at, 0.7 * day, std::max(1.5, 0.12 * day));
    }
    const double spread = std::max(1.0, 0.06 * day);
    const double share = 0.15 * hill(at, 0.3 * day, spread) + 0.30 * hill(at, 0.75 * day, spread);
    return share < 0.03 ? 0.0 : share;
}

}  // namespace

flex::ScheduleProblem schedule_instance(const ScheduleInstance& instance) {
    flex::ScheduleProblem problem;
    problem.seed = instance.seed;
    problem.shortfall_price = 6'000'000;  // 6 GBP/kWh
    const auto slots = static_cast<std::size_t>(instance.slots);
    double fleet_w = 0.0;
    for (std::int64_t i = 0; i < instance.ders; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        flex::ScheduleUnit der = make_unit(Draw(instance.seed, number), slots, instance.has_least_runs);
        der.key = Random(instance.seed).bits(number, 1);
        fleet_w += static_cast<double>(der.power_max_w) * static_cast<double>(der.relief_ppm) / 1e6;
        problem.units.push_back(der);
    }
    for (std::size_t t = 0; t < slots; ++t) {
        problem.target_w.push_back(std::llround(fleet_w * wanted(t, slots, instance.seed % 2 == 1) / 100.0) *
                                   100);
    }
    return problem;
}

}  // namespace headroom::sim
