#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <tuple>
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

/// Specialise for each type that crosses a door:
///
///     template <> struct headroom::Fields<Thing> {
///         static constexpr std::string_view name = "Thing";
///         static constexpr auto table = std::make_tuple(
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
