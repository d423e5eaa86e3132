#include "core/reflect_schema.hpp"

#include <cmath>

namespace headroom::reflect_detail {
namespace {

json::Value bound(double value) {
    const json::Value number(value);
    const std::optional<std::int64_t> whole = number.as_int();
    return whole ? json::Value(*whole) : number;
}

/// The bounds that there are, under these names.
void set_bounds(json::Object& schema, const FieldOptions& options, json::Key minimum, json::Key maximum) {
    if (std::isfinite(options.minimum)) {
        schema.set(std::move(minimum), bound(options.minimum));
    }
    if (std::isfinite(options.maximum)) {
        schema.set(std::move(maximum), bound(options.maximum));
    }
}

void describe(json::Object& schema, std::string_view doc, const FieldOptions& options) {
    schema.set("description", doc);
    if (!options.unit.empty()) {
        schema.set("x-unit", options.unit);
    }
    if (!options.example.empty()) {
        const Result<json::Value> example = json::parse(options.example);
        HEADROOM_ASSERT(example.has_value());  // an example is JSON text
        schema.set("examples", json::Array{*example});
    }
    if (options.secret) {
        schema.set("writeOnly", true);
    }
    if (options.unused) {
        schema.set("x-unused", true);
    }
}

/// The schema with null allowed besides.
json::Object nullable(json::Object schema) {
    if (const json::Value* type = schema.find("type"); type != nullptr && type->is_string()) {
        json::Array types{*type, "null"};
        schema.set("type", std::move(types));
        return schema;
    }
    if (schema.empty()) {
        return schema;  // anything at all
    }
    return json::Object{{"anyOf", json::Array{std::move(schema), json::Object{{"type", "null"}}}}};
}

}  // namespace

json::Object plain_schema(std::string_view type, std::string_view format) {
    json::Object schema{{"type", type}};
    if (!format.empty()) {
        schema.set("format", format);
    }
    return schema;
}

json::Object whole_schema(const FieldOptions& options, bool is_unsigned) {
    json::Object schema = plain_schema("integer");
    if (is_unsigned && !(options.minimum >= 0)) {
        schema.set("minimum", 0);
    }
    set_bounds(schema, options, "minimum", "maximum");
    return schema;
}

json::Object number_schema(const FieldOptions& options) {
    json::Object schema = plain_schema("number");
    set_bounds(schema, options, "minimum", "maximum");
    return schema;
}

json::Object text_schema(const FieldOptions& options) {
    json::Object schema = plain_schema("string");
    set_bounds(schema, options, "minLength", "maxLength");
    return schema;
}

json::Object id_schema(const FieldOptions& options) {
    json::Object schema = plain_schema("string");
    schema.set("pattern", options.required ? "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
                                           : "^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$");
    return schema;
}

json::Object word_schema(std::span<const std::string_view> words) {
    json::Object schema = plain_schema("string");
    schema.set("enum", json::Array(words.begin(), words.end()));
    return schema;
}

json::Object list_schema(json::Object items, bool is_nullable, const FieldOptions& options) {
    json::Object schema = plain_schema("array");
    schema.set("items", is_nullable ? nullable(std::move(items)) : std::move(items));
    set_bounds(schema, options, "minItems", "maxItems");
    return schema;
}

json::Object map_schema(json::Object values, const FieldOptions& options) {
    json::Object schema = plain_schema("object");
    schema.set("additionalProperties", std::move(values));
    set_bounds(schema, options, "minProperties", "maxProperties");
    return schema;
}

json::Object rows_schema(std::span<const SchemaRow> rows, std::string_view title, bool is_answer,
                         SchemaPlace& place) {
    json::Object properties;
    json::Array required;
    for (const SchemaRow& row : rows) {
        json::Object schema = row.schema(*row.options, place);
        if (is_answer && row.is_optional) {
            schema = nullable(std::move(schema));
        }
        describe(schema, row.doc, *row.options);
        properties.set(row.name, std::move(schema));
        if (is_answer || (row.options->required && !row.is_optional)) {
            required.emplace_back(row.name);
        }
    }
    json::Object schema{{"type", "object"}, {"title", title}, {"properties", std::move(properties)}};
    if (!required.empty()) {
        schema.set("required", std::move(required));
    }
    if (!is_answer) {
        schema.set("additionalProperties", false);
    }
    return schema;
}

json::Object placed_schema(std::string_view name, SchemaPlace& place,
                           json::Object (*members)(SchemaPlace& place)) {
    if (place.prefix.empty()) {
        return members(place);
    }
    if (place.definitions.find(name) == nullptr) {
        place.definitions.set(name, json::Object{});  // a type that holds itself ends here
        json::Object schema = members(place);
        place.definitions.set(name, std::move(schema));
    }
    return json::Object{{"$ref", place.prefix + std::string(name)}};
}

json::Object schema_alone(const json::Object& body) {
    json::Object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    for (const auto& [key, value] : body.members()) {
        schema.set(key, value);
    }
    return schema;
}

}  // namespace headroom::reflect_detail
