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
    const std::size_t length = enter(token);
    add(std::move(detail));
    leave(length);
}

std::size_t Trail::enter(std::string_view token) {
    const std::size_t length = pointer_.size();
    pointer_ += '/';
    pointer_ += json::escape_pointer(token);
    return length;
}

std::size_t Trail::enter(std::size_t index) {
    const std::size_t length = pointer_.size();
    pointer_ += '/';
    pointer_ += std::to_string(index);
    return length;
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

std::string one_of(std::span<const std::string_view> words) {
    std::string text = words.size() > 1 ? "one of " : "";
    for (const std::string_view word : words) {
        text += (word == words.front() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    return text;
}

std::optional<std::size_t> read_word(const json::Value& value, std::span<const std::string_view> words,
                                     Trail& trail) {
    if (const std::string* text = value.as_string()) {
        if (const auto found = std::find(words.begin(), words.end(), *text); found != words.end()) {
            return static_cast<std::size_t>(found - words.begin());
        }
    }
    trail.add("must be " + one_of(words));
    return std::nullopt;
}

const json::Array* read_list(const json::Value& value, const FieldOptions& options, Trail& trail) {
    const json::Array* array = value.as_array();
    if (array == nullptr) {
        trail.add("must be a list");
    } else {
        check_count(array->size(), options, "entries", trail);
    }
    return array;
}

const json::Object* read_map(const json::Value& value, const FieldOptions& options, Trail& trail) {
    const json::Object* object = value.as_object();
    if (object == nullptr) {
        trail.add("must be an object");
    } else {
        check_count(object->size(), options, "members", trail);
    }
    return object;
}

void read_rows(std::span<const ReadRow> rows, const json::Value& value, void* object, Trail& trail) {
    const json::Object* members = value.as_object();
    if (members == nullptr) {
        trail.add("must be an object");
        return;
    }
    for (const ReadRow& row : rows) {
        const json::Value* found = members->find(row.name);
        if (found != nullptr && (row.takes_null || !found->is_null())) {
            const std::size_t length = trail.enter(row.name);
            row.read(*found, object, row.row, trail);
            trail.leave(length);
        } else if (row.must_be_there) {
            trail.add_below(row.name, "is missing");
        }
    }
    if (trail.unknown() == UnknownMembers::refuse) {
        for (const auto& [key, member] : members->members()) {
            if (std::none_of(rows.begin(), rows.end(), [&](const ReadRow& row) { return key == row.name; })) {
                trail.add_below(key, "is not known here");
            }
        }
    }
}

json::Value write_rows(std::span<const WriteRow> rows, const void* object) {
    std::vector<json::Object::Member> members;
    members.reserve(rows.size());
    for (const WriteRow& row : rows) {
        json::Value value;
        if (row.write(object, row.row, value)) {
            members.emplace_back(json::Key::of_static(row.name), std::move(value));
        }
    }
    return json::Value(json::Object::from_distinct(std::move(members)));
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

}  // namespace headroom::reflect_detail
