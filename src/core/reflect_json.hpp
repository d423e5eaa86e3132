#pragma once

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/reflect.hpp"
#include "core/reflect_check.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace headroom {

/// One thing wrong with an outside value.
struct Fault {
    std::string pointer;  ///< JSON Pointer of the value
    std::string detail;   ///< "must be at most 4096"
    bool operator==(const Fault&) const = default;
};

/// So many faults are told; a hostile list of a million wrong elements is read no further.
inline constexpr std::size_t faults_max = 64;

/// What is said about members that the table does not name.
enum class UnknownMembers { refuse, ignore };

namespace reflect_detail {

template <class T>
inline constexpr bool is_unit = false;
template <class Tag, class Rep>
inline constexpr bool is_unit<UnitValue<Tag, Rep>> = true;
template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<Id<Tag>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
concept Whole = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// Where the reader stands and what it has found wrong.
class Trail {
  public:
    Trail(std::vector<Fault>& faults, std::string pointer, UnknownMembers unknown)
        : faults_(faults), pointer_(std::move(pointer)), unknown_(unknown) {}

    void add(std::string detail);
    void add_below(std::string_view token, std::string detail);
    [[nodiscard]] bool is_full() const { return faults_.size() >= faults_max; }
    [[nodiscard]] UnknownMembers unknown() const { return unknown_; }

    template <class Read>
    void below(std::string_view token, Read read) {
        const std::size_t length = pointer_.size();
        pointer_ += '/';
        pointer_ += json::escape_pointer(token);
        read();
        pointer_.resize(length);
    }

  private:
    std::vector<Fault>& faults_;
    std::string pointer_;
    UnknownMembers unknown_;
};

void read_plain(const json::Value& value, bool& out, Trail& trail);
void read_plain(const json::Value& value, double& out, const FieldOptions& options, Trail& trail);
void read_plain(const json::Value& value, std::string& out, const FieldOptions& options, Trail& trail);
void read_plain(const json::Value& value, UtcTime& out, Trail& trail);
void read_plain(const json::Value& value, Date& out, Trail& trail);
/// An id of our own form; the empty one only where the field is not required.
void read_id(const json::Value& value, std::string& out, const FieldOptions& options, Trail& trail);
[[nodiscard]] std::int64_t read_whole(const json::Value& value, std::int64_t type_min, std::int64_t type_max,
                                      const FieldOptions& options, Trail& trail);
void check_count(std::size_t count, const FieldOptions& options, std::string_view what, Trail& trail);
[[nodiscard]] std::string one_of(const std::vector<std::string_view>& words);
/// Faults for the members of `object` that `names` does not hold.
void find_unknown(const json::Object& object, const std::vector<std::string_view>& names, Trail& trail);
[[nodiscard]] Error as_error(std::string_view type, const std::vector<Fault>& faults);

void describe(json::Object& schema, std::string_view doc, const FieldOptions& options);
void bound_number(json::Object& schema, const FieldOptions& options);
void bound_count(json::Object& schema, const FieldOptions& options, const char* minimum, const char* maximum);

template <Reflected T>
void read_members(const json::Value& value, T& out, Trail& trail);

template <class M>
void read_value(const json::Value& value, M& out, const FieldOptions& options, Trail& trail) {
    if constexpr (std::same_as<M, bool> || std::same_as<M, UtcTime> || std::same_as<M, Date>) {
        read_plain(value, out, trail);
    } else if constexpr (std::same_as<M, double> || std::same_as<M, std::string>) {
        read_plain(value, out, options, trail);
    } else if constexpr (Whole<M>) {
        constexpr auto type_max = std::numeric_limits<M>::max();
        constexpr std::int64_t most = std::cmp_greater(type_max, std::numeric_limits<std::int64_t>::max())
                                          ? std::numeric_limits<std::int64_t>::max()
                                          : static_cast<std::int64_t>(type_max);
        constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<M>::min());
        out = static_cast<M>(read_whole(value, least, most, options, trail));
    } else if constexpr (std::same_as<M, milliseconds>) {
        out = milliseconds{read_whole(value, std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max(), options, trail)};
    } else if constexpr (is_unit<M>) {
        read_value(value, out.value, options, trail);
    } else if constexpr (is_id<M>) {
        read_id(value, out.value, options, trail);
    } else if constexpr (ListedEnum<M>) {
        const std::string* text = value.as_string();
        std::vector<std::string_view> words;
        for (const M candidate : EnumValues<M>::all) {
            const std::string_view word = to_string(candidate);
            if (text != nullptr && *text == word) {
                out = candidate;
                return;
            }
            words.push_back(word);
        }
        trail.add("must be " + one_of(words));
    } else if constexpr (is_optional<M>) {
        if (value.is_null()) {
            out.reset();
        } else {
            read_value(value, out.emplace(), options, trail);
        }
    } else if constexpr (is_vector<M>) {
        const json::Array* array = value.as_array();
        if (array == nullptr) {
            trail.add("must be a list");
            return;
        }
        check_count(array->size(), options, "entries", trail);
        out.clear();
        out.reserve(array->size());
        for (std::size_t i = 0; i < array->size() && !trail.is_full(); ++i) {
            typename M::value_type element{};
            trail.below(std::to_string(i), [&] { read_value((*array)[i], element, FieldOptions{}, trail); });
            out.push_back(std::move(element));
        }
    } else if constexpr (is_map<M>) {
        const json::Object* object = value.as_object();
        if (object == nullptr) {
            trail.add("must be an object");
            return;
        }
        check_count(object->size(), options, "members", trail);
        out.clear();
        for (const auto& [key, member] : object->members()) {
            if (trail.is_full()) {
                break;
            }
            const json::Value& inner = member;
            trail.below(key, [&, &name = key] { read_value(inner, out[name.str()], FieldOptions{}, trail); });
        }
    } else if constexpr (std::same_as<M, json::Value>) {
        out = value;
    } else if constexpr (std::same_as<M, json::Object>) {
        if (const json::Object* object = value.as_object()) {
            out = *object;
        } else {
            trail.add("must be an object");
        }
    } else {
        static_assert(Reflected<M>, "a member of this type cannot cross a door");
        read_members(value, out, trail);
    }
}

template <Reflected T>
void read_members(const json::Value& value, T& out, Trail& trail) {
    check_fields<T>();
    const json::Object* object = value.as_object();
    if (object == nullptr) {
        trail.add("must be an object");
        return;
    }
    const auto read_row = [&](const auto& row) {
        using M = std::remove_reference_t<decltype(out.*(row.member))>;
        const json::Value* found = object->find(row.name);
        const bool is_absent = found == nullptr || (found->is_null() && !std::same_as<M, json::Value>);
        if (!is_absent) {
            trail.below(row.name, [&] { read_value(*found, out.*(row.member), row.options, trail); });
        } else if (row.options.required && !is_optional<M>) {
            trail.add_below(row.name, "is missing");
        }
    };
    std::apply([&](const auto&... rows) { (read_row(rows), ...); }, Fields<T>::table);
    if (trail.unknown() == UnknownMembers::refuse) {
        const auto names =
            std::apply([](const auto&... rows) { return std::vector<std::string_view>{rows.name...}; },
                       Fields<T>::table);
        find_unknown(*object, names, trail);
    }
}

}  // namespace reflect_detail

/// The value as JSON. Absent optionals are left out of an object, and stand as null in an `Answer`.
template <class T>
json::Value to_json(const T& value) {
    using namespace reflect_detail;
    if constexpr (std::same_as<T, bool> || std::same_as<T, double> || std::same_as<T, std::string> ||
                  std::same_as<T, json::Value> || std::same_as<T, json::Object>) {
        return json::Value(value);
    } else if constexpr (Whole<T>) {
        return json::Value(static_cast<std::int64_t>(value));
    } else if constexpr (std::same_as<T, UtcTime>) {
        return json::Value(format_utc(value));
    } else if constexpr (std::same_as<T, Date>) {
        return json::Value(format_date(value));
    } else if constexpr (std::same_as<T, milliseconds>) {
        return json::Value(std::int64_t{value.count()});
    } else if constexpr (is_unit<T> || is_id<T>) {
        return json::Value(value.value);
    } else if constexpr (ListedEnum<T>) {
        return json::Value(std::string_view(to_string(value)));
    } else if constexpr (is_optional<T>) {
        return value ? to_json(*value) : json::Value();
    } else if constexpr (is_vector<T>) {
        json::Array array;
        array.reserve(value.size());
        for (const auto& element : value) {
            array.push_back(to_json(static_cast<const typename T::value_type&>(element)));
        }
        return json::Value(std::move(array));
    } else if constexpr (is_map<T>) {
        std::vector<json::Object::Member> members;
        for (const auto& [key, member] : value) {
            members.emplace_back(key, to_json(member));
        }
        return json::Value(json::Object::from_distinct(std::move(members)));
    } else {
        static_assert(Reflected<T>, "a value of this type cannot cross a door");
        check_fields<T>();
        std::vector<json::Object::Member> members;
        const auto add_row = [&](const auto& row) {
            using M = std::remove_cvref_t<decltype(value.*(row.member))>;
            if constexpr (is_optional<M> && !Answer<T>) {
                if (!(value.*(row.member)).has_value()) {
                    return;
                }
            }
            members.emplace_back(json::Key::of_static(row.name), to_json(value.*(row.member)));
        };
        std::apply([&](const auto&... rows) { (add_row(rows), ...); }, Fields<T>::table);
        return json::Value(json::Object::from_distinct(std::move(members)));
    }
}

/// Reads an outside value and collects everything wrong with it, each fault with its pointer below `pointer`;
/// nothing when there was a fault. Numbers must be finite and within their bounds, times carry a zone, ids
/// have our form.
template <class T>
std::optional<T> read_json(const json::Value& value, std::vector<Fault>& faults, std::string pointer = "",
                           UnknownMembers unknown = UnknownMembers::refuse) {
    const std::size_t before = faults.size();
    reflect_detail::Trail trail(faults, std::move(pointer), unknown);
    T out{};
    reflect_detail::read_value(value, out, FieldOptions{}, trail);
    return faults.size() == before ? std::optional<T>(std::move(out)) : std::nullopt;
}

/// As `read_json`, with the faults in one sentence. Errors: `invalid`, with the pointer of the first.
template <class T>
Result<T> from_json(const json::Value& value, UnknownMembers unknown = UnknownMembers::refuse) {
    std::vector<Fault> faults;
    std::optional<T> out = read_json<T>(value, faults, "", unknown);
    if (out) {
        return std::move(*out);
    }
    if constexpr (Reflected<T>) {
        return reflect_detail::as_error(Fields<T>::name, faults);
    } else {
        return reflect_detail::as_error("value", faults);
    }
}

}  // namespace headroom
