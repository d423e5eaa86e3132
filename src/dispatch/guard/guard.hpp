#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/instruction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::dispatch::guard {

/// The last check before an instruction leaves. Shares no code with the optimiser; set from the configuration
/// file only.
struct GuardRules {
    std::string id = "guard-default";
    std::int64_t version = 1;
    Watts power_per_event_max{5'000'000};
    Watts power_per_feeder_minute_max{500'000};  ///< sum of changes sent for a feeder within 60 s
    Watts power_per_substation_minute_max{2'000'000};
    std::int64_t simultaneous_starts_max = 200;    ///< instructions that begin within the same 10 s
    std::int64_t starts_per_der_per_day_max = 12;  ///< new activations, not renewals
    milliseconds expiry_max = minutes{15};         ///< of a setpoint, ahead of its start
    std::vector<std::string> protected_ders;
    /// Mains frequency band in mHz within which turn-up (low) or turn-down (high) is allowed; unknown
    /// frequency passes.
    std::int64_t frequency_low_mhz = 49'800;
    std::int64_t frequency_high_mhz = 50'200;
};

/// What the guard must know of one instruction besides itself; plain values, from records, not from the plan.
struct GuardQuestion {
    Instruction instruction;
    std::string feeder;
    std::string substation;
    bool limit_is_import = true;  ///< the limit being relieved bounds import: only turn-down helps
    bool turn_up = false;
    bool is_renewal = false;   ///< keeps up an activation that runs already
    Watts event_power_sent{};  ///< changes in force for this event, without this instruction
    Watts feeder_power_last_minute{};
    Watts substation_power_last_minute{};
    std::int64_t starts_same_moment = 0;
    std::int64_t der_starts_today = 0;
    std::string feeder_state = "normal";  ///< operational state word
    bool feeder_held = false;             ///< taken by a control engineer
    bool named_person = false;            ///< a person ordered it, by name
    bool stop_all = false;                ///< stop-all is in force for this area
    std::optional<std::int64_t> frequency_mhz;
    Watts der_power_max{};  ///< the DER's own range, largest change
    UtcTime now{};
};

struct GuardAnswer {
    bool allowed = false;
    std::string rule;    ///< id of the rule that refused; "pass" otherwise
    std::string detail;  ///< a sentence with the numbers
};

/// Fail closed to start, never to stop: a release always passes. Pure.
[[nodiscard]] GuardAnswer check(const GuardRules& rules, const GuardQuestion& question);

[[nodiscard]] json::Value to_json(const GuardQuestion& question);
[[nodiscard]] Result<GuardQuestion> guard_question_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const GuardRules& rules);
/// For replays: the rules as an audit entry kept them.
[[nodiscard]] Result<GuardRules> guard_rules_from_json(const json::Value& value);

}  // namespace headroom::dispatch::guard
