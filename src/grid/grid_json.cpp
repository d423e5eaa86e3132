#include "grid/grid_json.hpp"

#include "core/object_reader.hpp"
#include "grid/envelope_product.hpp"

#include <cmath>
#include <cstdint>

namespace headroom::grid {
namespace {

constexpr std::int64_t value_milli_max = static_cast<std::int64_t>(limit_value_max) * 1000;
constexpr std::int64_t power_w_max = 1'000'000'000'000;                  // a terawatt
constexpr std::int64_t amount_micro_pounds_max = 1'000'000'000'000'000;  // a billion pounds
constexpr std::int64_t emergency_minutes_max = 7 * 24 * 60;
constexpr std::size_t text_max = 1024;

/// An id of ours, or "" where that means something.
std::string read_id(json::ObjectReader& read, std::string_view key, bool may_be_empty) {
    std::string id = read.text(key, 64);
    if (read.ok() && !is_valid_id(id) && !(may_be_empty && id.empty())) {
        read.refuse(key, "'" + id + "' is no id");
    }
    return id;
}

}  // namespace

json::Value to_json(const Substation& substation) {
    return json::Object{{"id", substation.id.value},
                        {"parent_id", substation.parent},
                        {"name", substation.name},
                        {"kind", substation.kind},
                        {"lat", substation.lat},
                        {"lon", substation.lon},
                        {"rating_kw", substation.rating.value},
                        {"source_ref", substation.source_ref}};
}

json::Value to_json(const Feeder& feeder) {
    return json::Object{{"id", feeder.id.value},
                        {"parent_id", feeder.parent},
                        {"name", feeder.name},
                        {"kind", feeder.kind},
                        {"lat", feeder.lat},
                        {"lon", feeder.lon},
                        {"rating_kw", feeder.rating.value},
                        {"source_ref", feeder.source_ref}};
}

json::Value to_json(const Der& der) {
    return json::Object{{"id", der.id.value},
                        {"name", der.name},
                        {"der_class", to_string(der.der_class)},
                        {"feeder", der.feeder.value},
                        {"phase", to_string(der.phase)},
                        {"phase_confidence_pct", der.phase_confidence_pct},
                        {"turn_down_max_w", der.turn_down_max.value},
                        {"turn_up_max_w", der.turn_up_max.value},
                        {"energy_wh", der.energy.value},
                        {"notice_ms", std::int64_t{der.notice.count()}},
                        {"ramp_w_per_s", der.ramp_w_per_s},
                        {"programme", der.programme},
                        {"lat", der.lat},
                        {"lon", der.lon},
                        {"source_ref", der.source_ref}};
}

json::Value to_json(const Tie& tie) {
    return json::Object{{"id", tie.id.value},
                        {"ends", json::Array{tie.ends[0], tie.ends[1]}},
                        {"name", tie.name},
                        {"rating_kw", tie.rating.value},
                        {"switching_minutes", std::int64_t{tie.switching.count()}},
                        {"is_remote", tie.is_remote},
                        {"lat", tie.lat},
                        {"lon", tie.lon},
                        {"source_ref", tie.source_ref}};
}

json::Value to_json(const Limit& limit) {
    return json::Object{{"asset", limit.asset},
                        {"quantity", to_string(limit.quantity)},
                        {"phase", to_string(limit.phase)},
                        {"direction", to_string(limit.direction)},
                        {"kind", to_string(limit.kind)},
                        {"emergency_minutes", limit.emergency_minutes},
                        {"season", to_string(limit.season)},
                        {"value_milli", static_cast<std::int64_t>(std::llround(limit.value * 1000.0))},
                        {"source", limit.source},
                        {"verified_by", limit.verified_by}};
}

json::Value to_json(const StateEntry& entry) {
    return json::Object{{"state", to_string(entry.state)},
                        {"since", format_utc(entry.since)},
                        {"source", entry.source},
                        {"person", entry.person},
                        {"held_by_engineer", entry.held_by_engineer}};
}

json::Value to_json(const AuthorityEnvelope& envelope) {
    json::Object object{{"id", envelope.id}, {"asset", envelope.asset}};
    if (envelope.limit_kind) {
        object.set("limit_kind", to_string(*envelope.limit_kind));
    }
    object.set("product", envelope.product);
    if (envelope.der_class) {
        object.set("der_class", to_string(*envelope.der_class));
    }
    object.set("power_max_w", envelope.power_max.value)
        .set("cost_max_micro_pounds", envelope.cost_max.value)
        .set("from", format_utc(envelope.from))
        .set("until", format_utc(envelope.until))
        .set("granted_by", envelope.granted_by)
        .set("revoked", envelope.revoked);
    return object;
}

Result<Limit> limit_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Limit limit;
    limit.asset = read_id(read, "asset", false);
    limit.quantity = read.word("quantity", parse_quantity);
    limit.phase = read.word("phase", parse_phase);
    limit.direction = read.word("direction", parse_direction);
    limit.kind = read.word("kind", parse_limit_kind);
    limit.emergency_minutes = static_cast<int>(read.integer("emergency_minutes", 0, emergency_minutes_max));
    limit.season = read.word("season", parse_season);
    limit.value = static_cast<double>(read.integer("value_milli", 1, value_milli_max)) / 1000.0;
    limit.source = read.text("source", text_max);
    limit.verified_by = read.text("verified_by", text_max);
    read.refuse_unknown();
    return read.ok() ? Result<Limit>(std::move(limit)) : read.error();
}

Result<StateEntry> state_entry_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    StateEntry entry;
    entry.state = read.word("state", parse_operational_state);
    entry.since = read.time("since");
    entry.source = read.text("source", text_max);
    entry.person = read.text("person", text_max);
    entry.held_by_engineer = read.boolean("held_by_engineer");
    read.refuse_unknown();
    return read.ok() ? Result<StateEntry>(std::move(entry)) : read.error();
}

Result<AuthorityEnvelope> authority_envelope_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    AuthorityEnvelope envelope;
    envelope.id = read_id(read, "id", false);
    envelope.asset = read_id(read, "asset", true);
    if (read.has("limit_kind")) {
        envelope.limit_kind = read.word("limit_kind", parse_limit_kind);
    }
    envelope.product = read.text("product", 64);
    if (read.ok() && !is_envelope_product(envelope.product)) {
        read.refuse("product", "'" + envelope.product + "' is not armed, spot, week_ahead or empty");
    }
    if (read.has("der_class")) {
        envelope.der_class = read.word("der_class", parse_der_class);
    }
    envelope.power_max = Watts{read.integer("power_max_w", 0, power_w_max)};
    envelope.cost_max = MicroPounds{read.integer("cost_max_micro_pounds", 0, amount_micro_pounds_max)};
    envelope.from = read.time("from");
    envelope.until = read.time("until");
    envelope.granted_by = read.text("granted_by", text_max, 1);
    envelope.revoked = read.boolean("revoked");
    read.refuse_unknown();
    return read.ok() ? Result<AuthorityEnvelope>(std::move(envelope)) : read.error();
}

}  // namespace headroom::grid
