#include "feeds/feed_rows.hpp"

#include "core/london_clock.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace headroom::feeds {
namespace {

constexpr json::ParseLimits limits{.bytes = 64UL << 20U, .depth = 64};

/// A JSON number, or a number in a text, as some services write it.
std::optional<double> number_in(const json::Value& value) {
    if (value.is_number()) {
        return value.as_double();
    }
    const std::string* text = value.as_string();
    if (text == nullptr || text->empty()) {
        return std::nullopt;
    }
    double out = 0.0;
    const char* const end = text->data() + text->size();
    const auto [stop, fault] = std::from_chars(text->data(), end, out);
    return fault == std::errc{} && stop == end && std::isfinite(out) ? std::optional(out) : std::nullopt;
}

bool is_absent(const json::Value* value) {
    return value == nullptr || value->is_null() ||
           (value->as_string() != nullptr && value->as_string()->empty());
}

Result<UtcTime> read_time(const std::string& text, bool is_utc_assumed) {
    return is_utc_assumed ? parse_utc_assumed(text) : parse_utc(text);
}

}  // namespace

std::string RowReader::path(std::string_view name) const {
    return pointer_ + "/" + json::escape_pointer(name);
}

void RowReader::refuse(std::string_view name, std::string why) {
    faults_.add(path(name), std::move(why));
    ok_ = false;
}

std::optional<double> RowReader::maybe(std::string_view name, double min, double max) {
    const json::Value* value = row_.get(name);
    if (is_absent(value)) {
        return std::nullopt;
    }
    const std::optional<double> number = number_in(*value);
    if (!number || !(*number >= min && *number <= max)) {
        faults_.add(path(name),
                    number ? fmt::format("{} is not believed: it should lie in {} to {}", *number, min, max)
                           : std::string("is no number"));
        return std::nullopt;
    }
    return number;
}

double RowReader::number(std::string_view name, double min, double max) {
    if (is_absent(row_.get(name))) {
        refuse(name, "is missing");
        return 0.0;
    }
    const std::optional<double> value = maybe(name, min, max);
    ok_ = ok_ && value.has_value();
    return value.value_or(0.0);
}

std::int64_t RowReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const double value = number(name, static_cast<double>(min), static_cast<double>(max));
    if (ok_ && value != std::floor(value)) {
        refuse(name, "is no whole number");
    }
    return static_cast<std::int64_t>(value);
}

std::string RowReader::text(std::string_view name, std::size_t max) {
    const json::Value* value = row_.get(name);
    const std::string* text = value != nullptr ? value->as_string() : nullptr;
    if (text == nullptr || text->empty() || text->size() > max) {
        refuse(name, value == nullptr ? "is missing" : fmt::format("must be a text of 1 to {} bytes", max));
        return {};
    }
    return *text;
}

std::string RowReader::text_or_empty(std::string_view name, std::size_t max) {
    const json::Value* value = row_.get(name);
    return is_absent(value) ? std::string() : text(name, max);
}

UtcTime RowReader::time(std::string_view name, bool is_utc_assumed) {
    const std::string value = text(name, 64);
    if (!ok_) {
        return {};
    }
    const Result<UtcTime> time = read_time(value, is_utc_assumed);
    if (!time) {
        refuse(name, time.error().message);
        return {};
    }
    return *time;
}

std::optional<UtcTime> RowReader::maybe_time(std::string_view name, bool is_utc_assumed) {
    return is_absent(row_.get(name)) ? std::nullopt : std::optional(time(name, is_utc_assumed));
}

std::optional<UtcTime> RowReader::maybe_local_time(std::string_view name) {
    if (is_absent(row_.get(name))) {
        return std::nullopt;
    }
    const std::string value = text(name, 64);
    const Result<UtcTime> time = ok_ ? parse_london(value) : Result<UtcTime>(UtcTime{});
    if (!time) {
        refuse(name, time.error().message);
        return std::nullopt;
    }
    return *time;
}

Result<json::Value> parse_answer(std::string_view body) {
    Result<json::Value> parsed = json::parse(body, limits);
    if (!parsed) {
        return Error{Errc::invalid, "the answer is no JSON: " + parsed.error().message,
                     parsed.error().pointer};
    }
    return parsed;
}

Result<std::vector<const json::Value*>> items_at(const json::Value& answer, std::string_view pointer) {
    const json::Value* list = pointer.empty() ? &answer : answer.at(pointer);
    std::vector<const json::Value*> out;
    if (list != nullptr && list->is_object()) {
        out.push_back(list);
        return out;
    }
    if (list == nullptr || list->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no list here", std::string(pointer)};
    }
    for (const json::Value& item : *list->as_array()) {
        out.push_back(&item);
    }
    return out;
}

Result<UtcTime> parse_london(std::string_view text) {
    if (text.ends_with('Z') || text.find('+') != std::string_view::npos) {
        return parse_utc(text);
    }
    const Result<UtcTime> as_utc = parse_utc_assumed(text);
    if (!as_utc) {
        return as_utc;
    }
    // Summer time is tried first: of the hour that comes twice it is the first.
    for (const std::int64_t offset_s : {std::int64_t{3600}, std::int64_t{0}}) {
        const UtcTime candidate = *as_utc - seconds{offset_s};
        if (london_span(candidate.time_since_epoch() / seconds{1}).offset_s == offset_s) {
            return candidate;
        }
    }
    return Error{Errc::invalid,
                 "'" + std::string(text) + "' is in the hour that the clock of London leaves out"};
}

}  // namespace headroom::feeds
