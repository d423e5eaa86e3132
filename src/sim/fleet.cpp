#include "sim/fleet.hpp"

#include "core/json.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::sim {
namespace {

constexpr std::string_view device_kind = "sim_device";
constexpr std::string_view world_kind = "sim_world";
constexpr std::string_view world_id = "world";
constexpr std::size_t records_per_page = 1000;

DeviceOrder to_device_order(const dispatch::Instruction& order) {
    return {.id = order.id.value,
            .kind = order.kind,
            .value = order.value,
            .start = order.start,
            .until = order.expires};
}

/// The id in a payload that is no valid order otherwise; empty when there is none.
std::string order_id_of(std::string_view payload) {
    constexpr json::ParseLimits limits{.bytes = 8192, .depth = 4};
    const Result<json::Value> parsed = json::parse(payload, limits);
    return parsed ? parsed->text("/order_id") : std::string();
}

}  // namespace

Fleet::Fleet(World& world, store::Records& records)
    : world_(world), records_(records), memories_(world.plan().devices().size()) {}

Result<bool> Fleet::load() {
    bool found = false;
    const Result<store::Record> kept = records_.get(world_kind, world_id);
    if (kept) {
        const Result<json::Value> state = json::parse(kept->json);
        if (!state) {
            return Error{Errc::corrupt,
                         "the simulated world's state cannot be read: " + state.error().message};
        }
        const Result<void> restored = world_.restore(*state);
        if (!restored) {
            return restored.error();
        }
        found = true;
    } else if (kept.error().code != Errc::not_found) {
        return kept.error();
    }
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> records =
            records_.list(device_kind, after, records_per_page);
        if (!records) {
            return records.error();
        }
        for (const store::Record& record : *records) {
            after = record.id;
            const std::optional<std::size_t> device = world_.device_index(record.id);
            const Result<json::Value> value = json::parse(record.json);
            if (!device || !value) {
                return Error{Errc::corrupt, "the memory of simulated device " + record.id +
                                                (device ? " cannot be read" : " belongs to another world")};
            }
            Result<dispatch::DeviceMemory> memory = dispatch::device_memory_from_json(*value);
            if (!memory) {
                return Error{Errc::corrupt,
                             "the memory of simulated device " + record.id + ": " + memory.error().message};
            }
            // Orders answered after the world was kept last; those it knows change nothing.
            for (const dispatch::AnsweredOrder& answered : memory->answered) {
                if (answered.answer.result == dispatch::AckResult::accepted) {
                    const Result<void> applied = world_.apply(record.id, to_device_order(answered.order));
                    if (!applied) {
                        return applied.error();
                    }
                }
            }
            memories_[*device] = std::move(*memory);
            found = true;
        }
        if (records->size() < records_per_page) {
            return found;
        }
    }
}

Result<void> Fleet::keep_world() {
    store::Batch batch;
    batch.puts.push_back({.kind = std::string(world_kind),
                          .id = std::string(world_id),
                          .corr = {},
                          .state = {},
                          .json = json::write(world_.state())});
    return records_.write(batch);
}

Result<void> Fleet::keep(std::size_t device, const dispatch::DeviceMemory& memory) {
    store::Batch batch;
    batch.puts.push_back({.kind = std::string(device_kind),
                          .id = world_.device(device).id,
                          .corr = {},
                          .state = {},
                          .json = json::write(dispatch::to_json(memory))});
    return records_.write(batch);
}

void Fleet::stay_silent(const std::string& order_id) {
    if (on_silent_ && !order_id.empty()) {
        on_silent_(order_id);
    }
}

std::optional<dispatch::Ack> Fleet::receive(const std::string& der, std::string_view order_payload,
                                            UtcTime now) {
    Result<dispatch::Instruction> order = dispatch::decode_order(order_payload);
    if (!order) {
        unreadable_ += 1;
        log::warn("a simulated device got an order it cannot read",
                  {{"der", der}, {"error", order.error().message}, {"pointer", order.error().pointer}});
        stay_silent(order_id_of(order_payload));
        return std::nullopt;
    }
    order->der = der;
    return receive(*order, now);
}

std::optional<dispatch::Ack> Fleet::receive(const dispatch::Instruction& order, UtcTime now) {
    received_ += 1;
    const std::optional<std::size_t> device = world_.device_index(order.der);
    if (!device || world_.device(*device).is_silent_at(now)) {
        stay_silent(order.id.value);
        return std::nullopt;
    }
    const DeviceSpec& spec = world_.device(*device);
    const auto fault = [&](const Error& error) {
        log::error("a simulated device could not take an order",
                   {{"der", spec.id}, {"error", error.message}});
        dispatch::Ack ack;
        ack.instruction = order.id;
        ack.der = spec.id;
        ack.result = dispatch::AckResult::refused;
        ack.reason = "fault";
        ack.ts = now;
        return ack;
    };
    // What it would remember is kept before it is true: an answer that left must survive anything.
    dispatch::DeviceMemory memory = memories_[*device];
    const dispatch::Ack ack =
        dispatch::receive(memory, {.power_min = power_min(spec), .power_max = power_max(spec)}, order, now);
    const Result<void> kept = keep(*device, memory);
    if (!kept) {
        return fault(kept.error());
    }
    memories_[*device] = std::move(memory);
    if (ack.result == dispatch::AckResult::accepted) {
        const Result<void> applied = world_.apply(spec.id, to_device_order(order));
        if (!applied) {
            return fault(applied.error());
        }
    }
    return ack;
}

std::vector<std::string> Fleet::ders() const {
    std::vector<std::string> ids;
    ids.reserve(world_.plan().devices().size());
    for (const DeviceSpec& spec : world_.plan().devices()) {
        ids.push_back(spec.id);
    }
    return ids;
}

dispatch::DeviceBirth Fleet::birth(std::size_t device) const {
    const DeviceSpec& spec = world_.device(device);
    dispatch::DeviceBirth birth;
    birth.der = spec.id;
    birth.type = std::string(grid::to_string(spec.der_class));
    birth.power_min = power_min(spec);
    birth.power_max = power_max(spec);
    const grid::Der* der = world_.network().der(spec.id);
    birth.energy = der->energy;
    birth.ramp_w_per_s = der->ramp_w_per_s;
    birth.default_behaviour = "schedule";
    birth.watchdog = minutes{15};
    birth.firmware = "simulated";
    return birth;
}

dispatch::DeviceMeasurement Fleet::measurement(std::size_t device) const {
    dispatch::DeviceMeasurement measurement;
    measurement.der = world_.device(device).id;
    measurement.power = to_watts(Kilowatts{world_.device_state(device).power_kw});
    measurement.soc_pct = world_.charge_pct(device);
    const std::optional<dispatch::Instruction> order = dispatch::in_force(memories_[device], world_.now());
    measurement.active_order = order ? order->id.value : std::string();
    measurement.ts = world_.now();
    return measurement;
}

std::vector<std::size_t> Fleet::active() const {
    std::vector<std::size_t> devices;
    for (std::size_t d = 0; d < memories_.size(); ++d) {
        if (!memories_[d].answered.empty() && dispatch::in_force(memories_[d], world_.now())) {
            devices.push_back(d);
        }
    }
    return devices;
}

}  // namespace headroom::sim
