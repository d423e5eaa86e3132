#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::json {

/// Reads the members of one JSON object with bounds. The first fault is kept, with the pointer of the member;
/// after it every call answers a default, so that a reader is one straight list and asks once, at its end.
class ObjectReader {
  public:
    /// `pointer` is where the object stands in its document ("" = the document itself).
    explicit ObjectReader(const Value& value, std::string pointer = "");
    explicit ObjectReader(Value&& value, std::string pointer = "") = delete;  // it reads in place

    /// A string of `min` to `max` bytes.
    [[nodiscard]] std::string text(std::string_view key, std::size_t max = 256, std::size_t min = 0);
    /// The same, or "" when the member is absent.
    [[nodiscard]] std::string text_or_empty(std::string_view key, std::size_t max = 256);
    [[nodiscard]] std::int64_t integer(std::string_view key,
                                       std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                                       std::int64_t max = std::numeric_limits<std::int64_t>::max());
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min,
                                                               std::int64_t max);
    [[nodiscard]] bool boolean(std::string_view key);
    /// RFC 3339 with a zone.
    [[nodiscard]] UtcTime time(std::string_view key);
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key, std::size_t count_max,
                                                     std::int64_t min, std::int64_t max);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key, std::size_t count_max,
                                                 std::size_t max = 256);
    /// The items of an array of at most `count_max`; empty after a fault.
    [[nodiscard]] const Array& array(std::string_view key, std::size_t count_max);
    /// A required member of any kind; null after a fault.
    [[nodiscard]] const Value& value(std::string_view key);
    [[nodiscard]] bool has(std::string_view key) const;

    /// Takes a reader's answer for the member `key`, or keeps its fault below this object's pointer.
    template <class T>
    [[nodiscard]] T take(std::string_view key, Result<T> read) {
        if (!read) {
            keep(Error{read.error().code, read.error().message, path(key) + read.error().pointer});
            return T{};
        }
        return std::move(read).value();
    }
    /// A word of a closed list, read by `parse` (text → optional).
    template <class Parse>
    [[nodiscard]] auto word(std::string_view key, Parse parse) {
        using T = typename decltype(parse(std::string_view{}))::value_type;
        const std::string word_text = text(key, 64);
        if (!ok()) {
            return T{};
        }
        const std::optional<T> parsed = parse(word_text);
        if (!parsed) {
            refuse(key, "'" + word_text + "' is not one of the words known here");
            return T{};
        }
        return *parsed;
    }

    void refuse(std::string_view key, std::string_view why);
    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    [[nodiscard]] const Error& error() const { return error_.value(); }
    [[nodiscard]] std::string path(std::string_view key) const;
    [[nodiscard]] std::string path(std::string_view key, std::size_t index) const;
    void keep(Error error);

    /// Refuses members that nobody asked for. Call it last.
    void refuse_unknown();

  private:
    const Value* find(std::string_view key);
    const Value* require(std::string_view key);

    const Object* object_ = nullptr;
    std::string pointer_;
    std::vector<std::string> asked_;
    std::optional<Error> error_;
};

}  // namespace headroom::json
