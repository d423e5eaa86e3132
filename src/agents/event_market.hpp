#pragma once

#include "agents/event_record.hpp"
#include "core/units.hpp"
#include "flex/contract.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headroom::agents {

// The pure steps by which an event follows what providers do of their own accord. No I/O, no clock.

/// What a contract that changed without being asked means for its event.
enum class MarketChange : std::uint8_t {
    none,     ///< the event stands as it did
    lost,     ///< the contract is over: its assignments no longer count
    changed,  ///< other powers than before: its assignments are what the provider now commits
    gained,   ///< a contract that the event had given up is there after all: to be used or cancelled
};

/// Brings the event's assignments in line with `contract`. Assignments that are gone are `refused`; those
/// that were counted out or released already stay so. A gained contract is left to the caller.
[[nodiscard]] MarketChange apply_market_change(EventRecord& record, const flex::Contract& contract);

/// What becomes of the contracts that were made when others failed, or committed less.
enum class PartialPolicy : std::uint8_t {
    keep,        ///< as they are; the shortfall is told
    top_up,      ///< more is bought from who is left; then as `keep`
    compensate,  ///< more is bought; where it is still not enough, all are cancelled
};
[[nodiscard]] std::string_view to_string(PartialPolicy policy);

enum class PartialStep : std::uint8_t { enough, keep, top_up, compensate };
/// What follows after a round of contracts: `uncovered` of `required` is still open, and `may_top_up` says
/// whether another round is allowed. `least_ppm` is the share of the need from which contracts are worth
/// keeping under `compensate`.
[[nodiscard]] PartialStep after_contracts(PartialPolicy policy, Watts required, Watts uncovered,
                                          bool may_top_up, std::int64_t least_ppm);

}  // namespace headroom::agents
