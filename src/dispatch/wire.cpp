// The payloads of docs/formats/device-order.md.
#include "core/json_object.hpp"
#include "core/json_write.hpp"
#include "core/object_reader.hpp"
#include "dispatch/instruction.hpp"
#include "dispatch/presence.hpp"

#include <algorithm>
#include <array>

namespace headroom::dispatch {

namespace {

/// No payload of this protocol is longer; a longer one is not read.
constexpr json::ParseLimits limits{.bytes = 8192, .depth = 4};
constexpr std::int64_t version = 1;

constexpr std::array<std::string_view, 8> reasons{"expired", "fence",       "range",    "local_override",
                                                  "fault",   "unsupported", "id_reuse", "skew"};

bool is_ulid(std::string_view text) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    return text.size() == 26 && text.front() <= '7' &&
           std::all_of(text.begin(), text.end(),
                       [alphabet](char c) { return alphabet.find(c) != std::string_view::npos; });
}

std::string order_id(json::ObjectReader& read, std::string_view key) {
    std::string id = read.text(key, 26, 26);
    if (read.ok() && !is_ulid(id)) {
        read.refuse(key, "is not a ULID");
    }
    return id;
}

/// The transport proves who speaks; a payload may repeat it but not contradict it.
void check_sender(json::ObjectReader& read, std::string_view der) {
    if (read.has("der")) {
        const std::string named = read.text("der", 64);
        if (read.ok() && named != der) {
            read.refuse("der", "the sender is " + std::string(der) + ", the payload names " + named);
        }
    }
}

template <class Read>
auto parsed(std::string_view payload, Read read_object)
    -> decltype(read_object(std::declval<json::Value&>())) {
    const Result<json::Value> value = json::parse(payload, limits);
    if (!value) {
        return value.error();
    }
    return read_object(*value);
}

}  // namespace

bool is_device_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

json::Object order_to_json(const Instruction& instruction) {
    return json::object({{"attempt", instruction.attempt},
                         {"event_id", instruction.event.value},
                         {"expires", format_utc(instruction.expires)},
                         {"fence", instruction.fence},
                         {"kind", to_string(instruction.kind)},
                         {"order_id", instruction.id.value},
                         {"start", format_utc(instruction.start)},
                         {"v", version},
                         {"value_w", instruction.value.value}});
}

std::string encode_order(const Instruction& instruction) {
    return json::write(order_to_json(instruction));
}

Result<Instruction> order_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Instruction instruction;
    instruction.attempt = static_cast<int>(read.integer("attempt", 1, attempt_max));
    instruction.event = EventId{read.text("event_id", 64, 1)};
    instruction.expires = read.time("expires");
    instruction.fence = static_cast<std::uint64_t>(read.integer("fence", 0, fence_max));
    instruction.kind = read.word("kind", parse_instruction_kind);
    instruction.id = InstructionId{order_id(read, "order_id")};
    instruction.start = read.time("start");
    static_cast<void>(read.integer("v", version, version));
    instruction.value = Watts{read.integer("value_w", -power_max.value, power_max.value)};
    // A device must not obey an order that says more than it understands.
    read.refuse_unknown();
    if (read.ok() && instruction.expires <= instruction.start) {
        read.refuse("expires", "must be later than start");
    }
    if (!read.ok()) {
        return read.error();
    }
    return instruction;
}

Result<Instruction> decode_order(std::string_view payload) {
    return parsed(payload, order_from_json);
}

json::Object ack_to_json(const Ack& ack) {
    std::vector<json::Object::Member> members{{"order_id", ack.instruction.value}};
    if (ack.result == AckResult::refused) {
        members.push_back({"reason", ack.reason});
    }
    members.push_back({"result", to_string(ack.result)});
    members.push_back({"ts", format_utc(ack.ts)});
    members.push_back({"v", version});
    return json::Object::from_distinct(std::move(members));
}

std::string encode_ack(const Ack& ack) {
    return json::write(ack_to_json(ack));
}

Result<Ack> ack_from_json(const json::Value& value, std::string_view der) {
    json::ObjectReader read(value);
    Ack ack;
    ack.der = std::string(der);
    ack.instruction = InstructionId{order_id(read, "order_id")};
    ack.result = read.word("result", parse_ack_result);
    if (ack.result == AckResult::refused) {
        ack.reason = read.text("reason", 32, 1);
        if (read.ok() && std::find(reasons.begin(), reasons.end(), ack.reason) == reasons.end()) {
            read.refuse("reason", "'" + ack.reason + "' is not one of the words known here");
        }
    }
    ack.ts = read.time("ts");
    static_cast<void>(read.integer("v", version, version));
    check_sender(read, der);
    if (!read.ok()) {
        return read.error();
    }
    return ack;
}

Result<Ack> decode_ack(std::string_view payload, std::string_view der) {
    return parsed(payload, [der](const json::Value& value) { return ack_from_json(value, der); });
}

json::Object measurement_to_json(const DeviceMeasurement& measurement) {
    std::vector<json::Object::Member> members;
    if (!measurement.active_order.empty()) {
        members.push_back({"active_order", measurement.active_order});
    }
    members.push_back({"p_w", measurement.power.value});
    if (measurement.soc_pct) {
        members.push_back({"soc_pct", *measurement.soc_pct});
    }
    members.push_back({"ts", format_utc(measurement.ts)});
    members.push_back({"v", version});
    return json::Object::from_distinct(std::move(members));
}

std::string encode_measurement(const DeviceMeasurement& measurement) {
    return json::write(measurement_to_json(measurement));
}

Result<DeviceMeasurement> measurement_from_json(const json::Value& value, std::string_view der) {
    json::ObjectReader read(value);
    DeviceMeasurement measurement;
    measurement.der = std::string(der);
    measurement.power = Watts{read.integer("p_w", -power_max.value, power_max.value)};
    static_cast<void>(read.optional_integer("q_var", -power_max.value, power_max.value));
    measurement.soc_pct = read.optional_integer("soc_pct", 0, 100);
    if (read.has("active_order")) {
        measurement.active_order = read.text("active_order", 26);
        if (read.ok() && !measurement.active_order.empty() && !is_ulid(measurement.active_order)) {
            read.refuse("active_order", "is not a ULID");
        }
    }
    measurement.ts = read.time("ts");
    static_cast<void>(read.integer("v", version, version));
    check_sender(read, der);
    if (!read.ok()) {
        return read.error();
    }
    return measurement;
}

Result<DeviceMeasurement> decode_measurement(std::string_view payload, std::string_view der) {
    return parsed(payload, [der](const json::Value& value) { return measurement_from_json(value, der); });
}

std::string encode_presence(bool is_online) {
    return json::write(json::object({{"state", is_online ? "online" : "offline"}, {"v", version}}));
}

Result<bool> decode_presence(std::string_view payload) {
    return parsed(payload, [](const json::Value& value) -> Result<bool> {
        json::ObjectReader read(value);
        const std::string state = read.text("state", 16);
        static_cast<void>(read.integer("v", version, version));
        if (read.ok() && state != "online" && state != "offline") {
            read.refuse("state", "must be online or offline");
        }
        if (!read.ok()) {
            return read.error();
        }
        return state == "online";
    });
}

std::string encode_birth(const DeviceBirth& birth) {
    return json::write(json::object({{"default", birth.default_behaviour},
                                     {"e_wh", birth.energy.value},
                                     {"fw", birth.firmware},
                                     {"p_max_w", birth.power_max.value},
                                     {"p_min_w", birth.power_min.value},
                                     {"ramp_w_s", birth.ramp_w_per_s},
                                     {"type", birth.type},
                                     {"v", version},
                                     {"watchdog_s", birth.watchdog.count()}}));
}

Result<DeviceBirth> decode_birth(std::string_view payload, std::string_view der) {
    return parsed(payload, [der](const json::Value& value) -> Result<DeviceBirth> {
        json::ObjectReader read(value);
        DeviceBirth birth;
        birth.der = std::string(der);
        birth.type = read.text("type", 64, 1);
        birth.power_min = Watts{read.integer("p_min_w", -power_max.value, power_max.value)};
        birth.power_max = Watts{read.integer("p_max_w", -power_max.value, power_max.value)};
        birth.energy = WattHours{read.optional_integer("e_wh", 0, 1'000'000'000'000).value_or(0)};
        birth.ramp_w_per_s = read.optional_integer("ramp_w_s", 0, power_max.value).value_or(0);
        birth.default_behaviour = read.text("default", 32, 1);
        birth.watchdog = seconds{read.integer("watchdog_s", 1, 86'400)};
        birth.firmware = read.text_or_empty("fw", 64);
        static_cast<void>(read.integer("v", version, version));
        check_sender(read, der);
        if (read.ok() && birth.power_min > birth.power_max) {
            read.refuse("p_min_w", "must not be above p_max_w");
        }
        if (!read.ok()) {
            return read.error();
        }
        return birth;
    });
}

}  // namespace headroom::dispatch
