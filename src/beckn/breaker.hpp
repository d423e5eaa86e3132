#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::beckn {

/// Whether a peer is asked for new business. Whoever holds an order of ours is always spoken to: status,
/// update and cancel are never held back.
enum class BreakerState : std::uint8_t {
    closed,     ///< asked as usual
    open,       ///< left alone until `open_until`
    half_open,  ///< one request is out to see whether it is back
};
/// "closed", "open", "half-open".
[[nodiscard]] std::string_view to_string(BreakerState state);

struct BreakerRules {
    std::int64_t failures_max = 5;           ///< in a row before it opens, ≥ 1
    milliseconds open_for{seconds{30}};      ///< the first time; doubled for each failed probe
    milliseconds open_for_max{minutes{10}};  ///< bound of the doubling
    milliseconds probe_within{seconds{10}};  ///< a probe without outcome by then counts as failed
};

/// One peer's breaker. Times are domain time, from the caller's clock.
struct Breaker {
    BreakerState state = BreakerState::closed;
    std::int64_t failures = 0;  ///< in a row
    std::int64_t openings = 0;  ///< in a row, without a success between them
    UtcTime open_until{};       ///< while open; while half-open, until when the probe is waited for
    std::string last_fault;     ///< of the newest failure

    bool operator==(const Breaker&) const = default;
};

enum class BreakerEvent : std::uint8_t {
    ask,      ///< may new business be sent now?
    success,  ///< the peer answered, with whatever answer
    failure,  ///< it was not reached, or answered what cannot be believed
};

/// One step: the new state and, for `ask`, whether the request may be sent (else false). Pure.
///
/// Closed, it opens after `failures_max` failures in a row. Open, it lets one probe through once `open_until`
/// is reached. The probe's outcome closes it or opens it for twice as long.
[[nodiscard]] std::pair<Breaker, bool> step(Breaker breaker, BreakerEvent event, UtcTime now,
                                            const BreakerRules& rules, std::string_view fault = {});

}  // namespace headroom::beckn
