#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::json {

/// The name of an object's member. One that stands in the program's own text is only pointed at, so that the
/// thousand names of an event's records are not copied, measured and freed one by one; any other is kept in
/// place when it is short.
class Key {
  public:
    /// A literal: whatever it is given has to be a constant of the program.
    template <std::size_t N>
    consteval Key(const char (&literal)[N]) : far_(literal), size_(N - 1) {}  // NOLINT
    Key(std::string_view text) { keep(text); }                                // NOLINT
    Key(const std::string& text) { keep(text); }                              // NOLINT
    template <std::same_as<const char*> T>
    Key(const T& text) {  // NOLINT
        keep(text);
    }
    /// A text that outlives every value, such as a field's name in a table.
    [[nodiscard]] static Key of_static(std::string_view text) {
        Key key{""};
        key.far_ = text.data();
        key.size_ = static_cast<std::uint32_t>(text.size());
        return key;
    }
    Key(const Key& other) : far_(other.far_), size_(other.size_), near_(other.near_) {
        if (other.is_owned()) {
            keep(other);
        }
    }
    Key(Key&& other) noexcept : far_(other.far_), size_(other.size_), near_(other.near_) { other.forget(); }
    Key& operator=(const Key& other) { return *this = Key(other); }
    Key& operator=(Key&& other) noexcept {
        std::swap(far_, other.far_);
        std::swap(size_, other.size_);
        std::swap(near_, other.near_);
        return *this;
    }
    ~Key() {
        if (is_owned()) {
            delete[] far_;
        }
    }

    operator std::string_view() const {  // NOLINT: a key reads as its text
        return {far_ == nullptr ? near_.data() : far_, size_ & ~owned_bit};
    }
    [[nodiscard]] std::string str() const { return std::string(std::string_view(*this)); }

    template <std::convertible_to<std::string_view> T>
    friend bool operator==(const Key& a, const T& b) {
        return std::string_view(a) == std::string_view(b);
    }
    template <std::convertible_to<std::string_view> T>
    friend std::string operator+(const T& a, const Key& b) {
        return std::string(std::string_view(a)).append(std::string_view(b));
    }
    template <std::convertible_to<std::string_view> T>
        requires(!std::same_as<T, Key>)
    friend std::string operator+(const Key& a, const T& b) {
        return a.str().append(std::string_view(b));
    }
    friend bool operator<(const Key& a, const Key& b) { return std::string_view(a) < std::string_view(b); }

  private:
    static constexpr std::uint32_t owned_bit = 1U << 31U;  // texts are bounded far below
    static constexpr std::size_t near_max = 12;

    [[nodiscard]] bool is_owned() const { return (size_ & owned_bit) != 0; }
    void forget() noexcept {
        far_ = nullptr;
        size_ = 0;
    }
    void keep(std::string_view text) {
        char* to = near_.data();
        far_ = nullptr;
        size_ = static_cast<std::uint32_t>(text.size());
        if (text.size() > near_max) {
            to = new char[text.size()];
            far_ = to;
            size_ |= owned_bit;
        }
        std::copy(text.begin(), text.end(), to);
    }

    const char* far_ = nullptr;  // nothing where the text is near
    std::uint32_t size_ = 0;     // with owned_bit, where `far_` is ours to free
    std::array<char, near_max> near_{};
};

}  // namespace headroom::json
