#pragma once

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::dispatch {

/// Bounds of what is read from outside.
inline constexpr Watts power_max{1'000'000'000};
inline constexpr std::int64_t fence_max = 9'007'199'254'740'991;
inline constexpr std::int64_t attempt_max = 1000;

enum class InstructionKind : std::uint8_t { setpoint, limit_import, limit_export, release };
/// planned → intent → sent → acked → active → ended; nacked, timeout, expired, cancelled, superseded, unknown
/// end it otherwise.
enum class InstructionState : std::uint8_t {
    planned,
    intent,
    sent,
    acked,
    active,
    ended,
    nacked,
    timeout,
    expired,
    cancelled,
    superseded,
    unknown
};
[[nodiscard]] std::string_view to_string(InstructionKind kind);
[[nodiscard]] std::string_view to_string(InstructionState state);
[[nodiscard]] std::optional<InstructionKind> parse_instruction_kind(std::string_view text);
[[nodiscard]] std::optional<InstructionState> parse_instruction_state(std::string_view text);

/// What one DER is told. The same id is the same instruction for ever. On the wire it is called an order.
struct Instruction {
    InstructionId id;  ///< ULID
    EventId event;
    std::string der;
    std::string transaction;  ///< the contract under which it is sent; empty for a release
    std::uint64_t fence = 0;  ///< grows with every change of the active controller
    InstructionKind kind = InstructionKind::setpoint;
    Watts value{};      ///< setpoint or limit at the DER, import-positive
    Watts change{};     ///< asked change against baseline, in the direction of the contract, ≥ 0
    UtcTime start{};    ///< domain time
    UtcTime expires{};  ///< mandatory: the device falls back by itself
    UtcTime ack_by{};
    int attempt = 1;
    InstructionState state = InstructionState::planned;
};

enum class AckResult : std::uint8_t { accepted, duplicate, refused };
[[nodiscard]] std::string_view to_string(AckResult result);
[[nodiscard]] std::optional<AckResult> parse_ack_result(std::string_view text);

/// A device's answer to one instruction.
struct Ack {
    InstructionId instruction;
    std::string der;  ///< from the topic or session, not from the payload
    AckResult result = AckResult::accepted;
    std::string reason;  ///< expired fence range local_override fault unsupported id_reuse skew
    UtcTime ts{};
};

/// What a device says of itself when asked nothing: power, state of charge, the order it follows.
struct DeviceMeasurement {
    std::string der;
    Watts power{};
    std::optional<std::int64_t> soc_pct;
    std::string active_order;
    UtcTime ts{};
};

/// Whether `text` may stand in a topic as a device's id: [A-Za-z0-9_-]{1,64}.
[[nodiscard]] bool is_device_id(std::string_view text);

/// The `down/order` payload of docs/formats/device-order.md, byte-stable: keys sorted, compact.
[[nodiscard]] std::string encode_order(const Instruction& instruction);
/// Reads an order on the device's side (simulated devices, tests). Errors: `invalid` with the pointer.
[[nodiscard]] Result<Instruction> decode_order(std::string_view payload);
[[nodiscard]] std::string encode_ack(const Ack& ack);
/// `der` is the sender proven by the transport; a payload that names another is refused. Errors: `invalid`.
[[nodiscard]] Result<Ack> decode_ack(std::string_view payload, std::string_view der);
[[nodiscard]] std::string encode_measurement(const DeviceMeasurement& measurement);
/// As `decode_ack`.
[[nodiscard]] Result<DeviceMeasurement> decode_measurement(std::string_view payload, std::string_view der);

/// The same payloads as JSON values, for frames that carry them inside.
[[nodiscard]] json::Object order_to_json(const Instruction& instruction);
[[nodiscard]] Result<Instruction> order_from_json(const json::Value& value);
[[nodiscard]] json::Object ack_to_json(const Ack& ack);
[[nodiscard]] Result<Ack> ack_from_json(const json::Value& value, std::string_view der);
[[nodiscard]] json::Object measurement_to_json(const DeviceMeasurement& measurement);
[[nodiscard]] Result<DeviceMeasurement> measurement_from_json(const json::Value& value, std::string_view der);

[[nodiscard]] json::Value to_json(const Instruction& instruction);
[[nodiscard]] Result<Instruction> instruction_from_json(const json::Value& value);

}  // namespace headroom::dispatch
