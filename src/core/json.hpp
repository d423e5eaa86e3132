#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headroom::json {

class Value;
using Array = std::vector<Value>;

/// Members in the order they were set; a key stands once.
class Object {
  public:
    using Member = std::pair<std::string, Value>;
    Object() = default;
    Object(std::initializer_list<Member> members);
    /// For members whose keys are known to differ: skips the search for each key that `set` makes.
    [[nodiscard]] static Object from_distinct(std::vector<Member> members);

    /// The member's value, or nullptr.
    [[nodiscard]] const Value* find(std::string_view key) const;
    [[nodiscard]] Value* find(std::string_view key);
    /// Replaces or appends; answers the object for chaining.
    Object& set(std::string key, Value value);
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
    Value() = default;
    Value(std::nullptr_t) {}                                         // NOLINT
    Value(bool v) : data_(v) {}                                      // NOLINT
    Value(std::int64_t v) : data_(v) {}                              // NOLINT
    Value(int v) : data_(static_cast<std::int64_t>(v)) {}            // NOLINT
    Value(std::uint32_t v) : data_(static_cast<std::int64_t>(v)) {}  // NOLINT
    Value(std::uint64_t v) : data_(static_cast<std::int64_t>(v)) {}  // NOLINT: ours stay below 2^63
    Value(double v) : data_(v) {}                                    // NOLINT
    Value(std::string v) : data_(std::move(v)) {}                    // NOLINT
    Value(std::string_view v) : data_(std::string(v)) {}             // NOLINT
    Value(const char* v) : data_(std::string(v)) {}                  // NOLINT
    Value(Array v) : data_(std::move(v)) {}                          // NOLINT
    Value(Object v) : data_(std::move(v)) {}                         // NOLINT
    template <class T>
    Value(const std::optional<T>& v) : Value(v ? Value(*v) : Value()) {}  // NOLINT

    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
    [[nodiscard]] bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
    [[nodiscard]] bool is_number() const { return is_int() || std::holds_alternative<double>(data_); }
    [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
    [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(data_); }
    [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(data_); }

    /// The value as that type, or nothing. `as_int` takes whole doubles too; `as_double` takes integers.
    [[nodiscard]] std::optional<bool> as_bool() const;
    [[nodiscard]] std::optional<std::int64_t> as_int() const;
    [[nodiscard]] std::optional<double> as_double() const;
    [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&data_); }
    [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&data_); }
    [[nodiscard]] Array* as_array() { return std::get_if<Array>(&data_); }
    [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&data_); }
    [[nodiscard]] Object* as_object() { return std::get_if<Object>(&data_); }

    /// Member of an object or nullptr, also when this is no object: `v.get("a")`.
    [[nodiscard]] const Value* get(std::string_view key) const;
    /// By JSON Pointer (RFC 6901), nullptr when there is nothing.
    [[nodiscard]] const Value* at(std::string_view pointer) const;
    /// The text at `pointer`, or `otherwise`; the same for integers, numbers and booleans.
    [[nodiscard]] std::string text(std::string_view pointer, std::string_view otherwise = "") const;
    [[nodiscard]] std::int64_t integer(std::string_view pointer, std::int64_t otherwise = 0) const;
    [[nodiscard]] double number(std::string_view pointer, double otherwise = 0.0) const;
    [[nodiscard]] bool boolean(std::string_view pointer, bool otherwise = false) const;

    bool operator==(const Value&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
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
