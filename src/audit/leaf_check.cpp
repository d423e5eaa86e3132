#include "audit/leaf_check.hpp"

#include "audit/entry.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace headroom::audit {

namespace {

constexpr int depth_max = 16;
constexpr std::uint64_t integer_max = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t time_length = 24;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_one_of(std::string_view text, std::span<const std::string_view> choices) {
    return std::ranges::find(choices, text) != choices.end();
}

constexpr std::array<std::string_view, 5> actor_kinds{"system", "user", "apikey", "device", "peer"};
constexpr std::array<std::string_view, 4> outcomes{"ok", "denied", "error", "timeout"};

/// Walks canonical JSON from left to right. Every method answers false when the text is not canonical there;
/// `reason()` and `offset()` then say why and where.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t offset() const { return at_; }
    [[nodiscard]] const char* reason() const { return reason_; }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool fail(const char* reason) {
        if (reason_ == nullptr) {
            reason_ = reason;
        }
        return false;
    }

    bool literal(std::string_view expected, const char* reason) {
        if (text_.substr(at_, expected.size()) != expected) {
            return fail(reason);
        }
        at_ += expected.size();
        return true;
    }

    bool value(int depth) {
        switch (peek()) {
            case '{':
                return object(depth, [this](std::string_view, int inner) { return value(inner); });
            case '[':
                return array(depth);
            case '"': {
                std::string_view ignored;
                return string(ignored);
            }
            case 't':
                return literal("true", "no JSON value");
            case 'f':
                return literal("false", "no JSON value");
            case 'n':
                return literal("null", "no JSON value");
            default: {
                std::int64_t ignored = 0;
                return integer(ignored);
            }
        }
    }

    /// `member(key, depth)` is called with the walker at each member's value.
    template <class Member>
    bool object(int depth, Member member) {
        if (depth >= depth_max) {
            return fail("nested deeper than 16");
        }
        if (!literal("{", "an object is expected")) {
            return false;
        }
        if (peek() == '}') {
            ++at_;
            return true;
        }
        std::string_view previous;
        while (true) {
            std::string_view name;
            if (!key(name)) {
                return false;
            }
            if (!previous.empty() && name <= previous) {
                return fail(name == previous ? "a key stands twice" : "keys are not sorted");
            }
            previous = name;
            if (!literal(":", "a colon is expected") || !member(name, depth + 1)) {
                return false;
            }
            if (peek() == '}') {
                ++at_;
                return true;
            }
            if (!literal(",", "a comma or a closing brace is expected")) {
                return false;
            }
        }
    }

    bool array(int depth) {
        if (depth >= depth_max) {
            return fail("nested deeper than 16");
        }
        ++at_;
        if (peek() == ']') {
            ++at_;
            return true;
        }
        while (true) {
            if (!value(depth + 1)) {
                return false;
            }
            if (peek() == ']') {
                ++at_;
                return true;
            }
            if (!literal(",", "a comma or a closing bracket is expected")) {
                return false;
            }
        }
    }

    bool key(std::string_view& name) {
        if (!literal("\"", "a key is expected")) {
            return false;
        }
        const std::size_t begin = at_;
        if (!is_lower(peek())) {
            return fail("a key begins with a-z");
        }
        while (is_lower(peek()) || is_digit(peek()) || peek() == '_') {
            ++at_;
        }
        name = text_.substr(begin, at_ - begin);
        if (name.size() > 32) {
            return fail("a key is longer than 32");
        }
        return literal("\"", "a key holds a-z, 0-9 and _ only");
    }

    /// `inside` is the text between the quotes, escapes as they stand.
    bool string(std::string_view& inside) {
        if (!literal("\"", "a string is expected")) {
            return false;
        }
        const std::size_t begin = at_;
        while (at_ < text_.size()) {
            const auto c = static_cast<unsigned char>(text_[at_]);
            if (c == '"') {
                inside = text_.substr(begin, at_ - begin);
                ++at_;
                return true;
            }
            if (c < 0x20) {
                return fail("a control character is not escaped");
            }
            if (c == '\\' ? !escape() : !character(c)) {
                return false;
            }
        }
        return fail("a string does not end");
    }

    bool integer(std::int64_t& number) {
        const bool is_negative = peek() == '-';
        at_ += is_negative ? 1 : 0;
        if (!is_digit(peek())) {
            return fail("a value is expected");
        }
        if (peek() == '0' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
            return fail("a number begins with 0");
        }
        std::uint64_t magnitude = 0;
        while (is_digit(peek())) {
            magnitude = magnitude * 10 + static_cast<std::uint64_t>(peek() - '0');
            if (magnitude > integer_max) {
                return fail("a number is beyond 2^53-1");
            }
            ++at_;
        }
        if (is_negative && magnitude == 0) {
            return fail("minus zero is not canonical");
        }
        if (peek() == '.' || peek() == 'e' || peek() == 'E') {
            return fail("only whole numbers without exponent are allowed");
        }
        number = is_negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
        return true;
    }

  private:
    bool escape() {
        const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (std::string_view("btnfr\"\\").find(kind) != std::string_view::npos) {
            at_ += 2;
            return true;
        }
        // What has no short form is \u00 and two lower-case digits, for control characters only.
        const std::string_view digits = text_.substr(at_, 6);
        if (digits.size() != 6 || !digits.starts_with("\\u00") || (digits[4] != '0' && digits[4] != '1')) {
            return fail("an escape is not canonical");
        }
        const char low = digits[5];
        if (!is_digit(low) && (low < 'a' || low > 'f')) {
            return fail("an escape is not canonical");
        }
        if (digits[4] == '0' && std::string_view("89acd").find(low) != std::string_view::npos) {
            return fail("a character with a short escape stands in its long form");
        }
        at_ += 6;
        return true;
    }

    /// One UTF-8 character: no surrogates, no overlong forms, nothing above U+10FFFF.
    bool character(unsigned char first) {
        if (first < 0x80) {
            ++at_;
            return true;
        }
        std::size_t length = 0;
        unsigned char low = 0x80;  // bounds of the second byte
        unsigned char high = 0xBF;
        if (first >= 0xC2 && first <= 0xDF) {
            length = 2;
        } else if (first >= 0xE0 && first <= 0xEF) {
            length = 3;
            low = first == 0xE0 ? 0xA0 : low;
            high = first == 0xED ? 0x9F : high;
        } else if (first >= 0xF0 && first <= 0xF4) {
            length = 4;
            low = first == 0xF0 ? 0x90 : low;
            high = first == 0xF4 ? 0x8F : high;
        }
        if (length == 0 || text_.size() - at_ < length) {
            return fail("the text is not UTF-8");
        }
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text_[at_ + i]);
            if (next < low || next > high) {
                return fail("the text is not UTF-8");
            }
            low = 0x80;
            high = 0xBF;
        }
        at_ += length;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    const char* reason_ = nullptr;
};

bool walk_choice(Walker& walker, std::string_view& text, std::span<const std::string_view> choices,
                 const char* reason) {
    return walker.string(text) && (is_one_of(text, choices) || walker.fail(reason));
}

bool walk_actor(Walker& walker, int depth) {
    bool has_id = false;
    bool has_kind = false;
    const bool is_good = walker.object(depth, [&](std::string_view key, int) {
        std::string_view text;
        if (key == "id") {
            has_id = walker.string(text) && (!text.empty() || walker.fail("the actor's id is empty"));
            return has_id;
        }
        if (key == "kind") {
            has_kind = walk_choice(walker, text, actor_kinds, "the actor's kind is unknown");
            return has_kind;
        }
        if (key == "ip" || key == "via") {
            return walker.string(text) && (!text.empty() || walker.fail("an optional member is empty"));
        }
        if (key == "epoch") {
            std::int64_t ignored = 0;
            return walker.integer(ignored);
        }
        return walker.fail("the actor has a member that is not known");
    });
    return is_good && ((has_id && has_kind) || walker.fail("the actor lacks id or kind"));
}

struct Present {
    bool actor = false;
    bool body = false;
    bool outcome = false;
    bool seq = false;
    bool ts = false;
    bool type = false;
    bool v = false;
    [[nodiscard]] bool all() const { return actor && body && outcome && seq && ts && type && v; }
};

bool walk_member(Walker& walker, std::string_view key, int depth, LeafView& view, Present& present) {
    if (key == "actor") {
        return present.actor = walk_actor(walker, depth);
    }
    if (key == "body") {
        return present.body = walker.object(
                   depth, [&walker](std::string_view, int inner) { return walker.value(inner); });
    }
    if (key == "caus" || key == "corr") {
        std::string_view& text = key == "caus" ? view.caus : view.corr;
        return walker.string(text) && (!text.empty() || walker.fail("an optional member is empty"));
    }
    if (key == "outcome") {
        return present.outcome = walk_choice(walker, view.outcome, outcomes, "the outcome is unknown");
    }
    if (key == "seq") {
        std::int64_t seq = 0;
        present.seq = walker.integer(seq) && (seq >= 0 || walker.fail("seq is negative"));
        view.seq = static_cast<std::uint64_t>(seq);
        return present.seq;
    }
    if (key == "ts") {
        std::string_view text;
        if (!walker.string(text)) {
            return false;
        }
        const Result<UtcTime> ts = parse_leaf_time(text);
        if (!ts) {
            return walker.fail("ts is no UTC time with three decimals");
        }
        view.ts = *ts;
        return present.ts = true;
    }
    if (key == "type") {
        return present.type =
                   walker.string(view.type) && (!view.type.empty() || walker.fail("type is empty"));
    }
    if (key == "v") {
        std::int64_t version = 0;
        return present.v = walker.integer(version) && (version == 1 || walker.fail("v is not 1"));
    }
    return walker.fail("the entry has a member that is not known");
}

}  // namespace

Result<UtcTime> parse_leaf_time(std::string_view text) {
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    static_assert(shape.size() == time_length);
    bool fits = text.size() == shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i) {
        fits = shape[i] == 'd' ? is_digit(text[i]) : text[i] == shape[i];
    }
    const auto number = [text](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(from, count)) {
            value = value * 10 + (c - '0');
        }
        return value;
    };
    if (fits) {
        const Date date{std::chrono::year{number(0, 4)},
                        std::chrono::month{static_cast<unsigned>(number(5, 2))},
                        std::chrono::day{static_cast<unsigned>(number(8, 2))}};
        const int hour = number(11, 2);
        const int minute = number(14, 2);
        const int second = number(17, 2);
        if (date.ok() && hour < 24 && minute < 60 && second < 60) {
            return UtcTime{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} +
                   milliseconds{number(20, 3)};
        }
    }
    return Error{Errc::invalid, "a time is not of the form 2026-11-20T16:50:00.000Z", ""};
}

Result<LeafView> check_leaf(std::string_view leaf) {
    if (leaf.size() < 2 || leaf.size() > max_leaf_bytes) {
        return Error{Errc::invalid,
                     "a leaf has " + std::to_string(leaf.size()) + " bytes, 2 to 65535 are allowed", ""};
    }
    Walker walker(leaf);
    LeafView view;
    Present present;
    bool is_good = walker.object(
        0, [&](std::string_view key, int depth) { return walk_member(walker, key, depth, view, present); });
    is_good = is_good && (walker.at_end() || walker.fail("something follows the entry"));
    is_good = is_good && (present.all() || walker.fail("a common member is missing"));
    if (!is_good) {
        return Error{Errc::invalid,
                     "the leaf is not a canonical entry at byte " + std::to_string(walker.offset()) + ": " +
                         walker.reason(),
                     ""};
    }
    return view;
}

}  // namespace headroom::audit
