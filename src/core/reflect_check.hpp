#pragma once

#include "core/reflect.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace headroom {

/// Specialise for an enum that crosses a door; its words come from `to_string(E)`, found by ADL:
///
///     template <> struct headroom::EnumValues<grid::Phase> {
///         static constexpr std::array all{grid::Phase::l1, grid::Phase::l2, …};
///     };
template <class E>
struct EnumValues;

template <class T>
concept Reflected = requires {
    Fields<T>::table;
    { Fields<T>::name } -> std::convertible_to<std::string_view>;
};

template <class E>
concept ListedEnum = std::is_enum_v<E> && requires { EnumValues<E>::all; };

namespace reflect_detail {

template <class T, class... Members>
consteval bool takes_members(const FieldTable<T, Members...>*) {
    return requires { T{std::declval<Members>()...}; };
}

template <class T, class... Members>
consteval bool takes_one_more(const FieldTable<T, Members...>*) {
    return requires { T{std::declval<Members>()..., {}}; };
}

template <class Table>
inline constexpr const Table* no_table = nullptr;

/// Whether the table's types, in their order, are exactly what the aggregate is made of.
template <class T>
consteval bool covers_every_member() {
    using Table = std::remove_const_t<decltype(Fields<T>::table)>;
    return takes_members<T>(no_table<Table>) && !takes_one_more<T>(no_table<Table>);
}

template <class A, class B>
constexpr bool same_member(const A& a, const B& b) {
    if constexpr (std::is_same_v<A, B>) {
        return a.member == b.member;
    } else {
        return false;
    }
}

/// Whether every row says something, and none says what another does.
template <class T>
consteval bool rows_are_sound() {
    return Fields<T>::table.apply([](const auto&... rows) {
        const bool filled =
            ((!rows.name.empty() && !rows.doc.empty() && !(rows.options.minimum > rows.options.maximum)) &&
             ...);
        const auto times_named = [&](const auto& one) {
            return (0 + ... + ((rows.name == one.name || same_member(rows, one)) ? 1 : 0));
        };
        return filled && ((times_named(rows) == 1) && ...);
    });
}

}  // namespace reflect_detail

/// Stops the build when a table is wrong; every function of reflect_json.hpp asks.
template <Reflected T>
consteval void check_fields() {
    static_assert(std::is_aggregate_v<T> && std::is_default_constructible_v<T>,
                  "only plain aggregates are reflected");
    static_assert(reflect_detail::covers_every_member<T>(),
                  "Fields<T>::table must name every member of T, in order");
    static_assert(reflect_detail::rows_are_sound<T>(),
                  "Fields<T>::table: a name or doc is empty, a name or member stands twice, or a minimum is "
                  "above its maximum");
}

}  // namespace headroom
