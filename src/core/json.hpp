#pragma once

#include "core/json_key.hpp"
#include "core/result.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::json {

class Value;
struct MemberInit;

/// `V` is `Value`, which is not yet whole here.
template <class V>
struct MemberOf {
    MemberOf(Key&& k, V&& v) : key(std::move(k)), value(std::move(v)) {}
    MemberOf(const Key& k, const V& v) : key(k), value(v) {}
    Key key;
    V value;
    bool operator==(const MemberOf&) const = default;
};
using Array = std::vector<Value>;

/// Members in the order they were set; a key stands once.
class Object {
  public:
    using Member = MemberOf<Value>;
    Object() = default;
    Object(const Object&) = default;
    Object(Object&&) noexcept = default;
    Object& operator=(const Object&) = default;
    Object& operator=(Object&&) noexcept = default;
    ~Object();
    /// `Object{{"id", id}, {"load_kw", 12.5}}`; of a key that stands twice the last value counts.
    Object(std::initializer_list<MemberInit> members);
    /// For members whose keys are known to differ: skips the search for each key that `set` makes.
    [[nodiscard]] static Object from_distinct(std::vector<Member> members);

    /// The member's value, or nullptr.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] Value* find(std::string_view key);
    /// Replaces or appends; answers the object for chaining.
    Object& set(Key key, Value value);
    /// `set` with each member of `other`, which are taken out of it.
    Object& set_all(Object other);
    bool erase(std::string_view key);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] const std::vector<Member>& members() const { return members_; }
    /// The same keys with the same values, in whatever order.
    bool operator==(const Object&) const;

  private:
    std::vector<Member> members_;
};

/// Any JSON value. Whole numbers that fit stay 64-bit integers, everything else numeric is a finite double.
class Value {
  public:
    Value() {}                                                 // NOLINT: no member of the union yet
    Value(std::nullptr_t) {}                                   // NOLINT
    Value(bool v) : kind_(Kind::boolean), bits_(v ? 1 : 0) {}  // NOLINT
    Value(std::int64_t v) : kind_(Kind::integer), bits_(std::bit_cast<std::uint64_t>(v)) {}  // NOLINT
    Value(int v) : Value(static_cast<std::int64_t>(v)) {}                                    // NOLINT
    Value(std::uint32_t v) : Value(static_cast<std::int64_t>(v)) {}                          // NOLINT
    Value(std::uint64_t v) : Value(static_cast<std::int64_t>(v)) {}  // NOLINT: ours stay below 2^63
    Value(double v) : kind_(Kind::number), bits_(std::bit_cast<std::uint64_t>(v)) {}  // NOLINT
    Value(std::string&& v) noexcept;                                                  // NOLINT
    Value(const std::string& v);                                                      // NOLINT
    Value(std::string_view v);                                                        // NOLINT
    Value(const char* v);                                                             // NOLINT
    Value(Array v) noexcept;                                                          // NOLINT
    Value(Object v) noexcept;                                                         // NOLINT
    template <class T>
    Value(const std::optional<T>& v) : Value(v ? Value(*v) : Value()) {}  // NOLINT

    Value(const Value& other) { copy(other); }  // NOLINT: copy() sets the kind
    Value(Value&& other) noexcept { take(other); }
    Value& operator=(const Value& other) { return *this = Value(other); }
    Value& operator=(Value&& other) noexcept {
        Value taken(std::move(other));  // which may be a part of this one
        clear();
        take(taken);
        return *this;
    }
    ~Value() { clear(); }

    [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
    [[nodiscard]] bool is_bool() const { return kind_ == Kind::boolean; }
    [[nodiscard]] bool is_int() const { return kind_ == Kind::integer; }
    [[nodiscard]] bool is_number() const { return is_int() || kind_ == Kind::number; }
    [[nodiscard]] bool is_string() const { return kind_ == Kind::text; }
    [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
    [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }

    /// The value as that type, or nothing. `as_int` takes whole doubles too; `as_double` takes integers.
    [[nodiscard]] std::optional<bool> as_bool() const;
    [[nodiscard]] std::optional<std::int64_t> as_int() const;
    [[nodiscard]] std::optional<double> as_double() const;
    [[nodiscard]] const std::string* as_string() const { return kind_ == Kind::text ? &text_ : nullptr; }
    [[nodiscard]] const Array* as_array() const { return kind_ == Kind::array ? &array_ : nullptr; }
    [[nodiscard]] Array* as_array() { return kind_ == Kind::array ? &array_ : nullptr; }
    [[nodiscard]] const Object* as_object() const { return kind_ == Kind::object ? &object_ : nullptr; }
    [[nodiscard]] Object* as_object() { return kind_ == Kind::object ? &object_ : nullptr; }

    /// Member of an object or nullptr, also when this is no object: `v.get("a")`.
    [[nodiscard]] const Value* get(std::string_view key) const;
    /// By JSON Pointer (RFC 6901), nullptr when there is nothing.
    [[nodiscard]] const Value* at(std::string_view pointer) const;
    /// The text at `pointer`, or `otherwise`; the same for integers, numbers and booleans.
    [[nodiscard]] std::string text(std::string_view pointer, std::string_view otherwise = "") const;
    [[nodiscard]] std::int64_t integer(std::string_view pointer, std::int64_t otherwise = 0) const;
    [[nodiscard]] double number(std::string_view pointer, double otherwise = 0.0) const;
    [[nodiscard]] bool boolean(std::string_view pointer, bool otherwise = false) const;

    bool operator==(const Value& other) const;

  private:
    enum class Kind : std::uint8_t { null, boolean, integer, number, text, array, object };  // scalars first

    // A union of our own, where a std::variant goes through a table of functions for every move and end of a
    // value: an event writes some thousand of them.

    /// Precondition: this is null, as it stays when memory runs out.
    void copy(const Value& other);
    /// Precondition: this is null. `other` stays what it is, emptied.
    void take(Value& other) noexcept {
        if (other.kind_ < Kind::text) {
            bits_ = other.bits_;
            kind_ = other.kind_;
        } else {
            take_held(other);
        }
    }
    void clear() noexcept {
        if (kind_ >= Kind::text) {
            release();
        }
        kind_ = Kind::null;
    }
    // Of what holds memory, and out of line: between braces stand hundreds of values in one function, each
    // with its move and its end twice over.
    void take_held(Value& other) noexcept;
    void release() noexcept;

    Kind kind_ = Kind::null;
    union {
        std::uint64_t bits_ = 0;  // of a boolean, an integer or a double
        std::string text_;
        Array array_;
        Object object_;
    };
};

/// A member as it stands between braces; key and value are taken out of it. No constructor: both are made
/// where they stand.
struct MemberInit {
    mutable Key key;  // an initializer_list gives its elements as constants
    mutable Value value;
};

struct ParseLimits {
    std::size_t bytes = 16UL * 1024 * 1024;
    std::size_t depth = 32;
};

/// Reads one JSON text (simdjson). Errors: `invalid` for anything RFC 8259 forbids, duplicate keys, numbers
/// outside the range of a double, too deep or too long; the message names the byte offset or the JSON
/// Pointer.
[[nodiscard]] Result<Value> parse(std::string_view text, ParseLimits limits = {});

/// Compact text, members in their order, doubles by the shortest form that reads back the same. What JSON
/// cannot hold is replaced: bytes that are no UTF-8 by U+FFFD, a double that is not finite by null.
[[nodiscard]] std::string write(const Value& value);
/// The same with two blanks of indent per level and a final newline.
[[nodiscard]] std::string write_pretty(const Value& value);

/// RFC 8785 form in the audit log's profile (docs/formats/audit.md): integers only within ±(2^53−1), keys
/// sorted and matching [a-z][a-z0-9_]{0,31}, depth ≤ 16. Errors: `invalid` with the pointer of what does not
/// fit.
[[nodiscard]] Result<std::string> write_canonical(const Value& value);
/// Whether `text` is byte for byte what `write_canonical` would give for it. Errors: `invalid` saying why
/// not.
[[nodiscard]] Result<Value> parse_canonical(std::string_view text);

/// `text` with the escapes a JSON Pointer token needs (~ and /).
[[nodiscard]] std::string escape_pointer(std::string_view token);

}  // namespace headroom::json
