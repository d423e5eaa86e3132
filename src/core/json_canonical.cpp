#include "core/json.hpp"
#include "core/json_write.hpp"

#include <algorithm>

namespace headroom::json {
namespace {

constexpr std::size_t depth_max = 16;
constexpr std::size_t key_length_max = 32;
constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

bool is_canonical_key(std::string_view key) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !key.empty() && key.size() <= key_length_max && lower(key.front()) &&
           std::all_of(key.begin(), key.end(),
                       [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// Writes one value after another and stops at the first that does not fit.
class CanonicalWriter {
  public:
    /// `depth` is how many containers stand around the value.
    bool write(const Value& value, std::size_t depth) {
        if (const std::string* text = value.as_string()) {
            return append_string(out_, *text) || refuse("the text is no UTF-8");
        }
        if (value.is_int()) {
            return write_integer(*value.as_int());
        }
        if (value.is_bool()) {
            out_ += *value.as_bool() ? "true" : "false";
            return true;
        }
        if (value.is_null()) {
            out_ += "null";
            return true;
        }
        if (value.is_number()) {
            return refuse("only whole numbers are allowed");
        }
        if (depth == depth_max) {
            return refuse("nested deeper than " + std::to_string(depth_max));
        }
        return value.is_array() ? write_array(*value.as_array(), depth + 1)
                                : write_object(*value.as_object(), depth + 1);
    }

    [[nodiscard]] std::string take() { return std::move(out_); }
    [[nodiscard]] Error error() const {
        return Error{Errc::invalid, "no canonical JSON at \"" + pointer_ + "\": " + why_, pointer_};
    }

  private:
    /// `pointer_` stays where it is: on the value that does not fit.
    bool refuse(std::string why) {
        why_ = std::move(why);
        return false;
    }

    bool write_integer(std::int64_t number) {
        if (number < -integer_max || number > integer_max) {
            return refuse(std::to_string(number) + " is beyond 2^53-1");
        }
        append_integer(out_, number);
        return true;
    }

    bool write_below(std::string_view token, const Value& value, std::size_t depth) {
        const std::size_t length = pointer_.size();
        pointer_ += '/';
        pointer_ += token;
        if (!write(value, depth)) {
            return false;
        }
        pointer_.resize(length);
        return true;
    }

    bool write_array(const Array& array, std::size_t depth) {
        out_ += '[';
        for (std::size_t i = 0; i < array.size(); ++i) {
            if (i != 0) {
                out_ += ',';
            }
            if (!write_below(std::to_string(i), array[i], depth)) {
                return false;
            }
        }
        out_ += ']';
        return true;
    }

    bool write_object(const Object& object, std::size_t depth) {
        std::vector<const Object::Member*> sorted;
        sorted.reserve(object.size());
        for (const Object::Member& member : object.members()) {
            if (!is_canonical_key(member.first)) {
                pointer_ += "/" + escape_pointer(member.first);
                return refuse("a key is 1 to 32 of a-z, 0-9 and _, beginning with a letter");
            }
            sorted.push_back(&member);
        }
        std::sort(sorted.begin(), sorted.end(),
                  [](const auto* a, const auto* b) { return a->first < b->first; });
        out_ += '{';
        for (const Object::Member* member : sorted) {
            if (member != sorted.front()) {
                out_ += ',';
            }
            append_string(out_, member->first);
            out_ += ':';
            if (!write_below(member->first, member->second, depth)) {
                return false;
            }
        }
        out_ += '}';
        return true;
    }

    std::string out_;
    std::string pointer_;
    std::string why_;
};

}  // namespace

Result<std::string> write_canonical(const Value& value) {
    CanonicalWriter writer;
    if (!writer.write(value, 0)) {
        return writer.error();
    }
    return writer.take();
}

Result<Value> parse_canonical(std::string_view text) {
    Result<Value> value = parse(text);
    if (!value) {
        return value;
    }
    Result<std::string> expected = write_canonical(*value);
    if (!expected) {
        return expected.error();
    }
    if (*expected != text) {
        const auto differ = std::mismatch(text.begin(), text.end(), expected->begin(), expected->end());
        return Error{Errc::invalid,
                     "not in canonical form from byte " + std::to_string(differ.first - text.begin()) + " on",
                     ""};
    }
    return value;
}

}  // namespace headroom::json
