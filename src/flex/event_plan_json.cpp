// A live event's decision as it stands in the log. Rules and facts hold fractions, which a canonical document
// does not: they are kept as the JSON text that reads back to the same numbers.
#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "core/reflect_json.hpp"
#include "flex/event_plan.hpp"

namespace headroom::flex {
namespace {

constexpr std::size_t text_max = 4UL * 1024 * 1024;

template <class T>
Result<T> read_text(json::ObjectReader& read, std::string_view key) {
    const Result<json::Value> parsed = json::parse(read.text(key, text_max));
    return parsed ? from_json<T>(*parsed) : Result<T>(parsed.error());
}

}  // namespace

json::Value to_json(const EventPlanInput& input) {
    json::Object out{{"base", to_json(input.base)}, {"facts", json::write(headroom::to_json(input.facts))}};
    if (input.base.product != ContractKind::spot && !input.base.programmes) {
        out.set("product", to_string(input.base.product));
    }
    if (input.book != nullptr) {
        out.set("book", json::write(headroom::to_json(*input.book)));
    }
    return out;
}

Result<EventPlanInput> event_plan_input_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    EventPlanInput input;
    input.base = read.take("base", plan_input_from_json(read.value("base")));
    input.facts = read.take("facts", read_text<EventFacts>(read, "facts"));
    if (read.has("product")) {
        input.base.product = read.word("product", parse_contract_kind);
    }
    if (read.has("book")) {
        input.book = std::make_shared<const RuleBook>(read.take("book", read_text<RuleBook>(read, "book")));
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return input;
}

Result<PlanInput> recorded_plan_input(const json::Value& value) {
    const json::Value* base = value.get("base");
    return plan_input_from_json(base == nullptr ? value : *base);
}

std::string event_plan_sha256(const EventPlan& plan) {
    return event_plan_sha256(plan_sha256(plan.plan), plan.notes);
}

std::string event_plan_sha256(const std::string& plan_sha256, const PlanNotes& made) {
    json::Value notes = headroom::to_json(made);
    if (made.weights.empty()) {
        notes.as_object()->erase("weights");  // decisions of before there were any stay what they were
    }
    if (!made.chance) {
        notes.as_object()->erase("chance");
    }
    return to_hex(sha256({plan_sha256, "\n", json::write(notes)}));
}

}  // namespace headroom::flex
