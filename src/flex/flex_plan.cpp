#include "flex/flex_plan.hpp"

#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/object_items.hpp"
#include "core/object_reader.hpp"
#include "core/units.hpp"

namespace headroom::flex {

namespace {

constexpr std::size_t feeders_below_max = 10'000;
constexpr std::size_t sentence_max = 4096;

json::Value texts(const std::vector<std::string>& strings) {
    return json::Array(strings.begin(), strings.end());
}

json::Value to_json(const Alternative& alternative) {
    return json::object({{"name", alternative.name},
                         {"cost_micro_pounds", alternative.cost.value},
                         {"shortfall_peak_w", alternative.shortfall_peak.value},
                         {"shortfall_energy_wh", alternative.shortfall_energy.value},
                         {"lines", static_cast<std::int64_t>(alternative.lines)},
                         {"note", alternative.note}});
}

Result<Alternative> alternative_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Alternative alternative;
    alternative.name = read.text("name");
    alternative.cost = MicroPounds{read.integer("cost_micro_pounds", -amount_max, amount_max)};
    alternative.shortfall_peak = Watts{read.integer("shortfall_peak_w", 0, amount_max)};
    alternative.shortfall_energy = WattHours{read.integer("shortfall_energy_wh", 0, amount_max)};
    alternative.lines = static_cast<std::size_t>(read.integer("lines", 0, offers_max));
    alternative.note = read.text("note", sentence_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return alternative;
}

}  // namespace

json::Value to_json(const PlanLine& line) {
    json::Object out{{"offer", to_json(line.offer)},
                     {"power_w", to_json(line.power_w)},
                     {"energy_wh", line.energy.value},
                     {"cost_micro_pounds", line.cost.value},
                     {"relief_peak_w", line.relief_peak.value}};
    if (!line.programme.empty()) {
        out.set("programme", line.programme);
    }
    return out;
}

Result<PlanLine> plan_line_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PlanLine line;
    line.offer = read.take("offer", offer_from_json(read.value("offer")));
    line.power_w = read.take("power_w", interval_grid_from_json(read.value("power_w")));
    line.energy = WattHours{read.integer("energy_wh", 0, amount_max)};
    line.cost = MicroPounds{read.integer("cost_micro_pounds", 0, amount_max)};
    line.relief_peak = Watts{read.integer("relief_peak_w", 0, amount_max)};
    line.programme = read.text_or_empty("programme", 64);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return line;
}

json::Value to_json(const PlanRules& rules) {
    return json::object({{"id", rules.id},
                         {"version", rules.version},
                         {"margin_ppm", rules.margin_ppm},
                         {"reliability_floor_ppm", rules.reliability_floor_ppm},
                         {"cost_max_micro_pounds", rules.cost_max.value},
                         {"node_budget", rules.node_budget},
                         {"unserved_price", rules.unserved_price.value},
                         {"by_reliability", rules.by_reliability}});
}

Result<PlanRules> plan_rules_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PlanRules rules;
    rules.id = read.text("id", 64, 1);
    rules.version = read.integer("version", 0, 1'000'000'000);
    rules.margin_ppm = read.integer("margin_ppm", 0, whole_ppm);
    rules.reliability_floor_ppm = read.integer("reliability_floor_ppm", 0, whole_ppm);
    rules.cost_max = MicroPounds{read.integer("cost_max_micro_pounds", 0, amount_max)};
    rules.node_budget = read.integer("node_budget", 1, 100'000'000);
    rules.unserved_price = MicroPoundsPerMwh{read.integer("unserved_price", 0, price_max.value)};
    rules.by_reliability = read.boolean("by_reliability");
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return rules;
}

json::Value to_json(const PlanInput& input) {
    json::Array offers;
    offers.reserve(input.offers.size());
    for (const Offer& offer : input.offers) {
        offers.push_back(to_json(offer));
    }
    json::Array reserved;
    reserved.reserve(input.reserved_w.size());
    for (const std::vector<std::int64_t>& row : input.reserved_w) {
        reserved.emplace_back(json::Array(row.begin(), row.end()));
    }
    json::Object out = json::object({{"overload", risk::to_json(input.overload)},
                                     {"offers", std::move(offers)},
                                     {"reserved_w", std::move(reserved)}});
    if (!input.feeders_below.empty()) {
        out.set("feeders_below", json::Array(input.feeders_below.begin(), input.feeders_below.end()));
    }
    out.set("rules", to_json(input.rules));
    out.set("now", format_utc(input.now));
    if (input.programmes) {
        out.set("programmes", to_json(*input.programmes));
        out.set("product", to_string(input.product));
    }
    return out;
}

Result<PlanInput> plan_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    PlanInput input;
    input.overload = read.take("overload", risk::overload_from_json(read.value("overload")));
    input.offers = json::read_items<Offer>(read, "offers", offers_max, offer_from_json);
    const json::Array& reserved = read.array("reserved_w", offers_max);
    for (std::size_t row = 0; row < reserved.size() && read.ok(); ++row) {
        // A row is read like a member so that its faults carry its pointer.
        const json::Value holder = json::object({{"row", reserved[row]}});
        json::ObjectReader row_read(holder);
        input.reserved_w.push_back(row_read.integers("row", slots_max, 0, 1'000'000'000));
        if (!row_read.ok()) {
            read.keep(Error{Errc::invalid, row_read.error().message, read.path("reserved_w", row)});
        }
    }
    if (read.has("feeders_below")) {
        input.feeders_below = read.texts("feeders_below", feeders_below_max, 64);
    }
    input.rules = read.take("rules", plan_rules_from_json(read.value("rules")));
    input.now = read.time("now");
    if (read.has("programmes")) {
        input.programmes = read.take("programmes", programme_book_from_json(read.value("programmes")));
        input.product = read.word("product", parse_contract_kind);
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return input;
}

json::Value to_json(const FlexPlan& plan) {
    json::Array lines;
    for (const PlanLine& line : plan.lines) {
        lines.push_back(to_json(line));
    }
    json::Array alternatives;
    for (const Alternative& alternative : plan.alternatives) {
        alternatives.push_back(to_json(alternative));
    }
    json::Object object = json::object({{"event", plan.event.value},
                                        {"feeder", plan.feeder},
                                        {"lines", std::move(lines)},
                                        {"need_w", to_json(plan.need_w)},
                                        {"relief_w", to_json(plan.relief_w)},
                                        {"shortfall_peak_w", plan.shortfall_peak.value},
                                        {"shortfall_energy_wh", plan.shortfall_energy.value},
                                        {"cost_micro_pounds", plan.cost.value},
                                        {"alternatives", std::move(alternatives)},
                                        {"chosen", plan.chosen},
                                        {"reasons", texts(plan.reasons)},
                                        {"left_out", texts(plan.left_out)},
                                        {"nodes_used", plan.nodes_used},
                                        {"rule_set", plan.rule_set}});
    if (plan.bound) {
        object.set("bound_micro_pounds", plan.bound->value);
    }
    return object;
}

Result<FlexPlan> flex_plan_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    FlexPlan plan;
    plan.event = EventId{read.text("event", 64)};
    plan.feeder = read.text("feeder");
    plan.lines = json::read_items<PlanLine>(read, "lines", offers_max, plan_line_from_json);
    plan.need_w = read.take("need_w", interval_grid_from_json(read.value("need_w")));
    plan.relief_w = read.take("relief_w", interval_grid_from_json(read.value("relief_w")));
    plan.shortfall_peak = Watts{read.integer("shortfall_peak_w", 0, amount_max)};
    plan.shortfall_energy = WattHours{read.integer("shortfall_energy_wh", 0, amount_max)};
    plan.cost = MicroPounds{read.integer("cost_micro_pounds", 0, amount_max)};
    plan.alternatives = json::read_items<Alternative>(read, "alternatives", 64, alternative_from_json);
    plan.chosen = read.text("chosen");
    plan.reasons = read.texts("reasons", 64, sentence_max);
    plan.left_out = read.texts("left_out", offers_max, sentence_max);
    plan.nodes_used = read.integer("nodes_used", 0, amount_max);
    plan.rule_set = read.text("rule_set");
    if (const auto bound = read.optional_integer("bound_micro_pounds", 0, amount_max)) {
        plan.bound = MicroPounds{*bound};
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return plan;
}

std::string plan_sha256(const FlexPlan& plan) {
    return plan_sha256(to_json(plan));
}

std::string plan_sha256(const json::Value& plan) {
    const Result<std::string> canonical = json::write_canonical(plan);
    // Whole numbers and keys of our own: it cannot fail but by our own mistake (a string that is no UTF-8 is
    // refused where it comes in).
    HEADROOM_ASSERT(canonical.has_value());
    return sha256_hex(canonical.value());
}

}  // namespace headroom::flex
