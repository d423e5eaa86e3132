#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/instruction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::dispatch {

/// What a device can do, as its birth message says.
struct DeviceRange {
    Watts power_min{};  ///< import-positive: negative = feed-in
    Watts power_max{};
};

/// An order that the device has answered.
struct AnsweredOrder {
    Instruction order;  ///< as first received
    Ack answer;         ///< the first one
};

/// What a device must remember of its orders to obey docs/formats/device-order.md through repeats, reordering
/// and restarts. A value: keep it with `to_json` before the answer leaves.
struct DeviceMemory {
    std::uint64_t fence_highest = 0;
    std::vector<AnsweredOrder> answered;  ///< oldest first; those long expired are forgotten
};

/// Orders that a device remembers at most; with more, none of them expired, it refuses ("fault").
inline constexpr std::size_t device_orders_max = 256;

/// The device's side of the order protocol, used by simulated devices. Answers the order and remembers both.
///
/// The same id again gets the first answer again: `duplicate` when that was `accepted`, else the same refusal
/// (the attempt does not count as content). Refusals: `id_reuse` the id with other content, `fence` lower
/// than the highest seen, `expired` not later than `now`, `range` beyond what the device can do (a limit of
/// import must be ≥ 0, one of export ≤ 0), `fault` the memory is full. A start in the past begins at once.
[[nodiscard]] Ack receive(DeviceMemory& memory, const DeviceRange& range, const Instruction& order,
                          UtcTime now);

/// The order that the device follows at `now`; nothing = its default behaviour. The newest accepted one whose
/// time has come; it ends with its expiry, without anybody telling. A release ends all that came before it.
[[nodiscard]] std::optional<Instruction> in_force(const DeviceMemory& memory, UtcTime now);
/// The next instant after `now` at which `in_force` may change; nothing when it stays.
[[nodiscard]] std::optional<UtcTime> next_change(const DeviceMemory& memory, UtcTime now);

[[nodiscard]] json::Value to_json(const DeviceMemory& memory);
/// Errors: `invalid` with the pointer.
[[nodiscard]] Result<DeviceMemory> device_memory_from_json(const json::Value& value);

}  // namespace headroom::dispatch
