#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "flex/contract.hpp"
#include "grid/authority.hpp"
#include "risk/overload.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::agents {

/// Where an event stands. The order is the order of its life; completed, failed and cancelled end it.
enum class EventState { proposed, approved, armed, notified, active, completed, failed, cancelled };
[[nodiscard]] std::string_view to_string(EventState state);
[[nodiscard]] std::optional<EventState> parse_event_state(std::string_view text);
[[nodiscard]] constexpr bool is_over(EventState state) {
    return state == EventState::completed || state == EventState::failed || state == EventState::cancelled;
}

/// One moment in an event's clock: domain time, and microseconds of wall time since detection in this process
/// (-1 after a restart, when the steady clock no longer reaches back).
struct Moment {
    std::string name;  ///< interval_end received detected decided authorised committed fired sent_first
                       ///< sent_last acked responding relieved
    UtcTime at{};
    std::int64_t wall_us = -1;
};

/// What one DER does for the event.
struct Assignment {
    std::string der;
    std::string provider;
    std::string transaction;
    std::string offer;
    flex::IntervalGrid power_w;  ///< committed change per half-hour, ≥ 0
    std::int64_t relief_ppm = 0;
    Watts baseline{};   ///< the DER's load when it was first told, from its meter; what the setpoint is
                        ///< reckoned from
    std::string state;  ///< armed, told, following, silent, refused, released
    std::vector<std::string> instructions;
    std::int64_t delivered_ppm = -1;  ///< of what was instructed, as meters show, 0 to a million; -1: not
                                      ///< settled
};
/// Whether its DER has been told, and is counted on.
[[nodiscard]] bool is_told(const Assignment& assignment);

/// How long a provider took to confirm a contract.
struct Confirmation {
    std::string provider;
    UtcTime at{};
    milliseconds took{};  ///< domain time
};

/// A line of a contract that has been asked for and not been answered yet: it may come to cost what it says.
struct PendingUse {
    std::string transaction;
    std::string provider;
    std::string der;
    std::string kind;
    MicroPounds cost{};
};

/// Moment of an event that an outlook showed: armed for at most, until a live forecast confirms it.
inline constexpr const char* week_ahead_moment = "seen_week_ahead";

/// An event as a whole: the state that the audit entries make, and what the pages, the demo's report and a
/// restart read.
struct EventRecord {
    risk::Overload overload;
    EventState state = EventState::proposed;
    std::int64_t round = 0;   ///< of planning
    std::string plan_sha256;  ///< of the newest plan
    std::string authority;    ///< level that was granted
    std::string authority_reason;
    std::string approved_by;
    std::vector<std::string> transactions;
    std::vector<Assignment> assignments;
    /// Relief that events of feeders above or below have contracted from DERs which relieve this limit too,
    /// as it was when this event planned last; only where the need comes from a forecast.
    flex::IntervalGrid relief_of_others_w;
    std::vector<Moment> clock;
    Watts required{};    ///< largest need
    Watts contracted{};  ///< largest committed relief on the limit's phase
    Watts shortfall{};   ///< largest need that no contract covers, or load over the limit while active
    Watts delivered{};   ///< largest mean relief in a half-hour, from meters
    WattHours delivered_energy{};
    MicroPounds cost{};  ///< of the contracts as committed
    MicroPounds statement_total{};
    std::int64_t statement_pence = 0;
    std::string statement;
    std::int64_t detection_to_dispatch_us = -1;
    std::string outcome;  ///< relieved, shortfall, unmeasured, shadow, rejected, cleared
    std::string note;     ///< a sentence for the operator
    bool alarmed = false;
    bool extended = false;
    std::optional<grid::DerClass> only_class;  ///< of a person's request: no other DERs are used
    std::vector<Confirmation> confirmations;   ///< in their order
    std::int64_t reviews = 0;                  ///< rounds of planning that put the decision off
    std::optional<UtcTime> review_at;          ///< the newest plan is not carried out: decided anew then
    std::optional<UtcTime> more_until;  ///< the newest plan, for more than is bought, may be approved so long
    std::vector<PendingUse> pending;    ///< under rules that count; what is on its way counts as well

    [[nodiscard]] const EventId& id() const { return overload.event; }
    void stamp(std::string name, UtcTime at, std::int64_t wall_us);
    [[nodiscard]] const Moment* moment(std::string_view name) const;
};

/// Whole numbers and known keys only, so that it fits an audit entry.
[[nodiscard]] json::Value to_json(const EventRecord& record);
[[nodiscard]] Result<EventRecord> event_record_from_json(const json::Value& value);

}  // namespace headroom::agents
