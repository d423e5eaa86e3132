#pragma once

#include "agents/flex_event.hpp"
#include "core/json_object.hpp"

namespace headroom::agents {

/// So far ahead a live forecast reaches at most.
inline constexpr milliseconds live_forecast_reach{hours{48}};

/// Whole numbers, for an entry.
[[nodiscard]] json::Value arming_json(const flex::ArmingDecision& decision, std::optional<UtcTime> review_at);

/// What the decision is made from: prices and notices of the plan's lines, the newest forecast where there is
/// one, the rules' figures where there is none. Pure.
[[nodiscard]] flex::ArmingInput arming_input(const flex::FlexPlan& plan, const risk::Overload& overload,
                                             const LimitForecast& forecast,
                                             const std::vector<flex::ProviderLatency>& latencies,
                                             const flex::ArmingRules& rules, MicroPoundsPerMwh unserved_price,
                                             UtcTime now);

}  // namespace headroom::agents
