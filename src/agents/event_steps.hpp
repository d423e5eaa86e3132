#pragma once

#include "agents/event_record.hpp"
#include "core/time.hpp"
#include "dispatch/guard/guard.hpp"
#include "dispatch/instruction.hpp"
#include "flex/contract.hpp"
#include "flex/flex_plan.hpp"
#include "grid/network.hpp"
#include "store/records.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headroom::agents {

/// The pure steps of an event's life: what follows from a record, a plan or a contract. No I/O, no clock.

/// Relief on the limit's phase that the live assignments give in each half-hour of the need, whole watts.
[[nodiscard]] std::vector<std::int64_t> assigned_relief(const EventRecord& record);
/// The same with what events of feeders above and below give.
[[nodiscard]] std::vector<std::int64_t> committed_relief(const EventRecord& record);

/// Whether two events concern the same branch of the network at two levels: the feeder of one supplies that
/// of the other.
[[nodiscard]] bool is_same_branch(const EventRecord& a, const EventRecord& b, const grid::Network& network);
/// Relief on this limit's phase, in each half-hour of the need, from the DERs that events on the same branch
/// have contracted.
[[nodiscard]] flex::IntervalGrid relief_of_others(const EventRecord& record,
                                                  const std::vector<const EventRecord*>& others,
                                                  const grid::Network& network);
/// DERs that events on the same branch use: a DER follows one setpoint, so it is not asked twice.
[[nodiscard]] std::set<std::string> ders_of_others(const EventRecord& record,
                                                   const std::vector<const EventRecord*>& others,
                                                   const grid::Network& network);

/// The overload with only that part of the need that is not yet covered; its window begins at the half-hour
/// of `now` at the earliest.
[[nodiscard]] risk::Overload residual(const EventRecord& record, UtcTime now);

/// What the meter at a limit says of a window.
struct MeasuredWindow {
    Watts excess{};  ///< of the worst half-hour over the limit, beyond what a class 0.5 meter can tell
    std::size_t half_hours = 0;
    std::size_t unknown = 0;  ///< of these without a mean that can be believed
};
/// `mean_kw` answers for each half-hour of the window; nothing where no reading can be believed.
[[nodiscard]] MeasuredWindow measured_window(
    const risk::Overload& overload,
    const std::function<std::optional<double>(const risk::Overload&, UtcTime period)>& mean_kw);

/// Largest uncovered need over the half-hours from `now` on.
[[nodiscard]] Watts uncovered(const EventRecord& record, UtcTime now);

/// One contract per provider for the plan's lines, ids made from event, provider and round.
[[nodiscard]] std::vector<flex::Contract> contracts_for(const flex::FlexPlan& plan, const EventRecord& record,
                                                        flex::ContractKind kind);

/// What is taken of an offer's DER in each half-hour of the need, W.
[[nodiscard]] std::vector<std::int64_t> reserved_slots(const risk::PeriodPower& need,
                                                       const flex::Offer& offer,
                                                       const std::vector<store::Reservation>& held);

/// What must be reserved for a contract, and up to which power, slot by slot.
struct ReservationRequest {
    std::vector<store::Reservation> wanted;
    std::vector<Watts> offered;
};
[[nodiscard]] ReservationRequest reservations_for(const flex::Contract& contract, UtcTime lease_until);

/// Adds the lines of an active contract as assignments and brings the totals up to date.
void assign(EventRecord& record, const flex::Contract& contract);
void refresh_totals(EventRecord& record, UtcTime now);

/// The trouble has begun before the window: window, need and armed assignments reach back to the half-hour of
/// `now`, with the power of their first half-hour.
void begin_now(EventRecord& record, UtcTime now);

/// Whether this assignment still counts towards the relief.
[[nodiscard]] bool is_live(const Assignment& assignment);

/// What the DER of an assignment is told at `now`: the power of the half-hour it is in, as a setpoint
/// (battery, generator) or an import limit, reckoned from the DER's baseline; expires at the window's end or
/// after `validity`, whichever is earlier.
[[nodiscard]] dispatch::Instruction instruction_for(const EventRecord& record, const Assignment& assignment,
                                                    const grid::Der& der, UtcTime now, milliseconds validity);

/// The guard's question for it, from the record and the network: of the feeder that the DER sits on; where
/// that is below the limit's, the limit's takes the substation's place.
[[nodiscard]] dispatch::guard::GuardQuestion guard_question_for(const EventRecord& record,
                                                                const Assignment& assignment,
                                                                const grid::Network& network,
                                                                const grid::Der& der, bool is_renewal,
                                                                const grid::StateEntry& state);

/// "turn-down of 42 kW on LV-017 L2, 17:00–18:30 UTC": for logs and the event list.
[[nodiscard]] std::string describe(const EventRecord& record);

}  // namespace headroom::agents
