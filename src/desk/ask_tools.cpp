#include "desk/ask_tools.hpp"

#include "copilot/untrusted.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "core/reflect_json.hpp"
#include "desk/desk.hpp"
#include "desk/knowledge.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::int64_t feeders_max = 20;
constexpr std::int64_t events_max = 20;
constexpr std::size_t passages_answered = 3;
constexpr std::size_t id_bytes_max = 128;

json::Value schema_of(json::Object properties) {
    json::Array required;
    for (const auto& [name, schema] : properties.members()) {
        required.emplace_back(name);
    }
    return json::object({{"type", "object"},
                         {"properties", std::move(properties)},
                         {"required", std::move(required)},
                         {"additionalProperties", false}});
}
json::Value text_property(std::string_view about) {
    return json::object({{"type", "string"}, {"description", about}});
}
json::Value count_property(std::int64_t most) {
    return json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", most}});
}

ToolOutcome fault(const Error& error) {
    return {.content = json::object({{"error", error.message}}), .citations = {}, .is_error = true};
}

CitationAnswer query_citation(std::string label, std::string path) {
    return {.kind = "query", .label = std::move(label), .path = std::move(path), .seq = {}};
}
CitationAnswer entry_citation(std::string label, std::int64_t seq) {
    return {.kind = "entry",
            .label = std::move(label),
            .path = "/api/v1/audit/entries?from=" + std::to_string(seq) + "&limit=1",
            .seq = seq};
}

/// Members of an answer that carry ids and figures, in this order; null ones are left out.
json::Object chosen(const json::Value& whole, std::initializer_list<std::string_view> members) {
    json::Object out;
    for (const std::string_view member : members) {
        const json::Value* value = whole.get(member);
        if (value != nullptr && !value->is_null()) {
            out.set(std::string(member), *value);
        }
    }
    return out;
}

json::Object feeder_content(const FeederAnswer& feeder) {
    return chosen(to_json(feeder),
                  {"feeder_id", "name", "kind", "level", "parent_id", "phase", "load_kw", "limit_kw",
                   "headroom_kw", "headroom_share", "at", "age_s", "stale", "state", "expected", "event_id"});
}

json::Object event_content(const EventSummaryAnswer& event) {
    return chosen(to_json(event), {"event_id",
                                   "feeder_id",
                                   "phase",
                                   "state",
                                   "cause",
                                   "level",
                                   "start",
                                   "end",
                                   "required_kw",
                                   "contracted_kw",
                                   "shortfall_kw",
                                   "delivered_kw",
                                   "delivered_kwh",
                                   "cost_gbp",
                                   "statement_gbp",
                                   "outcome",
                                   "waits_for_approval",
                                   "limit_kw",
                                   "peak_without_kw",
                                   "peak_with_kw"});
}

Awaitable<ToolOutcome> status_tool(Desk& desk) {
    const json::Object whole = desk.status();
    co_return ToolOutcome{
        .content = chosen(whole, {"now", "settlement_period", "counts", "armed_kw", "active_kw",
                                  "open_events", "data_age_s", "stopped_areas"}),
        .citations = {query_citation("status", "/api/v1/status")},
        .is_error = false};
}

Awaitable<ToolOutcome> tightest_tool(Desk& desk, std::int64_t limit) {
    FeederQuery query{.order = FeederOrder::headroom, .page = {.limit = static_cast<std::size_t>(limit)}};
    const Result<Page<FeederAnswer>> page = desk.feeders().list(query);
    if (!page) {
        co_return fault(page.error());
    }
    json::Array feeders;
    for (const FeederAnswer& feeder : page->items) {
        feeders.emplace_back(feeder_content(feeder));
    }
    const std::string path = "/api/v1/feeders?sort=headroom&limit=" + std::to_string(limit);
    co_return ToolOutcome{.content = json::object({{"feeders", std::move(feeders)}}),
                          .citations = {query_citation("feeders by headroom", path)},
                          .is_error = false};
}

Awaitable<ToolOutcome> feeder_tool(Desk& desk, std::string id) {
    const Result<FeederAnswer> feeder = desk.feeders().one(id);
    if (!feeder) {
        co_return fault(feeder.error());
    }
    co_return ToolOutcome{
        .content = feeder_content(*feeder),
        .citations = {query_citation("feeder " + id, "/api/v1/feeders/" + net::percent_encode(id))},
        .is_error = false};
}

Awaitable<ToolOutcome> events_tool(Desk& desk, std::string state, std::int64_t limit) {
    EventQuery query{.state = state, .feeder = {}, .page = {.limit = static_cast<std::size_t>(limit)}};
    const Result<Page<EventSummaryAnswer>> page = desk.events().list(query);
    if (!page) {
        co_return fault(page.error());
    }
    json::Array events;
    for (const EventSummaryAnswer& event : page->items) {
        events.emplace_back(event_content(event));
    }
    const std::string path =
        "/api/v1/events?state=" + net::percent_encode(state) + "&limit=" + std::to_string(limit);
    co_return ToolOutcome{.content = json::object({{"events", std::move(events)}}),
                          .citations = {query_citation(state + " events", path)},
                          .is_error = false};
}

Awaitable<ToolOutcome> event_tool(Desk& desk, std::string id) {
    const std::optional<agents::EventRecord> record = desk.parts().orchestration.event(EventId{id});
    if (!record) {
        co_return fault({Errc::not_found, "no event " + id});
    }
    co_return ToolOutcome{
        .content = event_content(desk.events().summary(*record)),
        .citations = {query_citation("event " + id, "/api/v1/events/" + net::percent_encode(id))},
        .is_error = false};
}

Awaitable<ToolOutcome> plan_tool(Desk& desk, std::string id) {
    Result<std::vector<PlanAnswer>> plans = co_await desk.events().plans(EventId{id});
    if (!plans || plans->empty()) {
        co_return fault(plans ? Error{Errc::not_found, "event " + id + " has no plan"} : plans.error());
    }
    const PlanAnswer& plan = plans->back();
    json::Object content =
        chosen(to_json(plan), {"plan_id", "event_id", "round", "state", "authority", "chosen", "cost_gbp",
                               "shortfall_kw", "need", "relief", "actions", "bound_gbp", "reasons"});
    co_return ToolOutcome{
        .content = std::move(content),
        .citations = {query_citation("plans of event " + id,
                                     "/api/v1/plans?event=" + net::percent_encode(id) + "&limit=1"),
                      entry_citation("plan " + plan.plan_id, plan.seq)},
        .is_error = false};
}

Awaitable<ToolOutcome> statement_tool(Desk& desk, std::string id) {
    Result<json::Object> detail = co_await desk.events().detail(EventId{id});
    if (!detail) {
        co_return fault(detail.error());
    }
    const json::Value* statement = detail->find("statement");
    if (statement == nullptr || !statement->is_object()) {
        co_return fault({Errc::not_found, "event " + id + " is not settled"});
    }
    json::Object content = chosen(
        *statement->as_object(), {"statement_id", "version", "state", "delivered_kwh", "total_gbp", "lines"});
    content.set("event_id", id);
    co_return ToolOutcome{
        .content = std::move(content),
        .citations = {query_citation("event " + id, "/api/v1/events/" + net::percent_encode(id)),
                      entry_citation("statement of " + id, statement->integer("/seq"))},
        .is_error = false};
}

Awaitable<ToolOutcome> rules_tool(Desk& desk, std::string words) {
    KnowledgeDesk* const knowledge = desk.parts().knowledge;
    if (knowledge == nullptr) {
        co_return fault({Errc::unavailable, "there are no rulebooks"});
    }
    knowledge::SearchQuery query{.text = std::move(words), .document = {}, .limit = passages_answered};
    Result<std::vector<PassageHitAnswer>> hits = co_await knowledge->search(std::move(query));
    if (!hits) {
        co_return fault(hits.error());
    }
    ToolOutcome out;
    json::Array passages;
    for (const PassageHitAnswer& hit : *hits) {
        passages.emplace_back(json::object({{"document", hit.document},
                                            {"section", hit.section},
                                            {"page", hit.page},
                                            {"line", hit.line},
                                            {"quote", hit.quote}}));
        const std::string place = hit.page > 0 ? ", page " + std::to_string(hit.page) : std::string();
        out.citations.push_back({.kind = "passage",
                                 .label = hit.document + place + ", line " + std::to_string(hit.line),
                                 .path = "/api/v1/knowledge/passages/" + std::to_string(hit.passage_id),
                                 .seq = {}});
    }
    out.content = json::object({{"passages", std::move(passages)}});
    co_return out;
}

/// What kind of id stands under a member; "" for none.
std::string_view kind_of(std::string_view member) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kinds{
        {{"feeder_id", "feeder"},
         {"parent_id", "substation"},
         {"event_id", "event"},
         {"plan_id", "plan"},
         {"statement_id", "statement"},
         {"der_id", "resource"},
         {"offer_id", "offer"},
         {"provider", "provider"},
         {"transaction_id", "order"},
         {"document", "document"},
         {"approved_by", "person"},
         {"stopped_areas", "area"}}};
    for (const auto& [name, kind] : kinds) {
        if (name == member) {
            return kind;
        }
    }
    return {};
}

/// Members whose text people or other programs wrote.
bool is_written(std::string_view member) {
    constexpr std::array<std::string_view, 10> names{"name", "note",  "reasons",  "quote",   "section",
                                                     "why",  "error", "left_out", "outcome", "title"};
    return std::find(names.begin(), names.end(), member) != names.end();
}

template <class Text>
json::Value mapped(const json::Value& value, std::string_view member, const Text& text) {
    if (const json::Object* object = value.as_object()) {
        json::Object out;
        for (const auto& [name, item] : object->members()) {
            out.set(name, mapped(item, name, text));
        }
        return out;
    }
    if (const json::Array* array = value.as_array()) {
        json::Array out;
        for (const json::Value& item : *array) {
            out.push_back(mapped(item, member, text));
        }
        return out;
    }
    const std::string* words = value.as_string();
    return words == nullptr ? value : text(member, *words);
}

}  // namespace

const std::vector<copilot::Tool>& ask_tools() {
    static const std::vector<copilot::Tool> tools{
        {.name = "status",
         .description = "Time, how many feeders have how much headroom, armed and active power, open events.",
         .parameters = schema_of({})},
        {.name = "tightest_feeders",
         .description =
             "Feeders with the least headroom now, tightest first: load, limit, headroom, expected peak.",
         .parameters = schema_of({{"limit", count_property(feeders_max)}})},
        {.name = "feeder",
         .description = "One feeder: load, limit, headroom, expected peak.",
         .parameters = schema_of({{"feeder", text_property("Its id.")}})},
        {.name = "events",
         .description = "Events, newest first.",
         .parameters = schema_of(
             {{"state", json::object({{"type", "string"}, {"enum", json::Array{"open", "over", "all"}}})},
              {"limit", count_property(events_max)}})},
        {.name = "event",
         .description = "One event: limit, need, what was contracted and delivered, cost.",
         .parameters = schema_of({{"event", text_property("Its id.")}})},
        {.name = "plan",
         .description = "The newest plan of an event: offers used, power in each half-hour, cost, reasons.",
         .parameters = schema_of({{"event", text_property("Id of the event.")}})},
        {.name = "statement",
         .description = "What was delivered and is paid for an event.",
         .parameters = schema_of({{"event", text_property("Id of the event.")}})},
        {.name = "rules",
         .description = "Passages of the operator's rulebooks.",
         .parameters = schema_of({{"words", text_property("Words to look for.")}})}};
    return tools;
}

Awaitable<ToolOutcome> run_ask_tool(Desk& desk, std::string name, json::Value arguments) {
    const auto known = std::find_if(ask_tools().begin(), ask_tools().end(),
                                    [&](const copilot::Tool& tool) { return tool.name == name; });
    if (known == ask_tools().end() || !arguments.is_object()) {
        co_return fault({Errc::invalid, "there is no such function, or its arguments are no object"});
    }
    json::ObjectReader read(arguments);
    const bool has_limit = name == "tightest_feeders" || name == "events";
    const std::int64_t limit = has_limit ? read.integer("limit", 1, std::max(feeders_max, events_max)) : 1;
    const std::string state = name == "events" ? read.text("state", 16, 1) : std::string();
    const std::string feeder = name == "feeder" ? read.text("feeder", id_bytes_max, 1) : std::string();
    const bool has_event = name == "event" || name == "plan" || name == "statement";
    const std::string event = has_event ? read.text("event", id_bytes_max, 1) : std::string();
    const std::string words = name == "rules" ? read.text("words", 512, 1) : std::string();
    read.refuse_unknown();
    if (!read.ok()) {
        co_return fault(read.error());
    }
    if (name == "status") {
        co_return co_await status_tool(desk);
    }
    if (name == "tightest_feeders") {
        co_return co_await tightest_tool(desk, limit);
    }
    if (name == "feeder") {
        co_return co_await feeder_tool(desk, feeder);
    }
    if (name == "events") {
        co_return co_await events_tool(desk, state, limit);
    }
    if (name == "event") {
        co_return co_await event_tool(desk, event);
    }
    if (name == "plan") {
        co_return co_await plan_tool(desk, event);
    }
    if (name == "statement") {
        co_return co_await statement_tool(desk, event);
    }
    co_return co_await rules_tool(desk, words);
}

json::Value hidden_content(const json::Value& content, copilot::Pseudonyms& names) {
    return mapped(content, {}, [&names](std::string_view member, const std::string& text) -> json::Value {
        if (is_written(member)) {
            return json::Value("[not shared]");
        }
        const std::string_view kind = kind_of(member);
        return kind.empty() || text.empty() ? json::Value(text) : json::Value(names.name_of(kind, text));
    });
}

json::Value named_content(const json::Value& content) {
    return mapped(content, {}, [](std::string_view member, const std::string& text) -> json::Value {
        return is_written(member) || !kind_of(member).empty() ? json::Value(copilot::as_data(text, 320))
                                                              : json::Value(text);
    });
}

}  // namespace headroom::desk
