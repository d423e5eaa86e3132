// The input of a plan on the shelf, as the log keeps it.
#include "contingency/shelf_input.hpp"
#include "core/json_object.hpp"
#include "core/object_items.hpp"
#include "core/object_reader.hpp"
#include "grid/grid_json.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <utility>

namespace headroom::contingency {
namespace {

constexpr std::int64_t amount_max = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::size_t places_max = 1'000'000;
constexpr std::size_t list_max = 100'000;
constexpr std::size_t text_max = 4'096;

json::Array half_hours_json(const PeriodWatts& row) {
    return json::Array(row.begin(), row.end());
}

PeriodWatts row_of(json::ObjectReader& read, std::string_view key) {
    PeriodWatts out{};
    const std::vector<std::int64_t> values = read.integers(key, shelf_periods, -amount_max, amount_max);
    if (read.ok() && values.size() != shelf_periods) {
        read.refuse(key, "must hold " + std::to_string(shelf_periods) + " half-hours");
        return out;
    }
    std::copy(values.begin(), values.end(), out.begin());
    return out;
}

/// Both quantiles by phase, "median_l1" … "high_sum".
std::string row_name(bool is_high, std::size_t phase) {
    constexpr std::array<std::string_view, phase_count> phases{"l1", "l2", "l3", "sum"};
    return (is_high ? "high_" : "median_") + std::string(phases[phase]);
}

json::Value to_json(const ElementLoad& load) {
    json::Object out{{"is_known", load.is_known}, {"has_phases", load.has_phases}};
    for (std::size_t phase = 0; load.is_known && phase < phase_count; ++phase) {
        out.set(row_name(false, phase), half_hours_json(load.median[phase]));
        out.set(row_name(true, phase), half_hours_json(load.high[phase]));
    }
    return out;
}

Result<ElementLoad> load_of(const json::Value& value) {
    json::ObjectReader read(value);
    ElementLoad out;
    out.is_known = read.boolean("is_known");
    out.has_phases = read.boolean("has_phases");
    for (std::size_t phase = 0; out.is_known && phase < phase_count; ++phase) {
        out.median[phase] = row_of(read, row_name(false, phase));
        out.high[phase] = row_of(read, row_name(true, phase));
    }
    read.refuse_unknown();
    return read.ok() ? Result<ElementLoad>(out) : Result<ElementLoad>(read.error());
}

json::Value to_json(const FlexSource& source) {
    return json::object({{"der", source.der},
                         {"phase", static_cast<std::int64_t>(source.phase)},
                         {"power_w", source.power.value},
                         {"notice_minutes", source.notice_minutes},
                         {"der_class", grid::to_string(source.der_class)}});
}

Result<FlexSource> source_of(const json::Value& value) {
    json::ObjectReader read(value);
    FlexSource out;
    out.der = read.text("der", 256);
    out.phase = static_cast<std::size_t>(read.integer("phase", 0, phase_sum));
    out.power = Watts{read.integer("power_w", 0, amount_max)};
    out.notice_minutes = read.integer("notice_minutes", 0, amount_max);
    out.der_class = read.word("der_class", grid::parse_der_class);
    read.refuse_unknown();
    return read.ok() ? Result<FlexSource>(std::move(out)) : Result<FlexSource>(read.error());
}

json::Value to_json(const ArmedRelief& armed) {
    return json::object({{"event", armed.event},
                         {"phase", static_cast<std::int64_t>(armed.phase)},
                         {"relief_w", half_hours_json(armed.relief_w)},
                         {"notice_minutes", armed.notice_minutes}});
}

Result<ArmedRelief> armed_of(const json::Value& value) {
    json::ObjectReader read(value);
    ArmedRelief out;
    out.event = read.text("event", 256);
    out.phase = static_cast<std::size_t>(read.integer("phase", 0, phase_sum));
    out.relief_w = row_of(read, "relief_w");
    out.notice_minutes = read.integer("notice_minutes", 0, amount_max);
    read.refuse_unknown();
    return read.ok() ? Result<ArmedRelief>(std::move(out)) : Result<ArmedRelief>(read.error());
}

/// Each item as `write` has it.
template <class Item>
json::Array listed(const std::vector<Item>& items, json::Value (*write)(const Item&)) {
    json::Array out;
    for (const Item& item : items) {
        out.push_back(write(item));
    }
    return out;
}

json::Value to_json(const ElementState& element) {
    return json::object({{"load", to_json(element.load)},
                         {"flex", listed<FlexSource>(element.flex, to_json)},
                         {"armed", listed<ArmedRelief>(element.armed, to_json)},
                         {"state", grid::to_json(element.state)},
                         {"stale", element.stale},
                         {"over_band_w", element.over_band_w},
                         {"customers", element.customers}});
}

Result<ElementState> element_of(const json::Value& value) {
    json::ObjectReader read(value);
    ElementState out;
    out.load = read.take("load", load_of(read.value("load")));
    out.flex = json::read_items<FlexSource>(read, "flex", list_max, source_of);
    out.armed = json::read_items<ArmedRelief>(read, "armed", list_max, armed_of);
    out.state = read.take("state", grid::state_entry_from_json(read.value("state")));
    out.stale = read.text("stale", text_max);
    out.over_band_w = read.integer("over_band_w", -amount_max, amount_max);
    out.customers = read.integer("customers", 0, amount_max);
    read.refuse_unknown();
    return read.ok() ? Result<ElementState>(std::move(out)) : Result<ElementState>(read.error());
}

template <class T>
void set_if(json::Object& out, std::string_view key, const std::optional<T>& value) {
    if (value) {
        out.set(std::string(key), *value);
    }
}

json::Value to_json(const Conditions& conditions) {
    json::Object out{{"feeders_over_limit", conditions.feeders_over_limit},
                     {"feeders_over_at_once_max", conditions.feeders_over_at_once_max}};
    set_if(out, "outdoor_milli_c", conditions.outdoor_milli_c);
    set_if(out, "learnt_low_milli_c", conditions.learnt_low_milli_c);
    set_if(out, "learnt_high_milli_c", conditions.learnt_high_milli_c);
    if (conditions.network_changed_at) {
        out.set("network_changed_at", format_utc(*conditions.network_changed_at));
    }
    if (conditions.learnt_until) {
        out.set("learnt_until", format_utc(*conditions.learnt_until));
    }
    return out;
}

Result<Conditions> conditions_of(const json::Value& value) {
    json::ObjectReader read(value);
    Conditions out;
    out.feeders_over_limit = read.integer("feeders_over_limit", 0, amount_max);
    out.feeders_over_at_once_max = read.integer("feeders_over_at_once_max", 0, amount_max);
    out.outdoor_milli_c = read.optional_integer("outdoor_milli_c", -amount_max, amount_max);
    out.learnt_low_milli_c = read.optional_integer("learnt_low_milli_c", -amount_max, amount_max);
    out.learnt_high_milli_c = read.optional_integer("learnt_high_milli_c", -amount_max, amount_max);
    if (read.has("network_changed_at")) {
        out.network_changed_at = read.time("network_changed_at");
    }
    if (read.has("learnt_until")) {
        out.learnt_until = read.time("learnt_until");
    }
    read.refuse_unknown();
    return read.ok() ? Result<Conditions>(out) : Result<Conditions>(read.error());
}

json::Value to_json(const ShelfState& state) {
    return json::object(
        {{"now", format_utc(state.now)},
         {"start", format_utc(state.start)},
         {"quantile_ppm", state.quantile_ppm},
         {"elements", listed<ElementState>(state.elements, to_json)},
         {"authority", grid::to_string(state.authority)},
         {"envelopes", listed<grid::AuthorityEnvelope>(state.envelopes, grid::to_json)},
         {"stopped_areas", json::Array(state.stopped_areas.begin(), state.stopped_areas.end())},
         {"guard", dispatch::guard::to_json(state.guard)},
         {"conditions", to_json(state.conditions)}});
}

Result<ShelfState> state_of(const json::Value& value) {
    json::ObjectReader read(value);
    ShelfState out;
    out.now = read.time("now");
    out.start = read.time("start");
    out.quantile_ppm = read.integer("quantile_ppm", 0, 1'000'000);
    out.elements = json::read_items<ElementState>(read, "elements", places_max, element_of);
    out.authority = read.word("authority", grid::parse_authority_level);
    out.envelopes = json::read_items<grid::AuthorityEnvelope>(read, "envelopes", list_max,
                                                              grid::authority_envelope_from_json);
    out.stopped_areas = read.texts("stopped_areas", list_max, 256);
    out.guard = read.take("guard", dispatch::guard::guard_rules_from_json(read.value("guard")));
    out.conditions = read.take("conditions", conditions_of(read.value("conditions")));
    read.refuse_unknown();
    return read.ok() ? Result<ShelfState>(std::move(out)) : Result<ShelfState>(read.error());
}

json::Value to_json(const ShelfInput::Place& place) {
    return json::object({{"id", place.id},
                         {"name", place.name},
                         {"parent", place.parent},
                         {"is_feeder", place.is_feeder},
                         {"rating_w", place.rating_w}});
}

Result<ShelfInput::Place> place_of(const json::Value& value) {
    json::ObjectReader read(value);
    ShelfInput::Place out;
    out.id = read.text("id", 64, 1);
    out.name = read.text("name", text_max);
    out.parent = read.text("parent", 64);
    out.is_feeder = read.boolean("is_feeder");
    out.rating_w = read.integer("rating_w", 0, amount_max);
    read.refuse_unknown();
    return read.ok() ? Result<ShelfInput::Place>(std::move(out)) : Result<ShelfInput::Place>(read.error());
}

json::Value to_json(const ShelfInput::Edge& edge) {
    return json::object({{"id", edge.id},
                         {"name", edge.name},
                         {"from", edge.from},
                         {"to", edge.to},
                         {"rating_w", edge.rating_w},
                         {"minutes", edge.minutes},
                         {"is_remote", edge.is_remote}});
}

Result<ShelfInput::Edge> edge_of(const json::Value& value) {
    json::ObjectReader read(value);
    ShelfInput::Edge out;
    out.id = read.text("id", 64, 1);
    out.name = read.text("name", text_max);
    out.from = read.text("from", 64, 1);
    out.to = read.text("to", 64, 1);
    out.rating_w = read.integer("rating_w", 0, amount_max);
    out.minutes = read.integer("minutes", 0, amount_max);
    out.is_remote = read.boolean("is_remote");
    read.refuse_unknown();
    return read.ok() ? Result<ShelfInput::Edge>(std::move(out)) : Result<ShelfInput::Edge>(read.error());
}

}  // namespace

json::Value to_json(const ShelfInput& input) {
    return json::object({{"element", input.element},
                         {"season", grid::to_string(input.season)},
                         {"places", listed<ShelfInput::Place>(input.places, to_json)},
                         {"ties", listed<ShelfInput::Edge>(input.ties, to_json)},
                         {"limits", listed<grid::Limit>(input.limits, grid::to_json)},
                         {"state", to_json(input.state)}});
}

Result<ShelfInput> shelf_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    ShelfInput out;
    out.element = read.text("element", 64, 1);
    out.season = read.word("season", grid::parse_season);
    out.places = json::read_items<ShelfInput::Place>(read, "places", places_max, place_of);
    out.ties = json::read_items<ShelfInput::Edge>(read, "ties", list_max, edge_of);
    out.limits = json::read_items<grid::Limit>(read, "limits", places_max, grid::limit_from_json);
    out.state = read.take("state", state_of(read.value("state")));
    read.refuse_unknown();
    return read.ok() ? Result<ShelfInput>(std::move(out)) : Result<ShelfInput>(read.error());
}

}  // namespace headroom::contingency
