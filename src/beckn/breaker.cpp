#include "beckn/breaker.hpp"

#include "core/result.hpp"

#include <algorithm>

namespace headroom::beckn {

namespace {

constexpr std::int64_t pause_doublings_max = 20;

void open(Breaker& breaker, UtcTime now, const BreakerRules& rules) {
    const std::int64_t doublings = std::min(breaker.openings, pause_doublings_max);
    const milliseconds length = std::min(rules.open_for * (std::int64_t{1} << doublings), rules.open_for_max);
    breaker.state = BreakerState::open;
    breaker.open_until = now + length;
    ++breaker.openings;
}

bool ask(Breaker& breaker, UtcTime now, const BreakerRules& rules) {
    switch (breaker.state) {
        case BreakerState::closed:
            return true;
        case BreakerState::open:
        case BreakerState::half_open:
            if (now < breaker.open_until) {
                return false;
            }
            // Due for a probe, or the probe before has no outcome: whoever sent it has died or waits for
            // ever.
            breaker.state = BreakerState::half_open;
            breaker.open_until = now + rules.probe_within;
            return true;
    }
    HEADROOM_ASSERT(false);
    return false;
}

}  // namespace

std::string_view to_string(BreakerState state) {
    switch (state) {
        case BreakerState::closed:
            return "closed";
        case BreakerState::open:
            return "open";
        case BreakerState::half_open:
            return "half-open";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::pair<Breaker, bool> step(Breaker breaker, BreakerEvent event, UtcTime now, const BreakerRules& rules,
                              std::string_view fault) {
    HEADROOM_ASSERT(rules.failures_max >= 1);
    switch (event) {
        case BreakerEvent::ask: {
            const bool may = ask(breaker, now, rules);
            return {std::move(breaker), may};
        }
        case BreakerEvent::success:
            return {Breaker{}, false};
        case BreakerEvent::failure:
            ++breaker.failures;
            breaker.last_fault = std::string(fault);
            // While it is open, requests that were out already fail one after another: that is no news.
            if (breaker.state == BreakerState::half_open ||
                (breaker.state == BreakerState::closed && breaker.failures >= rules.failures_max)) {
                open(breaker, now, rules);
            }
            return {std::move(breaker), false};
    }
    HEADROOM_ASSERT(false);
    return {std::move(breaker), false};
}

}  // namespace headroom::beckn
