#include "copilot/proposal.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"

#include <cmath>

namespace headroom::copilot {
namespace {

constexpr std::string_view tool_name = "propose_plan";
constexpr std::size_t name_bytes_max = 64;
constexpr std::int64_t slots_max = 96;
constexpr double power_kw_max = 100'000.0;
constexpr json::ParseLimits proposal_limits{.bytes = 64UL << 10U, .depth = 6};

json::Value object_schema(json::Object properties) {
    json::Array required;
    for (const auto& [name, schema] : properties.members()) {
        required.emplace_back(name);
    }
    return json::object({{"type", "object"},
                         {"properties", std::move(properties)},
                         {"required", std::move(required)},
                         {"additionalProperties", false}});
}

json::Value text_schema(std::string_view about) {
    return json::object({{"type", "string"}, {"description", about}});
}

Result<ProposedAction> action_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    ProposedAction action;
    action.offer = read.text("offer", name_bytes_max, 1);
    action.slot = read.integer("slot", 1, slots_max);
    const std::optional<double> power = read.value("power_kw").as_double();
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    if (!power || !std::isfinite(*power) || *power < 0.0 || *power > power_kw_max) {
        return Error{Errc::invalid, "power_kw is no number between 0 and 100000", "/power_kw"};
    }
    action.power_kw = *power;
    return action;
}

/// A text that is one JSON document, perhaps between code fences.
std::string_view inner_document(std::string_view text) {
    const auto trim = [](std::string_view part) {
        const std::size_t begin = part.find_first_not_of(" \t\r\n");
        return begin == std::string_view::npos
                   ? std::string_view{}
                   : part.substr(begin, part.find_last_not_of(" \t\r\n") - begin + 1);
    };
    text = trim(text);
    if (text.starts_with("```") && text.ends_with("```") && text.size() > 6) {
        text.remove_suffix(3);
        text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
        text = trim(text);
    }
    return text;
}

}  // namespace

Tool proposal_tool() {
    json::Object action{{"offer", text_schema("Name of an offer of the data.")},
                        {"slot", json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", slots_max}})},
                        {"power_kw", json::object({{"type", "number"}, {"minimum", 0}})}};
    json::Object properties{
        {"event", text_schema("Name of the event of the data.")},
        {"actions", json::object({{"type", "array"},
                                  {"maxItems", static_cast<std::int64_t>(actions_max)},
                                  {"items", object_schema(std::move(action))}})},
        {"summary", text_schema("What is proposed, for the operator, in two sentences at most.")},
        {"justification", text_schema("Why, from the data's figures only.")}};
    return {.name = std::string(tool_name),
            .description = "Propose which offers are used in which half-hours with how much power.",
            .parameters = object_schema(std::move(properties))};
}

Result<Proposal> proposal_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Proposal proposal;
    proposal.event = read.text("event", name_bytes_max, 1);
    std::size_t place = 0;
    for (const json::Value& item : read.array("actions", actions_max)) {
        Result<ProposedAction> action = action_from_json(item);
        if (!action) {
            return Error{Errc::invalid, action.error().message,
                         "/actions/" + std::to_string(place) + action.error().pointer};
        }
        proposal.actions.push_back(std::move(*action));
        ++place;
    }
    proposal.summary = read.text("summary", summary_bytes_max);
    proposal.justification = read.text("justification", justification_bytes_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return proposal;
}

Result<Proposal> proposal_of(const Turn& turn) {
    if (turn.calls.size() > 1) {
        return Error{Errc::invalid,
                     "one proposal is asked for, and " + std::to_string(turn.calls.size()) + " came"};
    }
    if (turn.calls.size() == 1) {
        const ToolCall& call = turn.calls.front();
        if (call.name != tool_name) {
            return Error{Errc::invalid, "a function was called that was not offered"};
        }
        return call.fault.empty() ? proposal_from_json(call.arguments)
                                  : Result<Proposal>(Error{Errc::invalid, call.fault});
    }
    const Result<json::Value> document = json::parse(inner_document(turn.text), proposal_limits);
    if (!document) {
        return Error{Errc::invalid, "no proposal came: neither a call nor JSON"};
    }
    return proposal_from_json(*document);
}

}  // namespace headroom::copilot
