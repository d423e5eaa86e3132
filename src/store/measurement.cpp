#include "store/measurement.hpp"

#include "store/series_check.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace headroom::store {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t text_bytes_max = 4'096;
constexpr std::size_t entries_max = 32;

bool is_name(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= name_bytes_max && text.front() >= 'a' && text.front() <= 'z' &&
           std::all_of(text.begin(), text.end(), fits);
}

bool is_text(std::string_view text) {
    return text.size() <= text_bytes_max && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

/// What is wrong with a value, or nothing.
std::string_view fault_of(const Measurement::Value& value) {
    if (const auto* number = std::get_if<double>(&value); number != nullptr && !std::isfinite(*number)) {
        return "is not finite";
    }
    if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !is_text(*text)) {
        return "is too long or has control characters";
    }
    return {};
}

template <class Entries>
Result<void> sort_and_check_names(Entries& entries, const std::string& name, std::string_view what) {
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (entries.size() > entries_max) {
        return Error{Errc::invalid,
                     name + ": more than " + std::to_string(entries_max) + " " + std::string(what) + "s"};
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!is_name(entries[i].first)) {
            return Error{Errc::invalid, name + ": a " + std::string(what) + " is named [a-z][a-z0-9_]{0,63}"};
        }
        if (i > 0 && entries[i].first == entries[i - 1].first) {
            return Error{Errc::invalid,
                         name + ": " + std::string(what) + " " + entries[i].first + " is given twice"};
        }
    }
    return {};
}

}  // namespace

Result<void> check(Measurement& measurement) {
    const std::string name = "measurement '" + measurement.name.substr(0, name_bytes_max) + "'";
    if (!is_name(measurement.name)) {
        return Error{Errc::invalid, name + ": its name is not [a-z][a-z0-9_]{0,63}"};
    }
    if (measurement.fields.empty()) {
        return Error{Errc::invalid, name + ": it has no field"};
    }
    if (Result<void> sorted = sort_and_check_names(measurement.tags, name, "tag"); !sorted) {
        return sorted;
    }
    if (Result<void> sorted = sort_and_check_names(measurement.fields, name, "field"); !sorted) {
        return sorted;
    }
    for (const auto& [key, text] : measurement.tags) {
        if (text.empty() || !is_text(text)) {
            return Error{Errc::invalid,
                         name + ": tag " + key + " is empty, too long or has control characters"};
        }
    }
    for (const auto& [key, value] : measurement.fields) {
        if (const std::string_view fault = fault_of(value); !fault.empty()) {
            return Error{Errc::invalid, name + ": field " + key + " " + std::string(fault)};
        }
    }
    const std::int64_t at = measurement.at.time_since_epoch().count();
    if (at < 0 || at > series_last_ms) {
        return Error{Errc::invalid, name + ": its time is not between 1970 and 2200"};
    }
    return {};
}

json::Object tags_to_json(const Measurement& measurement) {
    json::Object out;
    for (const auto& [key, text] : measurement.tags) {
        out.set(key, text);
    }
    return out;
}

json::Object fields_to_json(const Measurement& measurement) {
    json::Object out;
    for (const auto& [key, value] : measurement.fields) {
        out.set(key, std::visit([](const auto& held) { return json::Value(held); }, value));
    }
    return out;
}

Result<Measurement> measurement_of(std::string name, UtcTime at, const json::Value& tags,
                                   const json::Value& fields) {
    Measurement out{.name = std::move(name), .tags = {}, .fields = {}, .at = at};
    const Error broken{Errc::corrupt, "measurement '" + out.name + "' at " + format_utc(at) +
                                          ": its tags or fields are not what was written"};
    if (!tags.is_object() || !fields.is_object()) {
        return broken;
    }
    for (const auto& [key, value] : tags.as_object()->members()) {
        const std::string* text = value.as_string();
        if (text == nullptr) {
            return broken;
        }
        out.tags.emplace_back(key, *text);
    }
    for (const auto& [key, value] : fields.as_object()->members()) {
        if (const std::string* text = value.as_string()) {
            out.fields.emplace_back(key, *text);
        } else if (value.is_bool()) {
            out.fields.emplace_back(key, *value.as_bool());
        } else if (value.is_int()) {
            out.fields.emplace_back(key, *value.as_int());
        } else if (value.is_number()) {
            out.fields.emplace_back(key, *value.as_double());
        } else {
            return broken;
        }
    }
    return out;
}

}  // namespace headroom::store
