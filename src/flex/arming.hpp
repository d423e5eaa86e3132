#pragma once

#include <string>

namespace headroom::flex {

/// What is known when it is asked whether to arm capacity now or to look again later. The need is taken to be
/// normal: `need_kw` expected, less sure the farther ahead.
struct ArmingInput {
    double need_kw = 0.0;          ///< expected excess over the limit; may be below 0
    double spread_now_kw = 0.0;    ///< its standard deviation as it is seen now
    double spread_later_kw = 0.0;  ///< as it will be seen at the next review, ≤ now
    double hours = 0.5;            ///< of the window
    double minutes_to_window = 0.0;
    double review_minutes = 60.0;     ///< until the next review
    double notice_minutes = 0.0;      ///< of what can be armed: the last moment for it
    double armed_gbp_per_kwh = 0.0;   ///< for being armed, per kW and hour, fired or not
    double fired_gbp_per_kwh = 0.0;   ///< for what is fired
    double later_price_factor = 1.0;  ///< of being armed, at the next review
    double later_share = 1.0;         ///< probability that what can be armed now can be armed then
    double spot_gbp_per_kwh = 0.0;
    double spot_share = 1.0;            ///< probability that the spot delivers
    double spot_latency_minutes = 0.0;  ///< learnt, from asking to confirmation
    double shortfall_gbp_per_kwh = 0.0;
};

struct ArmingDecision {
    std::string choice = {};            ///< arm, wait or spot
    double armed_kw = 0.0;              ///< the most worthwhile amount, were it armed now
    double cost_now_gbp = 0.0;          ///< expected, with that armed
    double cost_later_gbp = 0.0;        ///< expected, when it is decided at the next review
    double cost_spot_gbp = 0.0;         ///< expected, with nothing ever armed
    double value_of_waiting_gbp = 0.0;  ///< now less later; > 0: waiting is worth it
    std::string reason = {};
};

/// Weighs arming now against deciding at the next review, when the forecast is sharper, what can be armed may
/// be dearer or gone, and the spot is left where its learnt latency fits. An amount is armed up to where the
/// chance of needing it pays for it: P(need > q) = armed price / (price of the rest − price fired).
/// Deciding later is the expectation over what will be known then. Source: the newsvendor's rule with a
/// forecast update (two-stage), normal beliefs. Pure.
[[nodiscard]] ArmingDecision decide_arming(const ArmingInput& input);

}  // namespace headroom::flex
