#include "core/json.hpp"
#include "core/json_fault.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace headroom::json {
namespace {

namespace dom = simdjson::dom;

/// A parser keeps its buffers for the next text; one that served a large text is not kept.
constexpr std::size_t kept_parser_bytes_max = 1024UL * 1024;
/// Up to here a duplicate is looked for among all earlier keys, above that by sorting: a hostile object costs
/// n log n.
constexpr std::size_t compare_all_max = 12;

/// Fills values in place and stops at the first fault.
class Converter {
  public:
    explicit Converter(std::size_t depth_max) : depth_max_(depth_max) {}

    [[nodiscard]] bool convert(const dom::element& element, std::size_t depth, Value& out) {
        switch (element.type()) {
            case dom::element_type::ARRAY:
                return depth == depth_max_ ? too_deep() : convert(dom::array(element), depth + 1, out);
            case dom::element_type::OBJECT:
                return depth == depth_max_ ? too_deep() : convert(dom::object(element), depth + 1, out);
            case dom::element_type::INT64:
                out = Value(std::int64_t{element});
                return true;
            case dom::element_type::UINT64:  // simdjson calls so only what is beyond int64
                out = Value(static_cast<double>(std::uint64_t{element}));
                return true;
            case dom::element_type::DOUBLE:
                out = Value(double{element});
                return true;
            case dom::element_type::STRING:
                out = Value(std::string_view{element});
                return true;
            case dom::element_type::BOOL:
                out = Value(bool{element});
                return true;
            case dom::element_type::NULL_VALUE:
                return true;
        }
        HEADROOM_ASSERT(false && "a JSON type that simdjson does not have");
        return false;
    }

    [[nodiscard]] Error error() const {
        const std::string place = "at \"" + pointer_ + "\" ";
        return Error{Errc::invalid,
                     is_twice_ ? "the key " + place + "stands twice"
                               : "JSON " + place + "is nested deeper than " + std::to_string(depth_max_),
                     pointer_};
    }

  private:
    static bool too_deep() { return false; }
    /// The pointer to the fault grows from its end, on the way back to the root.
    bool refuse_below(const std::string& token) {
        pointer_.insert(0, "/" + token);
        return false;
    }

    bool convert(const dom::array& array, std::size_t depth, Value& out) {
        Array values;
        values.reserve(array.size());
        for (const dom::element element : array) {
            if (!convert(element, depth, values.emplace_back())) {
                return refuse_below(std::to_string(values.size() - 1));
            }
        }
        out = Value(std::move(values));
        return true;
    }

    bool convert(const dom::object& object, std::size_t depth, Value& out) {
        std::vector<Object::Member> members;
        members.reserve(object.size());
        for (const auto [key, element] : object) {
            if (!convert(element, depth, members.emplace_back(key, Value()).value)) {
                return refuse_below(escape_pointer(key));
            }
        }
        if (const Key* twice = find_duplicate(members)) {
            pointer_ = "/" + escape_pointer(*twice);
            is_twice_ = true;
            return false;
        }
        out = Value(Object::from_distinct(std::move(members)));
        return true;
    }

    static const Key* find_duplicate(const std::vector<Object::Member>& members) {
        if (members.size() <= compare_all_max) {
            for (std::size_t i = 1; i < members.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j) {
                    if (members[i].key == members[j].key) {
                        return &members[i].key;
                    }
                }
            }
            return nullptr;
        }
        std::vector<const Key*> keys;
        keys.reserve(members.size());
        for (const Object::Member& member : members) {
            keys.push_back(&member.key);
        }
        std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
        const auto twice = std::adjacent_find(keys.begin(), keys.end(),
                                              [](const auto* a, const auto* b) { return *a == *b; });
        return twice == keys.end() ? nullptr : *twice;
    }

    std::size_t depth_max_;
    std::string pointer_;
    bool is_twice_ = false;  // otherwise too deep
};

bool is_wide_integer(std::string_view number) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    return fault == std::errc::result_out_of_range && end == number.data() + number.size();
}

/// The text with "e0" behind every integer beyond 64 bits: simdjson refuses those, but reads the same number
/// as a double when it has an exponent.
std::string with_wide_integers_as_doubles(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    bool in_string = false;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (in_string) {
            const std::size_t step = c == '\\' && i + 1 < text.size() ? 2 : 1;
            in_string = c != '"';
            out += text.substr(i, step);
            i += step;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            const std::size_t end = std::min(text.find_first_not_of("0123456789+-.eE", i), text.size());
            const std::string_view number = text.substr(i, end - i);
            out += number;
            if (is_wide_integer(number)) {
                out += "e0";
            }
            i = end;
        } else {
            in_string = c == '"';
            out += c;
            ++i;
        }
    }
    return out;
}

Error refused(std::string_view text, std::size_t depth_max, simdjson::error_code code) {
    if (const std::optional<TextFault> fault = find_fault(text, depth_max)) {
        return Error{Errc::invalid, "no JSON at byte " + std::to_string(fault->offset) + ": " + fault->reason,
                     ""};
    }
    return Error{Errc::invalid, std::string("no JSON: ") + simdjson::error_message(code), ""};
}

simdjson::error_code read(dom::parser& parser, std::string_view text, dom::element& root) {
    return parser.parse(text.data(), text.size()).get(root);  // which copies it to a buffer that it keeps
}

}  // namespace

Result<Value> parse(std::string_view text, ParseLimits limits) {
    if (text.size() > limits.bytes) {
        return Error{Errc::invalid,
                     "JSON of " + std::to_string(text.size()) + " bytes, at most " +
                         std::to_string(limits.bytes) + " are taken",
                     ""};
    }
    if (text.empty()) {  // it may lie nowhere, and simdjson would copy from there
        return refused(text, limits.depth, simdjson::EMPTY);
    }
    if (text.starts_with("\xEF\xBB\xBF")) {  // simdjson would skip it
        return Error{Errc::invalid, "no JSON at byte 0: a byte order mark", ""};
    }
    thread_local dom::parser kept;
    dom::parser fresh;
    dom::parser& parser = text.size() <= kept_parser_bytes_max ? kept : fresh;

    dom::element root;
    simdjson::error_code code = read(parser, text, root);
    if (code == simdjson::NUMBER_ERROR) {
        code = read(parser, with_wide_integers_as_doubles(text), root);
    }
    if (code != simdjson::SUCCESS) {
        return refused(text, limits.depth, code);
    }
    Converter converter(limits.depth);
    Value value;
    return converter.convert(root, 0, value) ? Result<Value>(std::move(value)) : converter.error();
}

}  // namespace headroom::json
