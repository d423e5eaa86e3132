#pragma once

#include "agents/event_record.hpp"
#include "agents/event_rules.hpp"
#include "flex/event_plan.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// A forecast of load as a limit of that direction counts it: what is exported is load with its sign turned,
/// and the load's lowest quantile is then the highest. Pure.
[[nodiscard]] LimitForecast in_direction(LimitForecast forecast, grid::Direction direction);

/// What an event's plan has to keep within the limit, and by whose forecast.
struct ChanceQuestion {
    const risk::Overload& whole;    ///< the event's, before anything was bought for it
    const risk::PeriodPower& left;  ///< half-hours that are planned
    LimitForecast forecast;         ///< over `left`, in the limit's direction; nothing where there is none
    const flex::IntervalGrid& relief_of_others;
    std::vector<flex::StandingRelief> standing;
};

/// The probability that the rules ask for, and the load above the limit by half-hour and quantile: the
/// forecast's spread, laid so that what was raised comes back. Of an overload that
/// was foreseen, the quantile of the alarm needs what the event is to cover; of one that is on, the median
/// does; what a person asks for is certain, and so is a need that no forecast reaches over. Nothing where
/// relief is bought in expectation. Pure.
[[nodiscard]] std::optional<flex::ChanceAsked> chance_for(ChanceQuestion question, const flex::RuleBook& book,
                                                          const flex::RuleFacts& facts);

/// Relief that stands in the half-hours of `left`, by DER. `claimed_ppm` by "provider/offer" is how reliably
/// it was offered; who is not in it counts as certain. What `events` showed counts in its stead, and whose
/// meter shows that it follows is certain.
[[nodiscard]] std::vector<flex::StandingRelief> standing_relief(
    const EventRecord& record, const risk::PeriodPower& left,
    const std::map<std::string, std::int64_t>& claimed_ppm, const std::vector<const EventRecord*>& events);

}  // namespace headroom::agents
