#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom {

/// What is said about a field besides its name: its unit, its bounds and an example (JSON text).
struct FieldOptions {
    std::string_view unit = "";
    double minimum =
        -std::numeric_limits<double>::infinity();  ///< of a number, or of a string's or list's length
    double maximum = std::numeric_limits<double>::infinity();
    bool required = true;  ///< otherwise the member keeps its default when the field is absent or null
    std::string_view example = "";
    bool secret = false;  ///< never shown again: masked wherever settings are printed
    bool unused = false;  ///< taken and checked, but no part of this version reads it
};

template <class T, class M>
struct Field {
    std::string_view name;  ///< on the wire
    M T::*member;
    std::string_view doc;  ///< never empty
    FieldOptions options;
};

template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member, std::string_view doc,
                            FieldOptions options = {}) {
    return {name, member, doc, options};
}

namespace reflect_detail {

template <std::size_t Index, class Row>
struct PlacedRow {
    Row row;
};

template <class Indices, class... Rows>
struct RowSet;

template <std::size_t... Indices, class... Rows>
struct RowSet<std::index_sequence<Indices...>, Rows...> : PlacedRow<Indices, Rows>... {
    /// `use(row…)` with every row, in order.
    template <class Use>
    constexpr decltype(auto) apply(Use&& use) const {
        return std::forward<Use>(use)(static_cast<const PlacedRow<Indices, Rows>&>(*this).row...);
    }
};

}  // namespace reflect_detail

/// The rows of a type. A tuple would do, and is what a build of everything would spend a third of its time
/// on: its constructors ask of every element what it can be made from.
template <class T, class... Members>
using FieldTable = reflect_detail::RowSet<std::index_sequence_for<Members...>, Field<T, Members>...>;

template <class T, class... Members>
constexpr FieldTable<T, Members...> field_table(const Field<T, Members>&... rows) {
    return {{rows}...};
}

/// Specialise for each type that crosses a door:
///
///     template <> struct headroom::Fields<Thing> {
///         static constexpr std::string_view name = "Thing";
///         static constexpr auto table = field_table(
///             field("load_kw", &Thing::load_kw, "Load, import positive.", {.unit = "kW", .example =
///             "12.5"}));
///     };
///
/// The table names every member of the aggregate, in order (checked at compile time in reflect_json.hpp).
template <class T>
struct Fields;

/// A type that only ever goes out: its table says `static constexpr bool is_answer = true;`. Every member is
/// always there, an absent optional as null, and a later version may add more.
template <class T>
concept Answer = requires { requires Fields<T>::is_answer; };

}  // namespace headroom
