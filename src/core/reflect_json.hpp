#pragma once

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/reflect.hpp"
#include "core/reflect_check.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

    /// One token deeper; the answer is for `leave`.
    [[nodiscard]] std::size_t enter(std::string_view token);
    [[nodiscard]] std::size_t enter(std::size_t index);
    void leave(std::size_t length) { pointer_.resize(length); }

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
[[nodiscard]] std::string one_of(std::span<const std::string_view> words);
/// Which of `words` the value is; a fault and nothing when it is none.
[[nodiscard]] std::optional<std::size_t> read_word(const json::Value& value,
                                                   std::span<const std::string_view> words, Trail& trail);
/// The list, with as many elements as `options` allow or a fault; nullptr and a fault when it is none.
[[nodiscard]] const json::Array* read_list(const json::Value& value, const FieldOptions& options,
                                           Trail& trail);
[[nodiscard]] const json::Object* read_map(const json::Value& value, const FieldOptions& options,
                                           Trail& trail);
[[nodiscard]] Error as_error(std::string_view type, const std::vector<Fault>& faults);

// What is made of a table is a list of rows without types and one function that walks it: a walk of its own
// for every type is half a megabyte of code for some of our doors.

/// How one member is read: `read` knows the types of `row` (a Field) and of `object`.
struct ReadRow {
    std::string_view name;
    const void* row = nullptr;
    void (*read)(const json::Value& value, void* object, const void* row, Trail& trail) = nullptr;
    bool takes_null = false;     ///< as a value like any other
    bool must_be_there = false;  ///< absent or null is a fault
};
void read_rows(std::span<const ReadRow> rows, const json::Value& value, void* object, Trail& trail);

/// How one member is written; false when it is left out.
struct WriteRow {
    std::string_view name;
    const void* row = nullptr;
    bool (*write)(const void* object, const void* row, json::Value& out) = nullptr;
};
[[nodiscard]] json::Value write_rows(std::span<const WriteRow> rows, const void* object);

template <Reflected T>
void read_members(const json::Value& value, T& out, Trail& trail);

template <ListedEnum M>
[[nodiscard]] auto words_of() {
    std::array<std::string_view, std::size(EnumValues<M>::all)> words;
    std::transform(std::begin(EnumValues<M>::all), std::end(EnumValues<M>::all), words.begin(),
                   [](M word) { return std::string_view(to_string(word)); });
    return words;
}

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
        const auto words = words_of<M>();
        if (const std::optional<std::size_t> word = read_word(value, words, trail)) {
            out = EnumValues<M>::all[*word];
        }
    } else if constexpr (is_optional<M>) {
        if (value.is_null()) {
            out.reset();
        } else {
            read_value(value, out.emplace(), options, trail);
        }
    } else if constexpr (is_vector<M>) {
        const json::Array* array = read_list(value, options, trail);
        if (array == nullptr) {
            return;
        }
        out.clear();
        out.reserve(array->size());
        for (std::size_t i = 0; i < array->size() && !trail.is_full(); ++i) {
            typename M::value_type element{};
            const std::size_t length = trail.enter(i);
            read_value((*array)[i], element, FieldOptions{}, trail);
            trail.leave(length);
            out.push_back(std::move(element));
        }
    } else if constexpr (is_map<M>) {
        const json::Object* object = read_map(value, options, trail);
        if (object == nullptr) {
            return;
        }
        out.clear();
        for (const auto& [key, member] : object->members()) {
            if (trail.is_full()) {
                break;
            }
            const std::size_t length = trail.enter(key);
            read_value(member, out[key.str()], FieldOptions{}, trail);
            trail.leave(length);
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

template <class T, class M>
void read_row(const json::Value& value, void* object, const void* row, Trail& trail) {
    const auto& field = *static_cast<const Field<T, M>*>(row);
    read_value(value, static_cast<T*>(object)->*(field.member), field.options, trail);
}

template <class T, class M>
constexpr ReadRow row_to_read(const Field<T, M>& row) {
    return {row.name, &row, &read_row<T, M>, std::same_as<M, json::Value>,
            row.options.required && !is_optional<M>};
}

template <class T>
inline constexpr auto rows_to_read =
    Fields<T>::table.apply([](const auto&... rows) { return std::array{row_to_read(rows)...}; });

template <Reflected T>
void read_members(const json::Value& value, T& out, Trail& trail) {
    check_fields<T>();
    read_rows(rows_to_read<T>, value, &out, trail);
}

template <class T, class M>
bool write_row(const void* object, const void* row, json::Value& out);

template <class T>
inline constexpr auto rows_to_write = Fields<T>::table.apply([]<class... M>(const Field<T, M>&... rows) {
    return std::array{WriteRow{rows.name, &rows, &write_row<T, M>}...};
});

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
        return write_rows(rows_to_write<T>, &value);
    }
}

template <class T, class M>
bool reflect_detail::write_row(const void* object, const void* row, json::Value& out) {
    const M& member = static_cast<const T*>(object)->*(static_cast<const Field<T, M>*>(row)->member);
    if constexpr (is_optional<M> && !Answer<T>) {
        if (!member.has_value()) {
            return false;
        }
    }
    out = to_json(member);
    return true;
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
