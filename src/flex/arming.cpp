#include "flex/arming.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headroom::flex {
namespace {

constexpr int integration_steps = 64;      // of the expectation over what will be known
constexpr double integration_reach = 4.0;  // standard deviations on either side
constexpr double worth_least = 0.01;       // of the cost now: less is not worth the trouble

double density(double z) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
}
double above(double z) {
    return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

struct Belief {
    double mean = 0.0;
    double spread = 0.0;
    /// E[(X − q)⁺]
    [[nodiscard]] double beyond(double q) const {
        if (spread <= 0.0) {
            return std::max(0.0, mean - q);
        }
        const double z = (q - mean) / spread;
        return spread * density(z) - (q - mean) * above(z);
    }
    /// The amount that is exceeded with probability `p`.
    [[nodiscard]] double exceeded_with(double p) const {
        double low = -9.0;
        double high = 9.0;
        for (int i = 0; i < 60; ++i) {
            const double middle = 0.5 * (low + high);
            (above(middle) > p ? low : high) = middle;
        }
        return mean + spread * 0.5 * (low + high);
    }
};

/// Prices of a kWh in the window.
struct Prices {
    double armed = 0.0;
    double fired = 0.0;
    double rest = 0.0;  ///< what is neither armed nor left alone costs in expectation
};

double cost(const Belief& belief, const Prices& prices, double hours, double armed_kw) {
    const double rest = belief.beyond(armed_kw);
    const double fired = belief.beyond(0.0) - rest;
    return hours * (prices.armed * armed_kw + prices.fired * fired + prices.rest * rest);
}

double best_amount(const Belief& belief, const Prices& prices) {
    const double gain = prices.rest - prices.fired;
    if (gain <= 0.0 || prices.armed >= gain) {
        return 0.0;
    }
    return std::max(0.0, belief.exceeded_with(std::max(1e-6, prices.armed / gain)));
}

/// Of a kWh that nothing armed covers: on the spot where that is in time, else uncovered.
double price_of_rest(const ArmingInput& input, double minutes_left) {
    if (input.spot_latency_minutes > minutes_left) {
        return input.shortfall_gbp_per_kwh;
    }
    const double spot =
        input.spot_share * input.spot_gbp_per_kwh + (1.0 - input.spot_share) * input.shortfall_gbp_per_kwh;
    return std::min(spot, input.shortfall_gbp_per_kwh);
}

/// Expected cost of the best that can be done at the review.
double cost_later(const ArmingInput& input, bool may_arm) {
    const double learnt = std::sqrt(std::max(
        0.0, input.spread_now_kw * input.spread_now_kw - input.spread_later_kw * input.spread_later_kw));
    const double left = std::max(0.0, input.minutes_to_window - input.review_minutes);
    const Prices prices{input.armed_gbp_per_kwh * input.later_price_factor, input.fired_gbp_per_kwh,
                        price_of_rest(input, left)};
    double sum = 0.0;
    double weight = 0.0;
    for (int i = 0; i <= integration_steps; ++i) {
        const double z = -integration_reach + 2.0 * integration_reach * i / integration_steps;
        const Belief belief{input.need_kw + z * learnt, input.spread_later_kw};
        const double without = cost(belief, prices, input.hours, 0.0);
        const double with =
            may_arm ? cost(belief, prices, input.hours, best_amount(belief, prices)) : without;
        const double share = input.later_share;
        sum += density(z) * (share * with + (1.0 - share) * without);
        weight += density(z);
    }
    return sum / weight;
}

}  // namespace

ArmingDecision decide_arming(const ArmingInput& input) {
    const Belief now{input.need_kw, input.spread_now_kw};
    const Prices prices{input.armed_gbp_per_kwh, input.fired_gbp_per_kwh,
                        price_of_rest(input, input.minutes_to_window)};
    const bool can_arm = input.notice_minutes <= input.minutes_to_window;
    const bool can_arm_later = input.notice_minutes <= input.minutes_to_window - input.review_minutes;
    ArmingDecision out;
    out.armed_kw = can_arm ? best_amount(now, prices) : 0.0;
    out.cost_now_gbp = cost(now, prices, input.hours, out.armed_kw);
    out.cost_spot_gbp = cost(now, prices, input.hours, 0.0);
    out.cost_later_gbp = cost_later(input, can_arm_later);
    out.value_of_waiting_gbp = out.cost_now_gbp - out.cost_later_gbp;
    const bool may_wait = input.minutes_to_window > input.review_minutes;
    const bool is_worth_it = out.value_of_waiting_gbp > worth_least * out.cost_now_gbp;
    if (may_wait && is_worth_it && (can_arm_later || out.armed_kw <= 0.0)) {
        out.choice = "wait";
        out.reason = fmt::format(
            "deciding in {:g} min costs {:.2f} GBP in expectation, arming {:.1f} kW now "
            "{:.2f} GBP: waiting is worth {:.2f} GBP",
            input.review_minutes, out.cost_later_gbp, out.armed_kw, out.cost_now_gbp,
            out.value_of_waiting_gbp);
        return out;
    }
    if (out.armed_kw > 0.0) {
        out.choice = "arm";
        out.reason = fmt::format(
            "{:.1f} kW armed now cost {:.2f} GBP in expectation, {}", out.armed_kw, out.cost_now_gbp,
            !can_arm_later && may_wait ? "and later the notice no longer fits"
                                       : fmt::format("deciding later {:.2f} GBP", out.cost_later_gbp));
        return out;
    }
    out.choice = "spot";
    out.reason = can_arm
                     ? fmt::format("the spot costs {:.2f} GBP in expectation: being armed is not worth it",
                                   out.cost_spot_gbp)
                     : "it is too late to arm: the notice is longer than the time that is left";
    return out;
}

}  // namespace headroom::flex
