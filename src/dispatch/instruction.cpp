#include "dispatch/instruction.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"

#include <array>
#include <utility>

namespace headroom::dispatch {

namespace {

constexpr std::array<std::pair<InstructionKind, std::string_view>, 4> kinds{
    {{InstructionKind::setpoint, "setpoint"},
     {InstructionKind::limit_import, "limit_import"},
     {InstructionKind::limit_export, "limit_export"},
     {InstructionKind::release, "release"}}};

constexpr std::array<std::pair<InstructionState, std::string_view>, 12> states{
    {{InstructionState::planned, "planned"},
     {InstructionState::intent, "intent"},
     {InstructionState::sent, "sent"},
     {InstructionState::acked, "acked"},
     {InstructionState::active, "active"},
     {InstructionState::ended, "ended"},
     {InstructionState::nacked, "nacked"},
     {InstructionState::timeout, "timeout"},
     {InstructionState::expired, "expired"},
     {InstructionState::cancelled, "cancelled"},
     {InstructionState::superseded, "superseded"},
     {InstructionState::unknown, "unknown"}}};

constexpr std::array<std::pair<AckResult, std::string_view>, 3> results{{{AckResult::accepted, "accepted"},
                                                                         {AckResult::duplicate, "duplicate"},
                                                                         {AckResult::refused, "refused"}}};

template <class Table, class E>
std::string_view name_in(const Table& table, E wanted) {
    for (const auto& [value, name] : table) {
        if (value == wanted) {
            return name;
        }
    }
    HEADROOM_ASSERT(false);
    return "";
}

template <class Table>
auto value_in(const Table& table, std::string_view text)
    -> std::optional<typename Table::value_type::first_type> {
    for (const auto& [value, name] : table) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(InstructionKind kind) {
    return name_in(kinds, kind);
}
std::string_view to_string(InstructionState state) {
    return name_in(states, state);
}
std::string_view to_string(AckResult result) {
    return name_in(results, result);
}
std::optional<InstructionKind> parse_instruction_kind(std::string_view text) {
    return value_in(kinds, text);
}
std::optional<InstructionState> parse_instruction_state(std::string_view text) {
    return value_in(states, text);
}
std::optional<AckResult> parse_ack_result(std::string_view text) {
    return value_in(results, text);
}

json::Value to_json(const Instruction& instruction) {
    return json::object({{"id", instruction.id.value},
                         {"event", instruction.event.value},
                         {"der", instruction.der},
                         {"transaction", instruction.transaction},
                         {"fence", instruction.fence},
                         {"kind", to_string(instruction.kind)},
                         {"value_w", instruction.value.value},
                         {"change_w", instruction.change.value},
                         {"start", format_utc(instruction.start)},
                         {"expires", format_utc(instruction.expires)},
                         {"ack_by", format_utc(instruction.ack_by)},
                         {"attempt", instruction.attempt},
                         {"state", to_string(instruction.state)}});
}

Result<Instruction> instruction_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Instruction instruction;
    instruction.id = InstructionId{read.text("id", 64, 1)};
    instruction.event = EventId{read.text("event", 64)};
    instruction.der = read.text("der", 64, 1);
    instruction.transaction = read.text("transaction", 128);
    instruction.fence = static_cast<std::uint64_t>(read.integer("fence", 0, fence_max));
    instruction.kind = read.word("kind", parse_instruction_kind);
    instruction.value = Watts{read.integer("value_w", -power_max.value, power_max.value)};
    instruction.change = Watts{read.integer("change_w", 0, power_max.value)};
    instruction.start = read.time("start");
    instruction.expires = read.time("expires");
    instruction.ack_by = read.time("ack_by");
    instruction.attempt = static_cast<int>(read.integer("attempt", 1, attempt_max));
    instruction.state = read.word("state", parse_instruction_state);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return instruction;
}

}  // namespace headroom::dispatch
