#include "dispatch/device_memory.hpp"

#include "core/object_reader.hpp"

#include <algorithm>
#include <string_view>

namespace headroom::dispatch {

namespace {

/// An order is kept so long after its expiry, so that a late repeat still gets its own answer.
constexpr milliseconds kept_after_expiry = hours{1};

bool is_same_order(const Instruction& a, const Instruction& b) {
    return a.event == b.event && a.fence == b.fence && a.kind == b.kind && a.value == b.value &&
           a.start == b.start && a.expires == b.expires;
}

bool is_within(const DeviceRange& range, const Instruction& order) {
    switch (order.kind) {
        case InstructionKind::setpoint:
            return range.power_min <= order.value && order.value <= range.power_max;
        case InstructionKind::limit_import:
            return order.value >= Watts{};
        case InstructionKind::limit_export:
            return order.value <= Watts{};
        case InstructionKind::release:
            return true;
    }
    return false;
}

/// Whether nothing depends on the answer at `index` any more but a late repeat.
bool is_spent(const DeviceMemory& memory, std::size_t index, UtcTime now) {
    const AnsweredOrder& each = memory.answered[index];
    if (each.answer.result == AckResult::refused) {
        return true;
    }
    if (each.order.expires > now) {
        return false;
    }
    // A release is needed for as long as an order before it would otherwise come back into force.
    return each.order.kind != InstructionKind::release ||
           std::all_of(memory.answered.begin(), memory.answered.begin() + static_cast<std::ptrdiff_t>(index),
                       [now](const AnsweredOrder& before) { return before.order.expires <= now; });
}

void forget_old(DeviceMemory& memory, UtcTime now) {
    for (std::size_t index = 0; index < memory.answered.size();) {
        const bool is_old = memory.answered[index].order.expires + kept_after_expiry < now;
        const bool is_crowded = memory.answered.size() >= device_orders_max;
        if ((is_old || is_crowded) && is_spent(memory, index, now)) {
            memory.answered.erase(memory.answered.begin() + static_cast<std::ptrdiff_t>(index));
        } else {
            ++index;
        }
    }
}

/// Why the order is refused; empty when it is accepted.
std::string_view refusal(const DeviceMemory& memory, const DeviceRange& range, const Instruction& order,
                         UtcTime now) {
    if (order.fence < memory.fence_highest) {
        return "fence";
    }
    if (order.expires <= now) {
        return "expired";
    }
    if (!is_within(range, order)) {
        return "range";
    }
    if (memory.answered.size() >= device_orders_max) {
        return "fault";
    }
    return {};
}

}  // namespace

Ack receive(DeviceMemory& memory, const DeviceRange& range, const Instruction& order, UtcTime now) {
    Ack ack;
    ack.instruction = order.id;
    ack.der = order.der;
    ack.ts = now;
    const auto known =
        std::find_if(memory.answered.begin(), memory.answered.end(),
                     [&order](const AnsweredOrder& each) { return each.order.id == order.id; });
    if (known != memory.answered.end()) {
        if (!is_same_order(known->order, order)) {
            ack.result = AckResult::refused;
            ack.reason = "id_reuse";
            return ack;
        }
        ack.result = known->answer.result == AckResult::refused ? AckResult::refused : AckResult::duplicate;
        ack.reason = known->answer.reason;
        return ack;
    }

    forget_old(memory, now);
    const std::string_view reason = refusal(memory, range, order, now);
    if (!reason.empty()) {
        ack.result = AckResult::refused;
        ack.reason = std::string(reason);
    }
    memory.fence_highest = std::max(memory.fence_highest, order.fence);
    if (memory.answered.size() < device_orders_max) {
        memory.answered.push_back({order, ack});
    }
    return ack;
}

std::optional<Instruction> in_force(const DeviceMemory& memory, UtcTime now) {
    for (auto each = memory.answered.rbegin(); each != memory.answered.rend(); ++each) {
        const bool stands = each->answer.result == AckResult::accepted && each->order.start <= now &&
                            now < each->order.expires;
        // A release ends what came before it for good, not only for its own time.
        const bool releases = each->answer.result == AckResult::accepted &&
                              each->order.kind == InstructionKind::release && each->order.start <= now;
        if (releases) {
            return std::nullopt;
        }
        if (stands) {
            return each->order;
        }
    }
    return std::nullopt;
}

std::optional<UtcTime> next_change(const DeviceMemory& memory, UtcTime now) {
    std::optional<UtcTime> next;
    for (const AnsweredOrder& each : memory.answered) {
        if (each.answer.result != AckResult::accepted) {
            continue;
        }
        for (const UtcTime instant : {each.order.start, each.order.expires}) {
            if (instant > now && (!next || instant < *next)) {
                next = instant;
            }
        }
    }
    return next;
}

json::Value to_json(const DeviceMemory& memory) {
    json::Array answered;
    for (const AnsweredOrder& each : memory.answered) {
        answered.emplace_back(json::Object{
            {"order", to_json(each.order)}, {"ack", ack_to_json(each.answer)}, {"der", each.answer.der}});
    }
    return json::Object{{"fence_highest", memory.fence_highest}, {"answered", std::move(answered)}};
}

Result<DeviceMemory> device_memory_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    DeviceMemory memory;
    memory.fence_highest = static_cast<std::uint64_t>(read.integer("fence_highest", 0, fence_max));
    for (const json::Value& item : read.array("answered", device_orders_max)) {
        json::ObjectReader each(item, read.path("answered", memory.answered.size()));
        AnsweredOrder answered;
        const std::string der = each.text("der", 64);
        answered.order = each.take("order", instruction_from_json(each.value("order")));
        answered.answer = each.take("ack", ack_from_json(each.value("ack"), der));
        each.refuse_unknown();
        if (!each.ok()) {
            return each.error();
        }
        memory.answered.push_back(std::move(answered));
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return memory;
}

}  // namespace headroom::dispatch
