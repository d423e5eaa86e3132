#include "api/operation.hpp"

#include <map>

namespace headroom::api {
namespace {

json::Value must_parse(std::string_view text) {
    Result<json::Value> parsed = json::parse(text);
    HEADROOM_ASSERT(parsed.has_value());  // examples in our own source are JSON
    return std::move(parsed).value();
}

json::Object parameter(std::string name, std::string_view in, std::string description, json::Object schema,
                       const std::string& example) {
    json::Object out{{"name", std::move(name)},
                     {"in", in},
                     {"description", std::move(description)},
                     {"required", in == "path"},
                     {"schema", std::move(schema)}};
    if (!example.empty()) {
        out.set("example", example);
    }
    return out;
}

/// Words for members of that name, so that examples read like answers.
const std::map<std::string_view, std::string_view>& words() {
    static const std::map<std::string_view, std::string_view> known{
        {"action", R"("on_search")"},
        {"actor", R"("system:core")"},
        {"approved_by", R"("envelope demo")"},
        {"authority", R"("act")"},
        {"authority_reason", R"("envelope demo allows it")"},
        {"cause", R"("forecast")"},
        {"chosen", R"("cheapest")"},
        {"class", R"("battery")"},
        {"der_class", R"("battery")"},
        {"der_id", R"("BAT-0001")"},
        {"direction", R"("import")"},
        {"event_id", R"("ev-20270114-7i3whrtl")"},
        {"feeder_id", R"("F-0130")"},
        {"kind", R"("domestic")"},
        {"level", R"("medium")"},
        {"message_id", R"("bd22d031-a552-8f08-a38c-0961087b8730")"},
        {"method", R"("ridge")"},
        {"name", R"("Abbey Road B")"},
        {"next_cursor", "null"},
        {"offer_id", R"("bat-0001-down")"},
        {"order_id", R"("ORD-f9697971")"},
        {"outcome", R"("ok")"},
        {"phase", R"("L1")"},
        {"plan_id", R"("ev-20270114-7i3whrtl.1")"},
        {"point_id", R"("F-0130/p_kw/L1")"},
        {"provider", R"("tesla-vpp")"},
        {"quality", R"("measured")"},
        {"quantity", R"("p_kw")"},
        {"sha256", R"("c44227086113ed389260245bbc07aba3c44227086113ed389260245bbc07aba3")"},
        {"source", R"("simulator")"},
        {"state", R"("active")"},
        {"statement_id", R"("st-20270114-7i3whrtl")"},
        {"substation_id", R"("S-033")"},
        {"total_gbp", R"("0.14")"},
        {"transaction_id", R"("14ee1c1f-60dc-86ae-8c2f-83f19c1e906f")"},
        {"unit", R"("kW")"},
    };
    return known;
}

std::string type_of(const json::Object& schema) {
    const json::Value* type = schema.find("type");
    if (type != nullptr && type->as_array() != nullptr && !type->as_array()->empty()) {
        type = &type->as_array()->front();
    }
    return type != nullptr && type->as_string() != nullptr ? *type->as_string() : "";
}

json::Value object_example(const json::Object& schema, const json::Object& definitions) {
    json::Object out;
    if (const json::Value* properties = schema.find("properties")) {
        for (const auto& [key, member] : properties->as_object()->members()) {
            out.set(key, example_of(*member.as_object(), definitions, key));
        }
    }
    return out;
}

json::Value number_example(const json::Object& schema, bool is_whole) {
    const json::Value* minimum = schema.find("minimum");
    if (is_whole) {
        return minimum != nullptr ? json::Value(std::max<std::int64_t>(1, minimum->as_int().value_or(1)))
                                  : json::Value(1);
    }
    return 12.5;
}

}  // namespace

json::Object text_schema(std::size_t max) {
    return json::Object{{"type", "string"}, {"maxLength", static_cast<std::int64_t>(max)}};
}

json::Object word_schema(std::initializer_list<std::string_view> given) {
    json::Array list;
    for (const std::string_view word : given) {
        list.emplace_back(word);
    }
    return json::Object{{"type", "string"}, {"enum", std::move(list)}};
}

json::Object number_schema(std::int64_t min, std::int64_t max) {
    return json::Object{{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

json::Object time_schema() {
    return json::Object{{"type", "string"}, {"format", "date-time"}};
}

json::Value example_of(const json::Object& schema, const json::Object& definitions, std::string_view name) {
    if (const json::Value* examples = schema.find("examples")) {
        return examples->as_array()->front();
    }
    if (const json::Value* reference = schema.find("$ref")) {
        const std::string& target = *reference->as_string();
        const json::Value* found = definitions.find(target.substr(target.rfind('/') + 1));
        return found != nullptr ? example_of(*found->as_object(), definitions, name) : json::Value();
    }
    if (const json::Value* any = schema.find("anyOf")) {
        return example_of(*any->as_array()->front().as_object(), definitions, name);
    }
    if (const json::Value* all = schema.find("allOf")) {
        json::Object out;
        for (const json::Value& part : *all->as_array()) {
            const json::Value value = example_of(*part.as_object(), definitions, name);
            for (const auto& [key, member] : value.as_object()->members()) {
                out.set(key, member);
            }
        }
        return out;
    }
    if (const json::Value* list = schema.find("enum")) {
        return list->as_array()->front();
    }
    const std::string type = type_of(schema);
    if (type == "object") {
        return object_example(schema, definitions);
    }
    if (type == "array") {
        const json::Value* items = schema.find("items");
        return items != nullptr ? json::Value(json::Array{example_of(*items->as_object(), definitions)})
                                : json::Value(json::Array{});
    }
    if (type == "boolean") {
        return false;
    }
    if (type == "integer" || type == "number") {
        return number_example(schema, type == "integer");
    }
    if (type == "string") {
        const json::Value* format = schema.find("format");
        if (format != nullptr && *format->as_string() == "date-time") {
            return "2027-01-14T17:30:00.000Z";
        }
        const auto known = words().find(name);
        return known != words().end() ? must_parse(known->second) : json::Value("");
    }
    return {};
}

json::Object schema_like(const json::Value& example) {
    if (const json::Object* object = example.as_object()) {
        json::Object properties;
        json::Array required;
        for (const auto& [key, member] : object->members()) {
            properties.set(key, schema_like(member));
            required.emplace_back(key);
        }
        return json::Object{
            {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
    }
    if (const json::Array* array = example.as_array()) {
        return json::Object{{"type", "array"},
                            {"items", array->empty() ? json::Object{} : schema_like(array->front())}};
    }
    if (example.is_null()) {
        return json::Object{};
    }
    return json::Object{{"type", example.is_bool()     ? "boolean"
                                 : example.is_int()    ? "integer"
                                 : example.is_number() ? "number"
                                                       : "string"}};
}

Operation::Operation(std::string role, std::string summary)
    : role_(std::move(role)), summary_(std::move(summary)) {}

Operation& Operation::about(std::string description) {
    operation_.set("description", std::move(description));
    return *this;
}

Operation& Operation::query(std::string name, std::string description, json::Object schema,
                            std::string example) {
    parameters_.emplace_back(
        parameter(std::move(name), "query", std::move(description), std::move(schema), example));
    return *this;
}

Operation& Operation::path(std::string name, std::string description, std::string example) {
    parameters_.emplace_back(
        parameter(std::move(name), "path", std::move(description), text_schema(), example));
    return *this;
}

Operation& Operation::paged() {
    query("limit", "Items of a page.", number_schema(1, 1000), "5");
    query("cursor", "`next_cursor` of the page before.", text_schema(1024));
    return query("fields", "Leaves only these members of each item, separated by commas.", text_schema());
}

Operation& Operation::writes(bool can_dry_run) {
    parameters_.emplace_back(
        parameter("Idempotency-Key", "header",
                  "Repeats under the same key within 24 hours get the first answer again and have no effect; "
                  "another request under it is 422.",
                  text_schema(128), ""));
    if (can_dry_run) {
        query("dry_run", "Validate and say what would happen, without doing it.",
              word_schema({"true", "false"}), "true");
    }
    return *this;
}

Operation& Operation::answers_json(int status, std::string description, json::Object schema) {
    json::Value example = example_of(schema, place_.definitions);
    json::Object media{{"schema", std::move(schema)}, {"example", std::move(example)}};
    responses_.set(std::to_string(status),
                   json::Object{{"description", std::move(description)},
                                {"content", json::Object{{"application/json", std::move(media)}}}});
    return *this;
}

Operation& Operation::answers_items(const std::string& name, json::Object items) {
    json::Object properties{{name, json::Object{{"type", "array"}, {"items", std::move(items)}}},
                            {"next_cursor", json::Object{{"type", json::Array{"string", "null"}},
                                                         {"description", "Null at the end."}}}};
    return answers_json(200, "A page.",
                        json::Object{{"type", "object"},
                                     {"properties", std::move(properties)},
                                     {"required", json::Array{name, "next_cursor"}}});
}

Operation& Operation::answers_like(int status, std::string description, std::string_view text) {
    json::Value example = must_parse(text);
    json::Object media{{"schema", schema_like(example)}, {"example", std::move(example)}};
    responses_.set(std::to_string(status),
                   json::Object{{"description", std::move(description)},
                                {"content", json::Object{{"application/json", std::move(media)}}}});
    return *this;
}

Operation& Operation::answers_text(int status, std::string description, std::string media_type) {
    const std::string key = std::to_string(status);
    const json::Value* known = responses_.find(key);
    json::Object content = known != nullptr && known->get("content") != nullptr
                               ? *known->get("content")->as_object()
                               : json::Object{};
    content.set(std::move(media_type), json::Object{{"schema", json::Object{{"type", "string"}}}});
    responses_.set(key,
                   json::Object{{"description", std::move(description)}, {"content", std::move(content)}});
    return *this;
}

Operation& Operation::answers_nothing(int status, std::string description) {
    responses_.set(std::to_string(status), json::Object{{"description", std::move(description)}});
    return *this;
}

Operation& Operation::takes_json(json::Object schema, std::string_view example, bool is_required) {
    json::Object media{{"schema", std::move(schema)}, {"example", must_parse(example)}};
    operation_.set("requestBody",
                   json::Object{{"required", is_required},
                                {"content", json::Object{{"application/json", std::move(media)}}}});
    return *this;
}

Operation& Operation::fails(std::initializer_list<int> statuses) {
    for (const int status : statuses) {
        responses_.set(std::to_string(status),
                       json::Object{{"$ref", "#/components/responses/Problem" + std::to_string(status)}});
    }
    return *this;
}

net::RouteOptions Operation::options() const {
    net::RouteOptions out;
    out.role = role_;
    out.summary = summary_;
    out.operation = operation_;
    if (!parameters_.empty()) {
        out.operation.set("parameters", parameters_);
    }
    out.operation.set("responses", responses_);
    out.schemas = place_.definitions;
    return out;
}

}  // namespace headroom::api
