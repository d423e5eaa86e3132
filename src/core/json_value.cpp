#include "core/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headroom::json {
namespace {

/// Above this many members a comparison sorts instead of searching for each key.
constexpr std::size_t search_members_max = 16;

std::vector<const Object::Member*> by_key(const std::vector<Object::Member>& members) {
    std::vector<const Object::Member*> sorted;
    sorted.reserve(members.size());
    for (const Object::Member& member : members) {
        sorted.push_back(&member);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    return sorted;
}

}  // namespace

Object::Object(std::initializer_list<Member> members) {
    members_.reserve(members.size());
    for (const Member& member : members) {
        set(member.first, member.second);
    }
}

Object Object::from_distinct(std::vector<Member> members) {
    Object object;
    object.members_ = std::move(members);
    return object;
}

const Value* Object::find(std::string_view key) const {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.first == key; });
    return found == members_.end() ? nullptr : &found->second;
}

Value* Object::find(std::string_view key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
}

Object& Object::set(std::string key, Value value) {
    if (Value* existing = find(key)) {
        *existing = std::move(value);
    } else {
        members_.emplace_back(std::move(key), std::move(value));
    }
    return *this;
}

bool Object::erase(std::string_view key) {
    return std::erase_if(members_, [&](const Member& member) { return member.first == key; }) != 0;
}

std::size_t Object::size() const {
    return members_.size();
}

bool Object::operator==(const Object& other) const {
    if (size() != other.size()) {
        return false;
    }
    if (size() <= search_members_max) {
        return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
            const Value* theirs = other.find(member.first);
            return theirs != nullptr && *theirs == member.second;
        });
    }
    const auto ours = by_key(members_);
    const auto theirs = by_key(other.members_);
    return std::equal(ours.begin(), ours.end(), theirs.begin(),
                      [](const Member* a, const Member* b) { return *a == *b; });
}

std::optional<bool> Value::as_bool() const {
    const bool* held = std::get_if<bool>(&data_);
    return held != nullptr ? std::optional(*held) : std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
    if (const auto* held = std::get_if<std::int64_t>(&data_)) {
        return *held;
    }
    if (const auto* held = std::get_if<double>(&data_)) {
        // -2^63 is a double, 2^63 - 1 is not: the upper bound is exclusive.
        if (std::trunc(*held) == *held && *held >= -0x1.0p63 && *held < 0x1.0p63) {
            return static_cast<std::int64_t>(*held);
        }
    }
    return std::nullopt;
}

std::optional<double> Value::as_double() const {
    if (const auto* held = std::get_if<double>(&data_)) {
        return *held;
    }
    if (const auto* held = std::get_if<std::int64_t>(&data_)) {
        return static_cast<double>(*held);
    }
    return std::nullopt;
}

const Value* Value::get(std::string_view key) const {
    const Object* object = as_object();
    return object != nullptr ? object->find(key) : nullptr;
}

const Value* Value::at(std::string_view pointer) const {
    const Value* here = this;
    while (here != nullptr && !pointer.empty()) {
        if (pointer.front() != '/') {
            return nullptr;
        }
        pointer.remove_prefix(1);
        const std::string_view escaped = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(escaped.size());

        if (const Array* array = here->as_array()) {
            std::size_t index = 0;
            const char* end = escaped.data() + escaped.size();
            const auto [stop, fault] = std::from_chars(escaped.data(), end, index);
            const bool is_index =
                fault == std::errc{} && stop == end && (escaped.size() == 1 || escaped.front() != '0');
            here = is_index && index < array->size() ? &(*array)[index] : nullptr;
            continue;
        }
        std::string token;
        for (std::size_t i = 0; i < escaped.size(); ++i) {
            if (escaped[i] != '~') {
                token += escaped[i];
            } else if (i + 1 < escaped.size() && (escaped[i + 1] == '0' || escaped[i + 1] == '1')) {
                token += escaped[++i] == '0' ? '~' : '/';
            } else {
                return nullptr;
            }
        }
        here = here->get(token);
    }
    return here;
}

std::string Value::text(std::string_view pointer, std::string_view otherwise) const {
    const Value* found = at(pointer);
    const std::string* held = found != nullptr ? found->as_string() : nullptr;
    return held != nullptr ? *held : std::string(otherwise);
}

std::int64_t Value::integer(std::string_view pointer, std::int64_t otherwise) const {
    const Value* found = at(pointer);
    return found != nullptr ? found->as_int().value_or(otherwise) : otherwise;
}

double Value::number(std::string_view pointer, double otherwise) const {
    const Value* found = at(pointer);
    return found != nullptr ? found->as_double().value_or(otherwise) : otherwise;
}

bool Value::boolean(std::string_view pointer, bool otherwise) const {
    const Value* found = at(pointer);
    return found != nullptr ? found->as_bool().value_or(otherwise) : otherwise;
}

std::string escape_pointer(std::string_view token) {
    std::string escaped;
    escaped.reserve(token.size());
    for (const char c : token) {
        if (c == '~') {
            escaped += "~0";
        } else if (c == '/') {
            escaped += "~1";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

}  // namespace headroom::json
