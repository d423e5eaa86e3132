#include "core/object_reader.hpp"

#include <algorithm>

namespace headroom::json {

namespace {

const Value null_value;
const Array no_items;

}  // namespace

ObjectReader::ObjectReader(const Value& value, std::string pointer)
    : object_(value.as_object()), pointer_(std::move(pointer)) {
    if (object_ == nullptr) {
        keep(Error{Errc::invalid, "must be an object", pointer_});
    }
}

void ObjectReader::keep(Error error) {
    if (!error_) {
        error_ = std::move(error);
    }
}

std::string ObjectReader::path(std::string_view key) const {
    return pointer_ + "/" + escape_pointer(key);
}

std::string ObjectReader::path(std::string_view key, std::size_t index) const {
    return path(key) + "/" + std::to_string(index);
}

void ObjectReader::refuse(std::string_view key, std::string_view why) {
    keep(Error{Errc::invalid, path(key) + ": " + std::string(why), path(key)});
}

const Value* ObjectReader::find(std::string_view key) {
    if (!ok()) {
        return nullptr;
    }
    asked_.emplace_back(key);
    return object_->find(key);
}

const Value* ObjectReader::require(std::string_view key) {
    const Value* found = find(key);
    if (ok() && found == nullptr) {
        refuse(key, "is missing");
    }
    return found;
}

bool ObjectReader::has(std::string_view key) const {
    return ok() && object_->find(key) != nullptr;
}

std::string ObjectReader::text(std::string_view key, std::size_t max, std::size_t min) {
    const Value* found = require(key);
    if (found == nullptr) {
        return {};
    }
    const std::string* string = found->as_string();
    if (string == nullptr || string->size() < min || string->size() > max) {
        refuse(key, "must be a string of " + std::to_string(min) + " to " + std::to_string(max) + " bytes");
        return {};
    }
    return *string;
}

std::string ObjectReader::text_or_empty(std::string_view key, std::size_t max) {
    return find(key) == nullptr ? std::string{} : text(key, max);
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    const Value* found = require(key);
    if (found == nullptr) {
        return 0;
    }
    const std::optional<std::int64_t> number = found->is_int() ? found->as_int() : std::nullopt;
    if (!number || *number < min || *number > max) {
        refuse(key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return 0;
    }
    return *number;
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, std::int64_t min,
                                                           std::int64_t max) {
    if (find(key) == nullptr) {
        return std::nullopt;
    }
    const std::int64_t number = integer(key, min, max);
    return ok() ? std::optional(number) : std::nullopt;
}

bool ObjectReader::boolean(std::string_view key) {
    const Value* found = require(key);
    if (found == nullptr) {
        return false;
    }
    const std::optional<bool> answer = found->as_bool();
    if (!answer) {
        refuse(key, "must be true or false");
    }
    return answer.value_or(false);
}

UtcTime ObjectReader::time(std::string_view key) {
    const std::string string = text(key, 40);
    if (!ok()) {
        return {};
    }
    const Result<UtcTime> parsed = parse_utc(string);
    if (!parsed) {
        refuse(key, parsed.error().message);
        return {};
    }
    return parsed.value();
}

const Array& ObjectReader::array(std::string_view key, std::size_t count_max) {
    const Value* found = require(key);
    if (found == nullptr) {
        return no_items;
    }
    const Array* items = found->as_array();
    if (items == nullptr || items->size() > count_max) {
        refuse(key, "must be an array of at most " + std::to_string(count_max) + " items");
        return no_items;
    }
    return *items;
}

std::vector<std::int64_t> ObjectReader::integers(std::string_view key, std::size_t count_max,
                                                 std::int64_t min, std::int64_t max) {
    std::vector<std::int64_t> numbers;
    const Array& items = array(key, count_max);
    numbers.reserve(items.size());
    for (const Value& item : items) {
        const std::optional<std::int64_t> number = item.is_int() ? item.as_int() : std::nullopt;
        if (!number || *number < min || *number > max) {
            keep(Error{Errc::invalid,
                       path(key, numbers.size()) + ": must be a whole number from " + std::to_string(min) +
                           " to " + std::to_string(max),
                       path(key, numbers.size())});
            return {};
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::vector<std::string> ObjectReader::texts(std::string_view key, std::size_t count_max, std::size_t max) {
    std::vector<std::string> strings;
    for (const Value& item : array(key, count_max)) {
        const std::string* string = item.as_string();
        if (string == nullptr || string->size() > max) {
            keep(Error{
                Errc::invalid,
                path(key, strings.size()) + ": must be a string of at most " + std::to_string(max) + " bytes",
                path(key, strings.size())});
            return {};
        }
        strings.push_back(*string);
    }
    return strings;
}

const Value& ObjectReader::value(std::string_view key) {
    const Value* found = require(key);
    return found == nullptr ? null_value : *found;
}

void ObjectReader::refuse_unknown() {
    if (!ok()) {
        return;
    }
    for (const auto& [key, value] : object_->members()) {
        if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
            refuse(key, "is not a member known here");
            return;
        }
    }
}

}  // namespace headroom::json
