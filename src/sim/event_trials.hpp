#pragma once

#include "flex/event_plan.hpp"

#include <cstdint>

namespace headroom::sim {

/// Overloads that are foreseen, on which live events' plans are tried: a load of which the forecast knows how
/// it spreads, and DERs that fail at the rates learnt of them.
struct EventTrials {
    std::uint64_t seed = 1;
    std::int64_t plans = 25;
    std::int64_t evenings = 48;  ///< drawn of each plan: the load that came, and who delivered
    std::int64_t ders = 60;
    double probability = 0.9;
    double spread_share = 0.15;  ///< standard deviation of the load over the limit; 0: it is certain
    std::int64_t refusing = 0;   ///< providers of the five that take no order of the first plan
};

struct EventTrialOutcome {
    std::int64_t events = 0;
    std::int64_t prevented = 0;     ///< the load stayed within the limit throughout
    std::int64_t promised_ppm = 0;  ///< mean of what the plans said of themselves
    std::int64_t unreached = 0;     ///< plans that could not be so sure: not among the events
    std::int64_t topped_up = 0;     ///< plans of which something was refused and bought anew
    std::int64_t left_alone = 0;    ///< events that would have held without what was bought anew
    [[nodiscard]] double share() const {
        return events == 0 ? 0.0 : static_cast<double>(prevented) / static_cast<double>(events);
    }
};

/// What one plan is made from; the same for the same numbers. Offers claim to be surer than they are.
[[nodiscard]] flex::EventPlanInput event_trial_input(const EventTrials& trials, std::int64_t number);

/// Plans every event, draws its evenings from the load's own distribution and the DERs' true rates, and
/// counts those in which the limit held. What providers refuse is planned anew beside what stands. Pure.
/// Errors: as `make_event_plan`.
[[nodiscard]] Result<EventTrialOutcome> try_event_plans(const EventTrials& trials);

}  // namespace headroom::sim
