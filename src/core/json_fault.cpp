#include "core/json_fault.hpp"

#include "core/utf8.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace headroom::json {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Each `read_` answers whether what it stands on is well-formed and, if so, stands behind it.
class Locator {
  public:
    Locator(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

    std::optional<TextFault> run() {
        skip_blanks();
        if (read_value(0)) {
            skip_blanks();
            if (at_ < text_.size()) {
                fail("characters follow the value");
            }
        }
        return std::move(fault_);
    }

  private:
    bool fail(std::string reason) {
        fault_ = TextFault{at_, std::move(reason)};
        return false;
    }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void skip_blanks() {
        while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
            ++at_;
        }
    }

    bool read_value(std::size_t depth) {
        if (at_ == text_.size()) {
            return fail("the text ends where a value should stand");
        }
        const char c = peek();
        if (c == '{' || c == '[') {
            if (depth == depth_max_) {
                return fail("nested deeper than " + std::to_string(depth_max_));
            }
            return c == '{' ? read_object(depth + 1) : read_array(depth + 1);
        }
        if (c == '"') {
            return read_string();
        }
        if (c == '-' || is_digit(c)) {
            return read_number();
        }
        for (const std::string_view word : {"true", "false", "null"}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return true;
            }
        }
        return fail("no JSON value begins so");
    }

    bool read_object(std::size_t depth) {
        ++at_;
        skip_blanks();
        if (take('}')) {
            return true;
        }
        for (;;) {
            if (peek() != '"') {
                return fail("expected a key in quotes");
            }
            if (!read_string()) {
                return false;
            }
            skip_blanks();
            if (!take(':')) {
                return fail("expected a colon after the key");
            }
            skip_blanks();
            if (!read_value(depth)) {
                return false;
            }
            skip_blanks();
            if (take('}')) {
                return true;
            }
            if (!take(',')) {
                return fail("expected a comma or the end of the object");
            }
            skip_blanks();
        }
    }

    bool read_array(std::size_t depth) {
        ++at_;
        skip_blanks();
        if (take(']')) {
            return true;
        }
        for (;;) {
            if (!read_value(depth)) {
                return false;
            }
            skip_blanks();
            if (take(']')) {
                return true;
            }
            if (!take(',')) {
                return fail("expected a comma or the end of the array");
            }
            skip_blanks();
        }
    }

    bool read_string() {
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '\\') {
                if (!read_escape()) {
                    return false;
                }
                continue;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return fail("a control character stands unescaped in a text");
            }
            const std::size_t length = utf8_character_length(text_.substr(at_));
            if (length == 0) {
                return fail("the bytes are no UTF-8");
            }
            at_ += length;
        }
        return fail("the text ends within a string");
    }

    /// Four hexadecimal digits at `from`.
    [[nodiscard]] std::optional<unsigned> code_unit(std::size_t from) const {
        const std::string_view digits = text_.substr(std::min(from, text_.size()), 4);
        unsigned unit = 0;
        const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
        const bool whole = digits.size() == 4 && fault == std::errc{} && end == digits.data() + 4;
        return whole ? std::optional(unit) : std::nullopt;
    }

    bool read_escape() {
        constexpr std::string_view simple = "\"\\/bfnrt";
        if (at_ + 1 < text_.size() && simple.find(text_[at_ + 1]) != std::string_view::npos) {
            at_ += 2;
            return true;
        }
        if (text_.substr(at_, 2) != "\\u") {
            return fail("no such escape");
        }
        const std::optional<unsigned> unit = code_unit(at_ + 2);
        if (!unit) {
            return fail("expected four hexadecimal digits after \\u");
        }
        if (*unit >= 0xD800 && *unit <= 0xDFFF) {
            const std::optional<unsigned> low =
                text_.substr(std::min(at_ + 6, text_.size()), 2) == "\\u" ? code_unit(at_ + 8) : std::nullopt;
            if (*unit >= 0xDC00 || !low || *low < 0xDC00 || *low > 0xDFFF) {
                return fail("half of a surrogate pair stands alone");
            }
            at_ += 6;
        }
        at_ += 6;
        return true;
    }

    bool read_number() {
        const std::size_t begin = at_;
        take('-');
        if (!is_digit(peek())) {
            return fail("expected a digit");
        }
        if (take('0')) {
            if (is_digit(peek())) {
                return fail("a number begins with 0");
            }
        } else {
            skip_digits();
        }
        if (take('.')) {
            if (!is_digit(peek())) {
                return fail("expected a digit after the decimal point");
            }
            skip_digits();
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            if (!is_digit(peek())) {
                return fail("expected a digit in the exponent");
            }
            skip_digits();
        }
        return check_range(begin);
    }
    void skip_digits() {
        while (is_digit(peek())) {
            ++at_;
        }
    }
    /// A number too small for a double is zero; one too large is a fault.
    bool check_range(std::size_t begin) {
        double value = 0.0;
        const auto [end, fault] = std::from_chars(text_.data() + begin, text_.data() + at_, value);
        if (fault == std::errc::result_out_of_range) {
            // from_chars says the same of both: what is tiny has a negative exponent.
            const std::string_view number = text_.substr(begin, at_ - begin);
            const std::size_t exponent = number.find_first_of("eE");
            const bool tiny = exponent != std::string_view::npos && exponent + 1 < number.size() &&
                              number[exponent + 1] == '-';
            if (!tiny) {
                at_ = begin;
                return fail("the number is beyond the range of a double");
            }
        }
        return true;
    }

    std::string_view text_;
    std::size_t depth_max_;
    std::size_t at_ = 0;
    std::optional<TextFault> fault_;
};

}  // namespace

std::optional<TextFault> find_fault(std::string_view text, std::size_t depth_max) {
    return Locator(text, depth_max).run();
}

}  // namespace headroom::json
