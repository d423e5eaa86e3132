// What must be kept so that a killed process goes on with the same world.
#include "core/object_reader.hpp"
#include "sim/world.hpp"

#include <cmath>
#include <utility>

namespace headroom::sim {
namespace {

constexpr std::int64_t version = 1;
constexpr double energy_max_kwh = 1e6;

json::Value to_json(const DeviceOrder& order) {
    return json::Object{{"id", order.id},
                        {"kind", dispatch::to_string(order.kind)},
                        {"value_w", order.value.value},
                        {"start", format_utc(order.start)},
                        {"until", format_utc(order.until)}};
}

DeviceOrder order_from(const json::Value& value, const std::string& pointer, json::ObjectReader& parent) {
    json::ObjectReader read(value, pointer);
    DeviceOrder order;
    order.id = read.text("id", 64, 1);
    order.kind = read.word("kind", dispatch::parse_instruction_kind);
    order.value = Watts{read.integer("value_w", -dispatch::power_max.value, dispatch::power_max.value)};
    order.start = read.time("start");
    order.until = read.time("until");
    read.refuse_unknown();
    if (!read.ok()) {
        parent.keep(read.error());
    }
    return order;
}

/// A finite number within ±`most`.
double number(json::ObjectReader& read, std::string_view key, double most) {
    const std::optional<double> value = read.value(key).as_double();
    if (read.ok() && (!value || !std::isfinite(*value) || std::abs(*value) > most)) {
        read.refuse(key, "must be a number within ±" + std::to_string(static_cast<std::int64_t>(most)));
    }
    return value.value_or(0.0);
}

}  // namespace

json::Value World::state() const {
    json::Array devices;
    for (std::size_t d = 0; d < states_.size(); ++d) {
        const DeviceState& state = states_[d];
        if (!state.is_touched) {
            continue;
        }
        json::Array orders;
        for (const DeviceOrder& order : state.orders) {
            orders.emplace_back(to_json(order));
        }
        devices.emplace_back(json::Object{{"id", device(d).id},
                                          {"power_kw", state.power_kw},
                                          {"owed_kwh", state.owed_kwh},
                                          {"unmet_kwh", state.unmet_kwh},
                                          {"orders", std::move(orders)}});
    }
    json::Array sums;
    if (minutes_summed_ > 0) {
        for (const double sum : sums_kw_) {
            sums.emplace_back(sum);
        }
    }
    return json::Object{{"v", version},
                        {"seed", std::to_string(options().seed)},
                        {"feeders", options().feeders},
                        {"ders", options().ders},
                        {"hv_feeders", options().hv_feeders},
                        {"story", options().story},
                        {"start", format_utc(options().start)},
                        {"now", format_utc(now())},
                        {"minutes_summed", minutes_summed_},
                        {"sums_kw", std::move(sums)},
                        {"devices", std::move(devices)}};
}

Result<void> World::restore(const json::Value& state) {
    json::ObjectReader read(state);
    static_cast<void>(read.integer("v", version, version));
    if (read.ok() && (read.text("seed", 20, 1) != std::to_string(options().seed) ||
                      read.integer("feeders") != options().feeders ||
                      read.integer("ders") != options().ders || read.time("start") != options().start)) {
        read.refuse("seed", "is the state of another world (seed, feeders, ders and start must be the same)");
    }
    // Worlds kept before there were high-voltage feeders have none.
    const std::int64_t hv_feeders = read.optional_integer("hv_feeders", 0, 300).value_or(0);
    const std::string story = read.text_or_empty("story");
    if (read.ok() && (hv_feeders != options().hv_feeders || story != options().story)) {
        read.refuse("story", "is the state of another world (of story '" + story + "', not '" +
                                 options().story + "')");
    }
    const UtcTime at = read.time("now");
    const std::int64_t summed = read.integer("minutes_summed", 0, options().step.count() - 1);
    if (read.ok() && (at < options().start || at != to_time(to_minute(at)))) {
        read.refuse("now", "must be a whole minute, not before the start");
    }
    std::vector<double> sums(points_.size(), 0.0);
    const json::Array& kept_sums = read.array("sums_kw", points_.size());
    if (read.ok() && kept_sums.size() != (summed > 0 ? points_.size() : 0)) {
        read.refuse("sums_kw", "must hold a sum for each point while an interval runs");
    }
    for (std::size_t i = 0; i < kept_sums.size() && read.ok(); ++i) {
        const std::optional<double> sum = kept_sums[i].as_double();
        if (!sum || !std::isfinite(*sum)) {
            read.refuse("sums_kw", "must hold finite numbers");
        } else {
            sums[i] = *sum;
        }
    }
    std::vector<DeviceState> states(states_.size());
    std::size_t position = 0;
    for (const json::Value& item : read.array("devices", states_.size())) {
        json::ObjectReader each(item, read.path("devices", position++));
        const std::string id = each.text("id", 64, 1);
        const std::optional<std::size_t> index = device_index(id);
        if (each.ok() && !index) {
            each.refuse("id", "no DER " + id + " in this world");
        }
        DeviceState restored;
        restored.is_touched = true;
        restored.power_kw = number(each, "power_kw", energy_max_kwh);
        restored.owed_kwh = number(each, "owed_kwh", energy_max_kwh);
        restored.unmet_kwh = number(each, "unmet_kwh", energy_max_kwh);
        for (const json::Value& order : each.array("orders", device_orders_max)) {
            restored.orders.push_back(order_from(order, each.path("orders", restored.orders.size()), each));
        }
        each.refuse_unknown();
        if (!each.ok()) {
            return each.error();
        }
        states[*index] = std::move(restored);
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    minute_ = to_minute(at);
    minutes_summed_ = summed;
    sums_kw_ = std::move(sums);
    states_ = std::move(states);
    return {};
}

}  // namespace headroom::sim
