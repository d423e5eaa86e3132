#pragma once

#include "core/reflect_json.hpp"

#include <string>

namespace headroom {

/// Where nested types are described: inline when `prefix` is empty, otherwise once each in `definitions`,
/// referred to as `prefix` + name ("#/components/schemas/").
struct SchemaPlace {
    std::string prefix;
    json::Object definitions;
};

template <class T>
json::Object json_schema(SchemaPlace& place);

namespace reflect_detail {

/// The schema with null allowed besides.
inline json::Object nullable(json::Object schema) {
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

template <class M>
json::Object schema_of(const FieldOptions& options, SchemaPlace& place) {
    json::Object schema;
    if constexpr (std::same_as<M, bool>) {
        schema.set("type", "boolean");
    } else if constexpr (Whole<M> || std::same_as<M, milliseconds>) {
        schema.set("type", "integer");
        if constexpr (Whole<M>) {
            if (std::is_unsigned_v<M> && !(options.minimum >= 0)) {
                schema.set("minimum", 0);
            }
        }
        bound_number(schema, options);
    } else if constexpr (std::same_as<M, double>) {
        schema.set("type", "number");
        bound_number(schema, options);
    } else if constexpr (is_unit<M>) {
        return schema_of<typename M::rep>(options, place);
    } else if constexpr (std::same_as<M, std::string>) {
        schema.set("type", "string");
        bound_count(schema, options, "minLength", "maxLength");
    } else if constexpr (is_id<M>) {
        schema.set("type", "string");
        schema.set("pattern", options.required ? "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
                                               : "^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$");
    } else if constexpr (std::same_as<M, UtcTime>) {
        schema.set("type", "string").set("format", "date-time");
    } else if constexpr (std::same_as<M, Date>) {
        schema.set("type", "string").set("format", "date");
    } else if constexpr (ListedEnum<M>) {
        json::Array words;
        for (const M value : EnumValues<M>::all) {
            words.emplace_back(std::string_view(to_string(value)));
        }
        schema.set("type", "string").set("enum", std::move(words));
    } else if constexpr (is_optional<M>) {
        return schema_of<typename M::value_type>(options, place);
    } else if constexpr (is_vector<M>) {
        using Element = typename M::value_type;
        schema.set("type", "array");
        json::Object items = schema_of<Element>(FieldOptions{}, place);
        schema.set("items", is_optional<Element> ? nullable(std::move(items)) : std::move(items));
        bound_count(schema, options, "minItems", "maxItems");
    } else if constexpr (is_map<M>) {
        schema.set("type", "object");
        schema.set("additionalProperties", schema_of<typename M::mapped_type>(FieldOptions{}, place));
        bound_count(schema, options, "minProperties", "maxProperties");
    } else if constexpr (std::same_as<M, json::Object>) {
        schema.set("type", "object");
    } else if constexpr (!std::same_as<M, json::Value>) {
        return json_schema<M>(place);
    }
    return schema;
}

template <Reflected T>
json::Object members_schema(SchemaPlace& place) {
    check_fields<T>();
    json::Object properties;
    json::Array required;
    const auto add_row = [&](const auto& row) {
        using M = std::remove_cvref_t<decltype(std::declval<T&>().*(row.member))>;
        json::Object schema = schema_of<M>(row.options, place);
        if constexpr (Answer<T> && is_optional<M>) {
            schema = nullable(std::move(schema));
        }
        describe(schema, row.doc, row.options);
        properties.set(std::string(row.name), std::move(schema));
        if (Answer<T> || (row.options.required && !is_optional<M>)) {
            required.emplace_back(row.name);
        }
    };
    std::apply([&](const auto&... rows) { (add_row(rows), ...); }, Fields<T>::table);

    json::Object schema{
        {"type", "object"}, {"title", Fields<T>::name}, {"properties", std::move(properties)}};
    if (!required.empty()) {
        schema.set("required", std::move(required));
    }
    if (!Answer<T>) {
        schema.set("additionalProperties", false);
    }
    return schema;
}

}  // namespace reflect_detail

/// The JSON Schema (2020-12) of what `read_json<T>` takes: descriptions, `x-unit`, bounds, examples, required
/// members. A reflected type goes where `place` says; the answer is then a reference to it.
template <class T>
json::Object json_schema(SchemaPlace& place) {
    if constexpr (Reflected<T>) {
        if (place.prefix.empty()) {
            return reflect_detail::members_schema<T>(place);
        }
        const std::string name(Fields<T>::name);
        if (place.definitions.find(name) == nullptr) {
            place.definitions.set(name, json::Object{});  // a type that holds itself ends here
            json::Object schema = reflect_detail::members_schema<T>(place);
            place.definitions.set(name, std::move(schema));
        }
        return json::Object{{"$ref", place.prefix + name}};
    } else {
        return reflect_detail::schema_of<T>(FieldOptions{}, place);
    }
}

/// The same on its own, nested types inline.
template <class T>
json::Object json_schema() {
    SchemaPlace place;
    const json::Object body = json_schema<T>(place);
    json::Object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    for (const auto& [key, value] : body.members()) {
        schema.set(key, value);
    }
    return schema;
}

}  // namespace headroom
