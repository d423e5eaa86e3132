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

/// Writes one value; `pointer` is where it stands, `depth` how many containers stand around it.
class CanonicalWriter {
  public:
    Result<void> write(const Value& value, const std::string& pointer, std::size_t depth) {
        if (const std::string* text = value.as_string()) {
            return append_string(out_, *text) ? Result<void>() : refuse(pointer, "the text is no UTF-8");
        }
        if (value.is_int()) {
            return write_integer(*value.as_int(), pointer);
        }
        if (value.is_bool()) {
            out_ += *value.as_bool() ? "true" : "false";
            return {};
        }
        if (value.is_null()) {
            out_ += "null";
            return {};
        }
        if (value.is_number()) {
            return refuse(pointer, "only whole numbers are allowed");
        }
        if (depth == depth_max) {
            return refuse(pointer, "nested deeper than " + std::to_string(depth_max));
        }
        return value.is_array() ? write_array(*value.as_array(), pointer, depth + 1)
                                : write_object(*value.as_object(), pointer, depth + 1);
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    static Error refuse(const std::string& pointer, const std::string& why) {
        return Error{Errc::invalid, "no canonical JSON at \"" + pointer + "\": " + why, pointer};
    }

    Result<void> write_integer(std::int64_t number, const std::string& pointer) {
        if (number < -integer_max || number > integer_max) {
            return refuse(pointer, std::to_string(number) + " is beyond 2^53-1");
        }
        append_integer(out_, number);
        return {};
    }

    Result<void> write_array(const Array& array, const std::string& pointer, std::size_t depth) {
        out_ += '[';
        for (std::size_t i = 0; i < array.size(); ++i) {
            if (i != 0) {
                out_ += ',';
            }
            if (auto written = write(array[i], pointer + "/" + std::to_string(i), depth); !written) {
                return written;
            }
        }
        out_ += ']';
        return {};
    }

    Result<void> write_object(const Object& object, const std::string& pointer, std::size_t depth) {
        std::vector<const Object::Member*> sorted;
        sorted.reserve(object.size());
        for (const Object::Member& member : object.members()) {
            if (!is_canonical_key(member.first)) {
                return refuse(pointer + "/" + escape_pointer(member.first),
                              "a key is 1 to 32 of a-z, 0-9 and _, beginning with a letter");
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
            if (auto written = write(member->second, pointer + "/" + member->first, depth); !written) {
                return written;
            }
        }
        out_ += '}';
        return {};
    }

    std::string out_;
};

}  // namespace

Result<std::string> write_canonical(const Value& value) {
    CanonicalWriter writer;
    if (auto written = writer.write(value, "", 0); !written) {
        return written.error();
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
