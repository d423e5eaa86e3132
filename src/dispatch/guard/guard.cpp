#include "dispatch/guard/guard.hpp"

#include <algorithm>
#include <array>

namespace headroom::dispatch::guard {

namespace {

/// What was wrong, or nothing.
using Refusal = std::optional<std::string>;

std::string watts(Watts power) {
    return std::to_string(power.value) + " W";
}

std::string der_of(const GuardQuestion& question) {
    return question.instruction.der;
}

Refusal check_stop_all(const GuardRules&, const GuardQuestion& question) {
    if (question.stop_all) {
        return "stop-all is in force for feeder " + question.feeder;
    }
    return std::nullopt;
}

Refusal check_feeder_state(const GuardRules&, const GuardQuestion& question) {
    const std::string& state = question.feeder_state;
    if (state == "isolated" || state == "permit") {
        return "feeder " + question.feeder + " is " + state + ": nothing is sent there by anybody";
    }
    if (question.feeder_held && !question.named_person) {
        return "feeder " + question.feeder + " is held by a control engineer";
    }
    if (state != "normal" && !question.named_person) {
        return "feeder " + question.feeder + " is " + (state.empty() ? "in no known state" : state) +
               " and no person is named";
    }
    return std::nullopt;
}

Refusal check_protected(const GuardRules& rules, const GuardQuestion& question) {
    if (std::find(rules.protected_ders.begin(), rules.protected_ders.end(), der_of(question)) !=
        rules.protected_ders.end()) {
        return der_of(question) + " is a protected site";
    }
    return std::nullopt;
}

/// An instruction must relieve the limit and never load it.
Refusal check_direction(const GuardRules&, const GuardQuestion& question) {
    if (question.limit_is_import == question.turn_up) {
        return std::string(question.turn_up ? "turn-up" : "turn-down") + " of " + der_of(question) +
               " would load the " + (question.limit_is_import ? "import" : "export") + " limit of feeder " +
               question.feeder;
    }
    const InstructionKind kind = question.instruction.kind;
    if (question.turn_up && kind == InstructionKind::limit_import) {
        return "an import limit for " + der_of(question) + " cannot turn it up";
    }
    if (!question.turn_up && kind == InstructionKind::limit_export) {
        return "an export limit for " + der_of(question) + " cannot turn it down";
    }
    return std::nullopt;
}

Refusal check_times(const GuardRules& rules, const GuardQuestion& question) {
    const Instruction& instruction = question.instruction;
    if (instruction.expires <= instruction.start) {
        return "instruction " + instruction.id.value + " does not end after its start";
    }
    if (instruction.expires <= question.now) {
        return "instruction " + instruction.id.value + " expired at " + format_utc(instruction.expires);
    }
    const UtcTime begins = std::max(instruction.start, question.now);
    if (instruction.expires - begins > rules.expiry_max) {
        return "instruction " + instruction.id.value + " would stand for " +
               std::to_string((instruction.expires - begins).count() / 1000) + " s, more than " +
               std::to_string(rules.expiry_max.count() / 1000) + " s";
    }
    return std::nullopt;
}

Refusal check_der_range(const GuardRules&, const GuardQuestion& question) {
    if (question.instruction.change < Watts{}) {
        return "a change of " + watts(question.instruction.change) + " has the wrong sign for " +
               der_of(question);
    }
    if (question.instruction.change > question.der_power_max) {
        return "a change of " + watts(question.instruction.change) + " is more than the " +
               watts(question.der_power_max) + " of " + der_of(question);
    }
    return std::nullopt;
}

Refusal check_event_power(const GuardRules& rules, const GuardQuestion& question) {
    const Watts after = question.event_power_sent + question.instruction.change;
    if (after > rules.power_per_event_max) {
        return "event " + question.instruction.event.value + " would come to " + watts(after) +
               ", more than " + watts(rules.power_per_event_max);
    }
    return std::nullopt;
}

Refusal check_feeder_rate(const GuardRules& rules, const GuardQuestion& question) {
    const Watts after = question.feeder_power_last_minute + question.instruction.change;
    if (!question.is_renewal && after > rules.power_per_feeder_minute_max) {
        return "feeder " + question.feeder + " would change by " + watts(after) +
               " within a minute, more than " + watts(rules.power_per_feeder_minute_max);
    }
    return std::nullopt;
}

Refusal check_substation_rate(const GuardRules& rules, const GuardQuestion& question) {
    const Watts after = question.substation_power_last_minute + question.instruction.change;
    if (!question.is_renewal && after > rules.power_per_substation_minute_max) {
        return "substation " + question.substation + " would change by " + watts(after) +
               " within a minute, more than " + watts(rules.power_per_substation_minute_max);
    }
    return std::nullopt;
}

Refusal check_simultaneous(const GuardRules& rules, const GuardQuestion& question) {
    if (!question.is_renewal && question.starts_same_moment + 1 > rules.simultaneous_starts_max) {
        return std::to_string(question.starts_same_moment + 1) +
               " instructions would begin within 10 s, more than " +
               std::to_string(rules.simultaneous_starts_max);
    }
    return std::nullopt;
}

Refusal check_der_starts(const GuardRules& rules, const GuardQuestion& question) {
    if (!question.is_renewal && question.der_starts_today + 1 > rules.starts_per_der_per_day_max) {
        return der_of(question) + " would start for the " + std::to_string(question.der_starts_today + 1) +
               "th time today, more than " + std::to_string(rules.starts_per_der_per_day_max);
    }
    return std::nullopt;
}

/// Turn-up takes from a system that is short, turn-down gives to one that is long.
Refusal check_frequency(const GuardRules& rules, const GuardQuestion& question) {
    if (!question.frequency_mhz) {
        return std::nullopt;
    }
    const std::string value = std::to_string(*question.frequency_mhz) + " mHz";
    if (question.turn_up && *question.frequency_mhz < rules.frequency_low_mhz) {
        return "the system is short at " + value + ": no turn-up";
    }
    if (!question.turn_up && *question.frequency_mhz > rules.frequency_high_mhz) {
        return "the system is long at " + value + ": no turn-down";
    }
    return std::nullopt;
}

struct Rule {
    std::string_view id;
    Refusal (*check)(const GuardRules&, const GuardQuestion&);
};

constexpr std::array<Rule, 12> rules_in_order{{{"stop_all", check_stop_all},
                                               {"feeder_state", check_feeder_state},
                                               {"protected_der", check_protected},
                                               {"direction", check_direction},
                                               {"expiry", check_times},
                                               {"der_range", check_der_range},
                                               {"event_power", check_event_power},
                                               {"feeder_rate", check_feeder_rate},
                                               {"substation_rate", check_substation_rate},
                                               {"simultaneous_starts", check_simultaneous},
                                               {"der_starts", check_der_starts},
                                               {"frequency", check_frequency}}};

}  // namespace

GuardAnswer check(const GuardRules& rules, const GuardQuestion& question) {
    if (question.instruction.kind == InstructionKind::release) {
        return {.allowed = true, .rule = "pass", .detail = "a release always passes"};
    }
    for (const Rule& rule : rules_in_order) {
        if (Refusal refusal = rule.check(rules, question)) {
            return {.allowed = false, .rule = std::string(rule.id), .detail = std::move(*refusal)};
        }
    }
    return {.allowed = true,
            .rule = "pass",
            .detail = watts(question.instruction.change) + " by " + der_of(question) + " is within rules " +
                      rules.id + "@" + std::to_string(rules.version)};
}

}  // namespace headroom::dispatch::guard
