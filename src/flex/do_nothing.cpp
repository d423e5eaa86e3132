#include "flex/do_nothing.hpp"

#include "scenario/thermal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr double step_minutes_most = 5.0;

/// That a normal load exceeds the limit, at the slot where this is likeliest: loads of one evening move
/// together, so that slots are not multiplied.
double probability_over(const PlanLimit& limit) {
    double most = 0.0;
    for (const double load : limit.load_kw) {
        const double over = load - limit.limit_kw;
        const double at = limit.spread_kw > 0.0 ? 0.5 * std::erfc(-over / limit.spread_kw / std::sqrt(2.0))
                                                : (over > 0.0 ? 1.0 : 0.0);
        most = std::max(most, at);
    }
    return most;
}

void age(const PlanLimit& limit, double step_minutes, DoingNothing& out) {
    const PlanTransformer& transformer = *limit.transformer;
    const std::optional<scenario::ThermalKind> kind = scenario::parse_thermal_kind(transformer.cooling);
    if (!kind || !scenario::is_transformer(*kind)) {
        return;
    }
    const auto steps = static_cast<int>(std::ceil(step_minutes / step_minutes_most));
    const double length = step_minutes / steps;
    const scenario::ThermalModel model(scenario::character_of(*kind), length);
    scenario::ThermalState state = model.steady(transformer.load_before_kw / transformer.rating_kw);
    double hottest = transformer.air_c + state.hot_spot_rise_k();
    double hours = 0.0;
    for (const double load : limit.load_kw) {
        for (int step = 0; step < steps; ++step) {
            model.step(state, std::max(0.0, load) / transformer.rating_kw);
            const double hot_spot = transformer.air_c + state.hot_spot_rise_k();
            hottest = std::max(hottest, hot_spot);
            hours += scenario::relative_ageing(hot_spot) * length / 60.0;
        }
    }
    out.hot_spot_c = hottest;
    out.loss_of_life_hours = hours;
    out.loss_of_life_gbp = hours / transformer.life_hours * transformer.replacement_gbp;
}

/// Which rating allows it, or why none does.
void judge_ratings(const PlanLimit& limit, double step_minutes, DoingNothing& out) {
    const double peak = *std::max_element(limit.load_kw.begin(), limit.load_kw.end());
    double minutes_above_cyclic = 0.0;
    for (const double load : limit.load_kw) {
        minutes_above_cyclic += load > limit.cyclic_kw.value_or(limit.limit_kw) ? step_minutes : 0.0;
    }
    if (out.hot_spot_c && *out.hot_spot_c > scenario::cyclic_hot_spot_max_c) {
        out.detail = fmt::format("the hot spot would reach {:.0f} °C, above {:.0f} °C of cyclic loading",
                                 *out.hot_spot_c, scenario::cyclic_hot_spot_max_c);
    } else if (limit.cyclic_kw && peak <= *limit.cyclic_kw) {
        out.is_within = true;
        out.detail = fmt::format("the peak of {:.0f} kW is within the cyclic rating of {:.0f} kW", peak,
                                 *limit.cyclic_kw);
    } else if (limit.emergency_kw && peak <= *limit.emergency_kw &&
               minutes_above_cyclic <= limit.emergency_minutes) {
        out.is_within = true;
        out.detail = fmt::format(
            "{:.0f} kW for {:.0f} min are within the emergency rating of {:.0f} kW for "
            "{:.0f} min",
            peak, minutes_above_cyclic, *limit.emergency_kw, limit.emergency_minutes);
    } else if (!limit.cyclic_kw && !limit.emergency_kw) {
        out.detail = "no cyclic or emergency rating is known";
    } else {
        out.detail = fmt::format("{:.0f} kW for {:.0f} min are beyond the cyclic and emergency ratings", peak,
                                 minutes_above_cyclic);
    }
}

}  // namespace

DoingNothing judge_doing_nothing(const PlanLimit& limit, double step_minutes) {
    DoingNothing out;
    if (limit.load_kw.empty()) {
        out.detail = "the load that is to be expected is not known";
        return out;
    }
    for (const double load : limit.load_kw) {
        out.minutes_over += load > limit.limit_kw ? step_minutes : 0.0;
    }
    out.probability = probability_over(limit);
    if (limit.transformer) {
        age(limit, step_minutes, out);
    }
    judge_ratings(limit, step_minutes, out);
    return out;
}

}  // namespace headroom::flex
