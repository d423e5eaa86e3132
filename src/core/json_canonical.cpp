#include "core/json.hpp"
#include "core/json_write.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace headroom::json {
namespace {

constexpr std::size_t canonical_depth_max = 16;
constexpr std::size_t key_length_max = 32;
constexpr std::size_t canonical_reserve = 1024;
constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

bool is_canonical_key(std::string_view key) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !key.empty() && key.size() <= key_length_max && lower(key.front()) &&
           std::all_of(key.begin(), key.end(),
                       [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// Members by key; most objects have few, so that their order needs no memory of its own.
class SortedMembers {
  public:
    explicit SortedMembers(const Object& object) : size_(object.size()) {
        if (size_ > few_.size()) {
            many_.resize(size_);
        }
        const Object::Member** const place = data();
        std::size_t filled = 0;
        for (const Object::Member& member : object.members()) {
            std::size_t at = filled++;
            if (size_ <= few_.size()) {
                for (; at > 0 && member.key < place[at - 1]->key; --at) {
                    place[at] = place[at - 1];
                }
            }
            place[at] = &member;
        }
        if (size_ > few_.size()) {
            std::sort(many_.begin(), many_.end(),
                      [](const auto* a, const auto* b) { return a->key < b->key; });
        }
    }
    [[nodiscard]] std::span<const Object::Member* const> all() { return {data(), size_}; }

  private:
    const Object::Member** data() { return many_.empty() ? few_.data() : many_.data(); }

    std::size_t size_;
    std::array<const Object::Member*, 24> few_;  // NOLINT: only what was put in is read
    std::vector<const Object::Member*> many_;
};

/// Writes one value after another and stops at the first that does not fit.
class CanonicalWriter {
  public:
    explicit CanonicalWriter(std::string& out) : out_(out) {}

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
        if (depth == canonical_depth_max) {
            return refuse("nested deeper than " + std::to_string(canonical_depth_max));
        }
        return value.is_array() ? write_array(*value.as_array(), depth + 1)
                                : write_object(*value.as_object(), depth + 1);
    }

    bool write(const Object& object) { return write_object(object, 1); }

    [[nodiscard]] Error error() const {
        return Error{Errc::invalid, "no canonical JSON at \"" + pointer_ + "\": " + why_, pointer_};
    }

  private:
    bool refuse(std::string why) {
        why_ = std::move(why);
        return false;
    }
    /// The pointer to what does not fit grows from its end, on the way back to the root.
    bool refuse_below(std::string_view token) {
        pointer_.insert(0, "/" + std::string(token));
        return false;
    }

    bool write_integer(std::int64_t number) {
        if (number < -integer_max || number > integer_max) {
            return refuse(std::to_string(number) + " is beyond 2^53-1");
        }
        append_integer(out_, number);
        return true;
    }

    bool write_array(const Array& array, std::size_t depth) {
        out_ += '[';
        for (std::size_t i = 0; i < array.size(); ++i) {
            if (i != 0) {
                out_ += ',';
            }
            if (!write(array[i], depth)) {
                return refuse_below(std::to_string(i));
            }
        }
        out_ += ']';
        return true;
    }

    bool write_object(const Object& object, std::size_t depth) {
        for (const Object::Member& member : object.members()) {
            if (!is_canonical_key(member.key)) {
                pointer_ = "/" + escape_pointer(member.key);
                return refuse("a key is 1 to 32 of a-z, 0-9 and _, beginning with a letter");
            }
        }
        SortedMembers sorted(object);
        char between = '{';
        for (const Object::Member* member : sorted.all()) {
            out_ += between;
            between = ',';
            out_ += '"';  // a canonical key has nothing to escape
            out_ += member->key;
            out_ += "\":";
            if (!write(member->value, depth)) {
                return refuse_below(member->key);
            }
        }
        out_ += between == '{' ? "{}" : "}";
        return true;
    }

    std::string& out_;
    std::string pointer_;
    std::string why_;
};

}  // namespace

Result<std::string> write_canonical(const Value& value) {
    std::string text;
    text.reserve(canonical_reserve);
    CanonicalWriter writer(text);
    if (!writer.write(value, 0)) {
        return writer.error();
    }
    return text;
}

Result<void> append_canonical(std::string& out, const Object& object) {
    CanonicalWriter writer(out);
    return writer.write(object) ? Result<void>{} : Result<void>(writer.error());
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
