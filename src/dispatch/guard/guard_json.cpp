#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "dispatch/guard/guard.hpp"

namespace headroom::dispatch::guard {

namespace {

constexpr std::int64_t sum_max = 1'000'000'000'000;
constexpr std::int64_t count_max = 1'000'000'000;

}  // namespace

json::Value to_json(const GuardQuestion& question) {
    json::Object object =
        json::object({{"instruction", dispatch::to_json(question.instruction)},
                      {"feeder", question.feeder},
                      {"substation", question.substation},
                      {"limit_is_import", question.limit_is_import},
                      {"turn_up", question.turn_up},
                      {"is_renewal", question.is_renewal},
                      {"event_power_sent_w", question.event_power_sent.value},
                      {"feeder_power_last_minute_w", question.feeder_power_last_minute.value},
                      {"substation_power_last_minute_w", question.substation_power_last_minute.value},
                      {"starts_same_moment", question.starts_same_moment},
                      {"der_starts_today", question.der_starts_today},
                      {"feeder_state", question.feeder_state},
                      {"feeder_held", question.feeder_held},
                      {"named_person", question.named_person},
                      {"stop_all", question.stop_all},
                      {"der_power_max_w", question.der_power_max.value},
                      {"now", format_utc(question.now)}});
    if (question.frequency_mhz) {
        object.set("frequency_mhz", *question.frequency_mhz);
    }
    return object;
}

Result<GuardQuestion> guard_question_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    GuardQuestion question;
    question.instruction = read.take("instruction", instruction_from_json(read.value("instruction")));
    question.feeder = read.text("feeder");
    question.substation = read.text("substation");
    question.limit_is_import = read.boolean("limit_is_import");
    question.turn_up = read.boolean("turn_up");
    question.is_renewal = read.boolean("is_renewal");
    question.event_power_sent = Watts{read.integer("event_power_sent_w", 0, sum_max)};
    question.feeder_power_last_minute = Watts{read.integer("feeder_power_last_minute_w", 0, sum_max)};
    question.substation_power_last_minute = Watts{read.integer("substation_power_last_minute_w", 0, sum_max)};
    question.starts_same_moment = read.integer("starts_same_moment", 0, count_max);
    question.der_starts_today = read.integer("der_starts_today", 0, count_max);
    question.feeder_state = read.text("feeder_state", 32);
    question.feeder_held = read.boolean("feeder_held");
    question.named_person = read.boolean("named_person");
    question.stop_all = read.boolean("stop_all");
    question.frequency_mhz = read.optional_integer("frequency_mhz", 0, 1'000'000);
    question.der_power_max = Watts{read.integer("der_power_max_w", 0, sum_max)};
    question.now = read.time("now");
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return question;
}

json::Value to_json(const GuardRules& rules) {
    return json::object(
        {{"id", rules.id},
         {"version", rules.version},
         {"event_max_w", rules.power_per_event_max.value},
         {"feeder_minute_max_w", rules.power_per_feeder_minute_max.value},
         {"substation_minute_max_w", rules.power_per_substation_minute_max.value},
         {"simultaneous_starts_max", rules.simultaneous_starts_max},
         {"starts_per_der_per_day_max", rules.starts_per_der_per_day_max},
         {"expiry_max_ms", rules.expiry_max.count()},
         {"protected_ders", json::Array(rules.protected_ders.begin(), rules.protected_ders.end())},
         {"frequency_low_mhz", rules.frequency_low_mhz},
         {"frequency_high_mhz", rules.frequency_high_mhz}});
}

Result<GuardRules> guard_rules_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    GuardRules rules;
    rules.id = read.text("id", 64, 1);
    rules.version = read.integer("version", 0, count_max);
    rules.power_per_event_max = Watts{read.integer("event_max_w", 0, sum_max)};
    rules.power_per_feeder_minute_max = Watts{read.integer("feeder_minute_max_w", 0, sum_max)};
    rules.power_per_substation_minute_max = Watts{read.integer("substation_minute_max_w", 0, sum_max)};
    rules.simultaneous_starts_max = read.integer("simultaneous_starts_max", 0, count_max);
    rules.starts_per_der_per_day_max = read.integer("starts_per_der_per_day_max", 0, count_max);
    rules.expiry_max = milliseconds{read.integer("expiry_max_ms", 0, 86'400'000)};
    rules.protected_ders = read.texts("protected_ders", 100'000, 64);
    rules.frequency_low_mhz = read.integer("frequency_low_mhz", 0, 1'000'000);
    rules.frequency_high_mhz = read.integer("frequency_high_mhz", 0, 1'000'000);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return rules;
}

}  // namespace headroom::dispatch::guard
