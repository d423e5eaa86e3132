#pragma once

#include "core/reflect_json.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

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

/// How one member is described.
struct SchemaRow {
    std::string_view name;
    std::string_view doc;
    const FieldOptions* options = nullptr;
    json::Object (*schema)(const FieldOptions& options, SchemaPlace& place) = nullptr;
    bool is_optional = false;
};
[[nodiscard]] json::Object rows_schema(std::span<const SchemaRow> rows, std::string_view title,
                                       bool is_answer, SchemaPlace& place);

/// {"type":type}, with a format when there is one.
[[nodiscard]] json::Object plain_schema(std::string_view type, std::string_view format = "");
[[nodiscard]] json::Object whole_schema(const FieldOptions& options, bool is_unsigned);
[[nodiscard]] json::Object number_schema(const FieldOptions& options);
[[nodiscard]] json::Object text_schema(const FieldOptions& options);
[[nodiscard]] json::Object id_schema(const FieldOptions& options);
[[nodiscard]] json::Object word_schema(std::span<const std::string_view> words);
[[nodiscard]] json::Object list_schema(json::Object items, bool is_nullable, const FieldOptions& options);
[[nodiscard]] json::Object map_schema(json::Object values, const FieldOptions& options);

template <class M>
json::Object schema_of(const FieldOptions& options, SchemaPlace& place) {
    if constexpr (std::same_as<M, bool>) {
        return plain_schema("boolean");
    } else if constexpr (Whole<M>) {
        return whole_schema(options, std::is_unsigned_v<M>);
    } else if constexpr (std::same_as<M, milliseconds>) {
        return whole_schema(options, false);
    } else if constexpr (std::same_as<M, double>) {
        return number_schema(options);
    } else if constexpr (is_unit<M>) {
        return schema_of<typename M::rep>(options, place);
    } else if constexpr (std::same_as<M, std::string>) {
        return text_schema(options);
    } else if constexpr (is_id<M>) {
        return id_schema(options);
    } else if constexpr (std::same_as<M, UtcTime>) {
        return plain_schema("string", "date-time");
    } else if constexpr (std::same_as<M, Date>) {
        return plain_schema("string", "date");
    } else if constexpr (ListedEnum<M>) {
        return word_schema(words_of<M>());
    } else if constexpr (is_optional<M>) {
        return schema_of<typename M::value_type>(options, place);
    } else if constexpr (is_vector<M>) {
        using Element = typename M::value_type;
        return list_schema(schema_of<Element>(FieldOptions{}, place), is_optional<Element>, options);
    } else if constexpr (is_map<M>) {
        return map_schema(schema_of<typename M::mapped_type>(FieldOptions{}, place), options);
    } else if constexpr (std::same_as<M, json::Object>) {
        return plain_schema("object");
    } else if constexpr (std::same_as<M, json::Value>) {
        return {};
    } else {
        return json_schema<M>(place);
    }
}

template <class T>
inline constexpr auto rows_to_describe = Fields<T>::table.apply([]<class... M>(const Field<T, M>&... rows) {
    return std::array{SchemaRow{rows.name, rows.doc, &rows.options, &schema_of<M>, is_optional<M>}...};
});

template <Reflected T>
json::Object members_schema(SchemaPlace& place) {
    check_fields<T>();
    return rows_schema(rows_to_describe<T>, Fields<T>::name, Answer<T>, place);
}

/// Once each in the definitions of `place`; a reference to it.
[[nodiscard]] json::Object placed_schema(std::string_view name, SchemaPlace& place,
                                         json::Object (*members)(SchemaPlace& place));
[[nodiscard]] json::Object schema_alone(const json::Object& body);

}  // namespace reflect_detail

/// The JSON Schema (2020-12) of what `read_json<T>` takes: descriptions, `x-unit`, bounds, examples, required
/// members. A reflected type goes where `place` says; the answer is then a reference to it.
template <class T>
json::Object json_schema(SchemaPlace& place) {
    if constexpr (Reflected<T>) {
        return reflect_detail::placed_schema(Fields<T>::name, place, &reflect_detail::members_schema<T>);
    } else {
        return reflect_detail::schema_of<T>(FieldOptions{}, place);
    }
}

/// The same on its own, nested types inline.
template <class T>
json::Object json_schema() {
    SchemaPlace place;
    return reflect_detail::schema_alone(json_schema<T>(place));
}

}  // namespace headroom
