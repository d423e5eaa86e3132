// Arm, then fire: whether a window that lies ahead is armed for now or looked at again.
#include "agents/flex_event_arming.hpp"

#include "agents/event_chance.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::agents {
namespace {

constexpr double z_of_upper = 1.2815515655;  // of the 90th percentile
constexpr double minutes_a_day = 1440.0;
constexpr double sharpest = 0.1;  // a forecast never grows sharper than this share of what it is

double gbp_per_kwh(std::int64_t micro_gbp_per_mwh) {
    return static_cast<double>(micro_gbp_per_mwh) / 1e9;
}

/// Forecasts are of active power.
bool is_foreseen(const grid::Limit& limit) {
    return limit.quantity == grid::Quantity::p_kw;
}

/// The newest forecast at the event's limit, as that counts it.
LimitForecast newest_for(const EventRules& rules, const risk::Overload& overload) {
    return rules.limit_forecast ? in_direction(rules.limit_forecast(overload), overload.limit.direction)
                                : LimitForecast{};
}

double in_minutes(milliseconds span) {
    return static_cast<double>(span.count()) / 60'000.0;
}

}  // namespace

json::Value arming_json(const flex::ArmingDecision& decision, std::optional<UtcTime> review_at) {
    const auto micro = [](double gbp) { return static_cast<std::int64_t>(std::llround(gbp * 1e6)); };
    json::Object out{{"choice", decision.choice},
                     {"armed_w", static_cast<std::int64_t>(std::llround(decision.armed_kw * 1000.0))},
                     {"cost_now_micro_gbp", micro(decision.cost_now_gbp)},
                     {"cost_later_micro_gbp", micro(decision.cost_later_gbp)},
                     {"value_of_waiting_micro_gbp", micro(decision.value_of_waiting_gbp)},
                     {"reason", decision.reason}};
    if (review_at) {
        out.set("review_at", format_utc(*review_at));
    }
    return out;
}

flex::ArmingInput arming_input(const flex::FlexPlan& plan, const risk::Overload& overload,
                               const LimitForecast& forecast,
                               const std::vector<flex::ProviderLatency>& latencies,
                               const flex::ArmingRules& rules, MicroPoundsPerMwh unserved_price,
                               UtcTime now) {
    flex::ArmingInput input;
    input.minutes_to_window = in_minutes(overload.start - now);
    input.review_minutes = rules.review_minutes;
    std::size_t peak = 0;
    double slots = 0.0;
    for (std::size_t slot = 0; slot < overload.need.w.size(); ++slot) {
        peak = overload.need.w[slot] > overload.need.w[peak] ? slot : peak;
        slots += overload.need.w[slot] > 0 ? 1.0 : 0.0;
    }
    input.hours = 0.5 * std::max(1.0, slots);
    const double hours_ahead = std::max(0.0, input.minutes_to_window) / 60.0;
    if (is_foreseen(overload.limit) && peak < forecast.median_w.size()) {
        input.need_kw = static_cast<double>(forecast.median_w[peak]) / 1000.0 - overload.limit.value;
        input.spread_now_kw =
            static_cast<double>(forecast.upper_w[peak] - forecast.median_w[peak]) / 1000.0 / z_of_upper;
    } else {
        input.need_kw = static_cast<double>(overload.need.w[peak]) / 1000.0;
        input.spread_now_kw = rules.spread_share_per_hour * hours_ahead * input.need_kw;
    }
    const double left = hours_ahead > 0.0 ? 1.0 - rules.review_minutes / 60.0 / hours_ahead : 0.0;
    input.spread_later_kw = input.spread_now_kw * std::clamp(left, sharpest, 1.0);
    if (peak < forecast.upper_by_lead_kw.size()) {
        // How much surer the outlook has been at the lead of the next review: its own errors say.
        const std::vector<double>& by_lead = forecast.upper_by_lead_kw[peak];
        const double lead_days =
            std::max(0.0, input.minutes_to_window - rules.review_minutes) / minutes_a_day;
        const auto at = std::min(by_lead.size() - 1, static_cast<std::size_t>(lead_days));
        input.spread_later_kw = std::clamp(by_lead[at] / z_of_upper, 0.0, input.spread_now_kw);
    }
    double energy = 0.0;
    double armed = 0.0;
    double fired = 0.0;
    for (const flex::PlanLine& line : plan.lines) {
        const auto share = static_cast<double>(line.energy.value);
        energy += share;
        armed += share * gbp_per_kwh(line.offer.availability_per_mw_h.value);
        fired += share * gbp_per_kwh(line.offer.utilisation.value);
        input.notice_minutes = std::max(input.notice_minutes, in_minutes(line.offer.notice));
        for (const flex::ProviderLatency& latency : latencies) {
            if (latency.provider == line.offer.provider) {
                input.spot_latency_minutes = std::max(input.spot_latency_minutes, latency.minutes);
            }
        }
    }
    input.armed_gbp_per_kwh = energy > 0.0 ? armed / energy : 0.0;
    input.fired_gbp_per_kwh = energy > 0.0 ? fired / energy : 0.0;
    input.later_price_factor = rules.later_price_factor;
    input.later_share = rules.later_share;
    input.spot_gbp_per_kwh = input.fired_gbp_per_kwh * rules.spot_price_factor;
    input.spot_share = rules.spot_share;
    input.shortfall_gbp_per_kwh = gbp_per_kwh(unserved_price.value);
    return input;
}

std::optional<flex::ArmingDecision> FlexEvent::weigh_arming(const flex::FlexPlan& plan) const {
    const flex::RuleBook* book = context_.rules.book.get();
    const bool is_ordered = record_.overload.cause == risk::Cause::person;
    const bool is_ahead = !breached_ && product() == flex::ContractKind::availability;
    const bool is_first = record_.state == EventState::proposed && record_.assignments.empty();
    if (book == nullptr || !book->arming.is_on || !is_ahead || !is_first || plan.lines.empty()) {
        return std::nullopt;
    }
    // What somebody orders is a need of its own, whatever the load at the limit is expected to be.
    const LimitForecast forecast =
        is_ordered ? LimitForecast{} : newest_for(context_.rules, record_.overload);
    flex::ArmingDecision decision =
        flex::decide_arming(arming_input(plan, record_.overload, forecast, context_.latencies.all(),
                                         arming_rules(), context_.options.rules.unserved_price, now()));
    if (is_ordered && decision.choice != "arm") {
        decision.choice = "arm";
        decision.reason = "It is ordered, and armed now. " + decision.reason;
    }
    return decision;
}

UtcTime FlexEvent::next_review(const flex::ArmingDecision& decision) const {
    if (is_week_ahead()) {
        return next_look();
    }
    const auto span = milliseconds{std::llround(context_.rules.book->arming.review_minutes * 60'000.0)};
    // What is never armed is bought on the spot, as soon as the window is near enough for it.
    const UtcTime near = record_.overload.start - context_.options.lead;
    return decision.choice == "spot" ? near : std::min(now() + span, near);
}

bool FlexEvent::has_cleared() const {
    if (breached_ || !context_.rules.limit_forecast || !is_foreseen(record_.overload.limit)) {
        return false;
    }
    const LimitForecast forecast = newest_for(context_.rules, record_.overload);
    const auto limit_w = static_cast<std::int64_t>(std::llround(record_.overload.limit.value * 1000.0));
    return !forecast.upper_w.empty() && std::all_of(forecast.upper_w.begin(), forecast.upper_w.end(),
                                                    [limit_w](std::int64_t load) { return load <= limit_w; });
}

/// A person's approval is not asked for what is not bought yet.
Awaitable<void> FlexEvent::wait_for_review() {
    const UtcTime when = *record_.review_at;
    co_await pause_until(when);
    record_.review_at.reset();
    if (cancelled_) {
        co_await finish(EventState::cancelled, "cancelled", cancelled_->reason);
    }
}

}  // namespace headroom::agents
