#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace headroom {

/// What the caller can do about a fault.
enum class Errc {
    invalid,      ///< mend the input
    not_found,    ///< no such thing
    conflict,     ///< read again, then retry
    denied,       ///< not allowed
    unavailable,  ///< try later
    timeout,      ///< no answer in time; the outcome may be unknown
    corrupt,      ///< stored data is damaged: stop and call someone
    unsupported,  ///< understood, but this build or peer cannot do it
};

/// The code's name as it stands in logs and JSON: "not_found".
[[nodiscard]] std::string_view to_string(Errc code);

/// An expected fault. `message` is a sentence with the ids and values it speaks of.
struct Error {
    Errc code = Errc::invalid;
    std::string message;
    std::string pointer = {};  ///< JSON Pointer of the offending field; empty when none applies

    bool operator==(const Error&) const = default;
};

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

/// Our own bugs stop the process, in release too.
#define HEADROOM_ASSERT(expression) \
    ((expression) ? static_cast<void>(0) : ::headroom::assertion_failed(#expression, __FILE__, __LINE__))

/// A value or an expected fault. Reading the wrong side is our own bug and stops the process.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value)
        : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Result(Error error)
        : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    [[nodiscard]] T& value() & {
        HEADROOM_ASSERT(has_value());
        return std::get<0>(state_);
    }
    [[nodiscard]] const T& value() const& {
        HEADROOM_ASSERT(has_value());
        return std::get<0>(state_);
    }
    [[nodiscard]] T&& value() && {
        HEADROOM_ASSERT(has_value());
        return std::get<0>(std::move(state_));
    }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }
    [[nodiscard]] T value_or(T other) const& { return has_value() ? std::get<0>(state_) : std::move(other); }

    [[nodiscard]] const Error& error() const {
        HEADROOM_ASSERT(!has_value());
        return std::get<1>(state_);
    }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }
    [[nodiscard]] const Error& error() const {
        HEADROOM_ASSERT(error_.has_value());
        return *error_;
    }

  private:
    std::optional<Error> error_;
};

}  // namespace headroom
