#include "core/json.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headroom::json {
namespace {

/// Above this many members a comparison sorts instead of searching for each key.
constexpr std::size_t search_members_max = 16;
/// Room for so many from the first on: few objects have less, and growing moves what is there.
constexpr std::size_t first_members = 4;

std::vector<const Object::Member*> by_key(const std::vector<Object::Member>& members) {
    std::vector<const Object::Member*> sorted;
    sorted.reserve(members.size());
    for (const Object::Member& member : members) {
        sorted.push_back(&member);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    return sorted;
}

}  // namespace

Object::~Object() = default;

Object::Object(std::initializer_list<MemberInit> members) {
    members_.reserve(members.size());
    for (const MemberInit& member : members) {
        set(std::move(member.key), std::move(member.value));
    }
}

Object object(std::initializer_list<MemberInit> list) {
    std::vector<Object::Member> members;
    members.reserve(list.size());
    for (const MemberInit& member : list) {
        members.emplace_back(std::move(member.key), std::move(member.value));
    }
    return Object::from_distinct(std::move(members));
}

Object Object::from_distinct(std::vector<Member> members) {
    Object object;
    object.members_ = std::move(members);
    return object;
}

const Value* Object::find(std::string_view key) const {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.key == key; });
    return found == members_.end() ? nullptr : &found->value;
}

Value* Object::find(std::string_view key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
}

Object& Object::set(Key key, Value value) {
    if (Value* existing = find(key)) {
        *existing = std::move(value);
    } else {
        if (members_.empty()) {
            members_.reserve(first_members);
        }
        members_.emplace_back(std::move(key), std::move(value));
    }
    return *this;
}

Object& Object::set_all(Object other) {
    for (Member& member : other.members_) {
        set(std::move(member.key), std::move(member.value));
    }
    return *this;
}

bool Object::erase(std::string_view key) {
    return std::erase_if(members_, [&](const Member& member) { return member.key == key; }) != 0;
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
            const Value* theirs = other.find(member.key);
            return theirs != nullptr && *theirs == member.value;
        });
    }
    const auto ours = by_key(members_);
    const auto theirs = by_key(other.members_);
    return std::equal(ours.begin(), ours.end(), theirs.begin(),
                      [](const Member* a, const Member* b) { return *a == *b; });
}

Value::Value(std::string&& v) noexcept : kind_(Kind::text), text_(std::move(v)) {}
Value::Value(const std::string& v) : kind_(Kind::text), text_(v) {}
Value::Value(std::string_view v) : kind_(Kind::text), text_(v) {}
Value::Value(const char* v) : kind_(Kind::text), text_(v) {}
Value::Value(Array v) noexcept : kind_(Kind::array), array_(std::move(v)) {}
Value::Value(Object v) noexcept : kind_(Kind::object), object_(std::move(v)) {}

void Value::copy(const Value& other) {
    if (other.kind_ < Kind::text) {
        bits_ = other.bits_;
    } else if (other.kind_ == Kind::text) {
        std::construct_at(&text_, other.text_);
    } else if (other.kind_ == Kind::array) {
        std::construct_at(&array_, other.array_);
    } else {
        std::construct_at(&object_, other.object_);
    }
    kind_ = other.kind_;
}

void Value::take_held(Value& other) noexcept {
    if (other.kind_ == Kind::text) {
        std::construct_at(&text_, std::move(other.text_));
    } else if (other.kind_ == Kind::array) {
        std::construct_at(&array_, std::move(other.array_));
    } else {
        std::construct_at(&object_, std::move(other.object_));
    }
    kind_ = other.kind_;
}

void Value::release() noexcept {
    if (kind_ == Kind::text) {
        std::destroy_at(&text_);
    } else if (kind_ == Kind::array) {
        std::destroy_at(&array_);
    } else {
        std::destroy_at(&object_);
    }
}

bool Value::operator==(const Value& other) const {
    if (kind_ != other.kind_) {
        return false;
    }
    switch (kind_) {
        case Kind::null:
            return true;
        case Kind::boolean:
        case Kind::integer:
            return bits_ == other.bits_;
        case Kind::number:  // by value: -0.0 is 0.0
            return std::bit_cast<double>(bits_) == std::bit_cast<double>(other.bits_);
        case Kind::text:
            return text_ == other.text_;
        case Kind::array:
            return array_ == other.array_;
        case Kind::object:
            return object_ == other.object_;
    }
    return false;
}

std::optional<bool> Value::as_bool() const {
    return kind_ == Kind::boolean ? std::optional(bits_ != 0) : std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
    if (kind_ == Kind::integer) {
        return std::bit_cast<std::int64_t>(bits_);
    }
    if (kind_ == Kind::number) {
        const auto held = std::bit_cast<double>(bits_);
        // -2^63 is a double, 2^63 - 1 is not: the upper bound is exclusive.
        if (std::trunc(held) == held && held >= -0x1.0p63 && held < 0x1.0p63) {
            return static_cast<std::int64_t>(held);
        }
    }
    return std::nullopt;
}

std::optional<double> Value::as_double() const {
    if (kind_ == Kind::number) {
        return std::bit_cast<double>(bits_);
    }
    return kind_ == Kind::integer ? std::optional(static_cast<double>(std::bit_cast<std::int64_t>(bits_)))
                                  : std::nullopt;
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
