#include "core/reflect_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headroom::reflect_detail {
namespace {

constexpr std::size_t faults_in_message_max = 5;

/// A bound as people write it: "1000000", "0.5".
std::string shown(double bound) {
    if (const std::optional<std::int64_t> whole = json::Value(bound).as_int()) {
        return std::to_string(*whole);
    }
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), bound).ptr};
}

std::string within(const FieldOptions& options) {
    if (!std::isfinite(options.maximum)) {
        return "at least " + shown(options.minimum);
    }
    if (!std::isfinite(options.minimum)) {
        return "at most " + shown(options.maximum);
    }
    return "from " + shown(options.minimum) + " to " + shown(options.maximum);
}

json::Value bound(double value) {
    const json::Value number(value);
    const std::optional<std::int64_t> whole = number.as_int();
    return whole ? json::Value(*whole) : number;
}

/// The number of characters, as JSON Schema counts the length of a text.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

void Trail::add(std::string detail) {
    if (!is_full()) {
        faults_.push_back({pointer_, std::move(detail)});
    }
}

void Trail::add_below(std::string_view token, std::string detail) {
    below(token, [&] { add(std::move(detail)); });
}

void read_plain(const json::Value& value, bool& out, Trail& trail) {
    if (const std::optional<bool> held = value.as_bool()) {
        out = *held;
    } else {
        trail.add("must be true or false");
    }
}

void read_plain(const json::Value& value, double& out, const FieldOptions& options, Trail& trail) {
    const std::optional<double> held = value.as_double();
    if (!held || !std::isfinite(*held)) {
        trail.add("must be a number");
    } else if (*held < options.minimum || *held > options.maximum) {
        trail.add("must be " + within(options) + ", it is " + shown(*held));
    } else {
        out = *held;
    }
}

void read_plain(const json::Value& value, std::string& out, const FieldOptions& options, Trail& trail) {
    const std::string* held = value.as_string();
    if (held == nullptr) {
        trail.add("must be a text");
        return;
    }
    check_count(characters(*held), options, "characters", trail);
    out = *held;
}

void read_plain(const json::Value& value, UtcTime& out, Trail& trail) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
        trail.add("must be a time such as \"2026-11-20T17:00:00Z\"");
        return;
    }
    const Result<UtcTime> time = parse_utc(*text);
    if (time) {
        out = *time;
    } else {
        trail.add(time.error().message);
    }
}

void read_plain(const json::Value& value, Date& out, Trail& trail) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
        trail.add("must be a date such as \"2026-11-20\"");
        return;
    }
    const Result<Date> date = parse_date(*text);
    if (date) {
        out = *date;
    } else {
        trail.add(date.error().message);
    }
}

void read_id(const json::Value& value, std::string& out, const FieldOptions& options, Trail& trail) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
        trail.add("must be an id in quotes");
    } else if (!is_valid_id(*text) && (options.required || !text->empty())) {
        trail.add(
            "must be an id: 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit");
    } else {
        out = *text;
    }
}

std::int64_t read_whole(const json::Value& value, std::int64_t type_min, std::int64_t type_max,
                        const FieldOptions& options, Trail& trail) {
    const std::optional<std::int64_t> held = value.as_int();
    if (!held) {
        trail.add("must be a whole number");
        return 0;
    }
    const auto number = static_cast<double>(*held);
    if (number < options.minimum || number > options.maximum) {
        trail.add("must be " + within(options) + ", it is " + std::to_string(*held));
        return 0;
    }
    if (*held < type_min || *held > type_max) {
        trail.add("must be from " + std::to_string(type_min) + " to " + std::to_string(type_max) +
                  ", it is " + std::to_string(*held));
        return 0;
    }
    return *held;
}

void check_count(std::size_t count, const FieldOptions& options, std::string_view what, Trail& trail) {
    const auto number = static_cast<double>(count);
    if (number < options.minimum || number > options.maximum) {
        trail.add("must have " + within(options) + " " + std::string(what) + ", it has " +
                  std::to_string(count));
    }
}

std::string one_of(const std::vector<std::string_view>& words) {
    std::string text = words.size() > 1 ? "one of " : "";
    for (const std::string_view word : words) {
        text += (word == words.front() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    return text;
}

void find_unknown(const json::Object& object, const std::vector<std::string_view>& names, Trail& trail) {
    for (const auto& [key, value] : object.members()) {
        if (std::find(names.begin(), names.end(), key) == names.end()) {
            trail.add_below(key, "is not known here");
        }
    }
}

Error as_error(std::string_view type, const std::vector<Fault>& faults) {
    HEADROOM_ASSERT(!faults.empty());
    std::string message = "not a " + std::string(type) + ": ";
    for (std::size_t i = 0; i < std::min(faults.size(), faults_in_message_max); ++i) {
        message += (i == 0 ? "" : "; ") + (faults[i].pointer.empty() ? "the value" : faults[i].pointer) +
                   " " + faults[i].detail;
    }
    if (faults.size() > faults_in_message_max) {
        message += "; and " + std::to_string(faults.size() - faults_in_message_max) + " more";
    }
    return Error{Errc::invalid, std::move(message), faults.front().pointer};
}

void describe(json::Object& schema, std::string_view doc, const FieldOptions& options) {
    schema.set("description", doc);
    if (!options.unit.empty()) {
        schema.set("x-unit", options.unit);
    }
    if (!options.example.empty()) {
        const Result<json::Value> example = json::parse(options.example);
        HEADROOM_ASSERT(example.has_value());  // an example is JSON text
        schema.set("examples", json::Array{*example});
    }
    if (options.secret) {
        schema.set("writeOnly", true);
    }
    if (options.unused) {
        schema.set("x-unused", true);
    }
}

void bound_number(json::Object& schema, const FieldOptions& options) {
    if (std::isfinite(options.minimum)) {
        schema.set("minimum", bound(options.minimum));
    }
    if (std::isfinite(options.maximum)) {
        schema.set("maximum", bound(options.maximum));
    }
}

void bound_count(json::Object& schema, const FieldOptions& options, const char* minimum,
                 const char* maximum) {
    if (std::isfinite(options.minimum)) {
        schema.set(minimum, bound(options.minimum));
    }
    if (std::isfinite(options.maximum)) {
        schema.set(maximum, bound(options.maximum));
    }
}

}  // namespace headroom::reflect_detail
