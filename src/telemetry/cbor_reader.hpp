#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::telemetry {

/// Walks over CBOR, item by item, and never behind its end. Once something is not well-formed it stays
/// `failed` and answers nothing more. Source: RFC 8949 §3, Appendix C.
class CborReader {
  public:
    enum class Major : std::uint8_t { positive, negative, bytes, text, array, map, tag, simple };
    struct Head {
        Major major = Major::positive;
        std::uint8_t info = 0;
        std::uint64_t value = 0;
        bool is_indefinite = false;
    };
    static constexpr int depth_max = 16;
    static constexpr std::size_t text_bytes_max = 64UL * 1024;

    explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

    /// The head of the next item, without passing it.
    [[nodiscard]] std::optional<Head> peek();
    /// The next head, passed.
    std::optional<Head> next();
    /// Passes the break that ends an indefinite item; false when something else comes next.
    bool take_break();
    /// Passes the whole item, whatever it holds.
    void skip(int depth = 0);

    /// The text string that comes next, checked to be UTF-8; `room` holds it when it came in pieces. Nothing,
    /// and the item is passed, when it is none.
    std::optional<std::string_view> text(std::string& room);
    /// The integer or float that comes next. Nothing, and the item is passed, when it is none.
    std::optional<double> number();
    std::optional<std::uint64_t> unsigned_integer();
    /// Passes null or undefined; false when something else comes next.
    bool take_nothing();

  private:
    std::optional<Head> head_at(std::size_t& at);
    std::string_view pass(std::uint64_t count);
    void fail() { failed_ = true; }

    std::string_view bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace headroom::telemetry
