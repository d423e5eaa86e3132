#include "beckn/pack_time_series.hpp"

#include "beckn/decimal.hpp"
#include "core/json_object.hpp"

#include <algorithm>

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t descriptors_max = 32;
constexpr std::size_t values_max = 256;
constexpr int per_mwh_decimals = 6;

/// Whether `units` ends in `suffix` or says nothing.
bool ends_in(std::string_view units, std::string_view suffix) {
    return units.size() >= suffix.size() && units.substr(units.size() - suffix.size()) == suffix;
}

void read_descriptors(const Node& node, Series& series) {
    for (const Node& descriptor : node.items(descriptors_max)) {
        std::string type = text_at(descriptor.member("payloadType"));
        if (type.empty() || series.find({type}) != nullptr) {
            continue;
        }
        series.columns.push_back({.type = std::move(type),
                                  .units = text_at(descriptor.member("units")),
                                  .currency = text_at(descriptor.member("currency")),
                                  .values = {}});
    }
}

void read_payloads(const Node& interval, std::size_t slot, Series& series) {
    for (const Node& payload : interval.member("payloads").items(descriptors_max)) {
        const std::string type = text_at(payload.member("type"));
        auto column = std::find_if(series.columns.begin(), series.columns.end(),
                                   [&type](const SeriesColumn& one) { return one.type == type; });
        if (column == series.columns.end()) {
            series.columns.push_back({.type = type, .units = {}, .currency = {}, .values = {}});
            column = std::prev(series.columns.end());
        }
        column->values.resize(series.slots);
        column->values[slot] = payload.member("values").items(values_max);
    }
}

bool read_period(const Node& period, const flex::IntervalGrid* fallback, Series& series) {
    if (!period.is_there() && fallback != nullptr) {
        series.start = fallback->start;
        series.step = fallback->step;
        return true;
    }
    const std::optional<UtcTime> start = period.member("start").time();
    const std::optional<milliseconds> step = period.member("duration").duration();
    if (!start || !step) {
        return false;
    }
    if (*step < step_min || *step > step_max) {
        period.member("duration").refuse("must lie between one minute and one day");
        return false;
    }
    series.start = *start;
    series.step = *step;
    return true;
}

/// An interval's own period may only say what the series says.
bool agrees(const Node& period, const Series& series, std::size_t slot) {
    if (!period.is_there()) {
        return true;
    }
    const bool has_start = period.member("start").is_there();
    const bool has_length = period.member("duration").is_there();
    const std::optional<UtcTime> start = has_start ? period.member("start").time() : std::nullopt;
    const std::optional<milliseconds> length =
        has_length ? period.member("duration").duration() : std::nullopt;
    const UtcTime expected = series.start + series.step * static_cast<std::int64_t>(slot);
    if ((has_start && start != expected) || (has_length && length != series.step)) {
        period.refuse("differs from the series' own steps");
        return false;
    }
    return true;
}

std::string place_words(std::size_t count) {
    return "must be a whole number from 0 to " + std::to_string(count - 1) + ", each once";
}

}  // namespace

const SeriesColumn* Series::find(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
        for (const SeriesColumn& column : columns) {
            if (column.type == name) {
                return &column;
            }
        }
    }
    return nullptr;
}

std::optional<Series> read_series(const Node& node, const flex::IntervalGrid* fallback) {
    Series series{.intervals = node.member("intervals"), .start = {}, .step = {}, .slots = 0, .columns = {}};
    if (!read_period(node.member("intervalPeriod"), fallback, series)) {
        return std::nullopt;
    }
    const std::vector<Node> intervals = series.intervals.items(flex::grid_slots_max);
    if (intervals.empty()) {
        series.intervals.refuse("must have 1 to " + std::to_string(flex::grid_slots_max) + " entries");
        return std::nullopt;
    }
    series.slots = intervals.size();
    read_descriptors(node.member("payloadDescriptors"), series);
    std::vector<bool> seen(series.slots, false);
    for (const Node& interval : intervals) {
        const json::Value* id = interval.member("id").value();
        const std::optional<std::int64_t> written = id == nullptr ? std::nullopt : id->as_int();
        const auto slot = static_cast<std::size_t>(written.value_or(-1));
        if (!written || slot >= series.slots || seen[slot]) {
            interval.member("id").refuse(place_words(series.slots));
            return std::nullopt;
        }
        seen[slot] = true;
        if (!agrees(interval.member("intervalPeriod"), series, slot)) {
            return std::nullopt;
        }
        read_payloads(interval, slot, series);
    }
    return series;
}

std::optional<std::int64_t> power_w(const SeriesColumn& column, const Node& value, std::int64_t min,
                                    Rounding rounding) {
    int decimals = kw_decimals;
    if (column.units == "W") {
        decimals = 0;
    } else if (column.units == "MW") {
        decimals = kw_decimals + 3;
    } else if (!column.units.empty() && column.units != "KW" && column.units != "kW") {
        value.refuse("is in " + column.units.substr(0, 32) + "; a power is in W, KW or MW");
        return std::nullopt;
    }
    return number(value, decimals, min, power_bound_w, rounding);
}

std::optional<std::int64_t> price_per_mwh(const SeriesColumn& column, const Node& value, std::int64_t min) {
    if (ends_in(column.units, "PER_MWH")) {
        return number(value, per_mwh_decimals, min, price_bound);
    }
    if (!column.units.empty() && !ends_in(column.units, "PER_KWH")) {
        value.refuse("is in " + column.units.substr(0, 32) + "; a price is per KWH or MWH");
        return std::nullopt;
    }
    return number(value, per_kwh_decimals, min, price_bound);
}

std::string currency_of(const SeriesColumn& column) {
    if (!column.currency.empty()) {
        return column.currency;
    }
    const std::size_t per = column.units.find("_PER_");
    return per == std::string::npos ? std::string() : column.units.substr(0, per);
}

std::optional<flex::IntervalGrid> grid_of(const Series& series, const SeriesColumn& column, ReadValue read) {
    flex::IntervalGrid grid{.start = series.start, .step = series.step, .values = {}};
    grid.values.reserve(series.slots);
    for (std::size_t slot = 0; slot < series.slots; ++slot) {
        if (slot >= column.values.size() || column.values[slot].empty()) {
            series.intervals.refuse("has no " + column.type + " in slot " + std::to_string(slot));
            return std::nullopt;
        }
        const std::vector<Node>& values = column.values[slot];
        std::int64_t sum = 0;
        for (const Node& value : values) {
            const std::optional<std::int64_t> one = read(column, value);
            if (!one) {
                return std::nullopt;
            }
            sum += *one;
        }
        const auto count = static_cast<std::int64_t>(values.size());
        const std::int64_t half = sum < 0 ? -count / 2 : count / 2;
        grid.values.push_back((sum + half) / count);
    }
    return grid;
}

void append_series(std::vector<json::Object::Member>& members, UtcTime start, milliseconds step,
                   std::size_t slots, std::vector<WrittenColumn> columns) {
    members.push_back({"intervalPeriod",
                       json::object({{"start", format_utc(start)}, {"duration", format_duration(step)}})});
    json::Array descriptors;
    for (const WrittenColumn& column : columns) {
        json::Object descriptor;
        const bool is_reading = column.inserted_by.empty();
        descriptor.set("objectType", is_reading ? "REPORT_PAYLOAD_DESCRIPTOR" : "EVENT_PAYLOAD_DESCRIPTOR");
        descriptor.set("payloadType", column.type);
        descriptor.set("units", column.units);
        if (is_reading) {
            descriptor.set("readingType", "DIRECT_READ");
        } else {
            descriptor.set("insertedBy", column.inserted_by);
        }
        descriptors.push_back(std::move(descriptor));
    }
    members.push_back({"payloadDescriptors", std::move(descriptors)});
    json::Array intervals;
    intervals.reserve(slots);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        json::Array payloads;
        for (WrittenColumn& column : columns) {
            HEADROOM_ASSERT(column.values.size() == slots);
            payloads.push_back(
                json::object({{"type", column.type}, {"values", std::move(column.values[slot])}}));
        }
        intervals.push_back(json::object({{"id", slot}, {"payloads", std::move(payloads)}}));
    }
    members.push_back({"intervals", std::move(intervals)});
}

namespace {

std::vector<json::Array> values_of(const flex::IntervalGrid& grid, int decimals) {
    std::vector<json::Array> values;
    values.reserve(grid.values.size());
    for (const std::int64_t value : grid.values) {
        values.push_back(json::Array{number_value(value, decimals)});
    }
    return values;
}

}  // namespace

std::vector<json::Array> kw_values(const flex::IntervalGrid& grid) {
    return values_of(grid, kw_decimals);
}

std::vector<json::Array> per_kwh_values(const flex::IntervalGrid& grid) {
    return values_of(grid, per_kwh_decimals);
}

}  // namespace headroom::beckn::lts
