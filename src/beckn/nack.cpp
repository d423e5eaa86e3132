#include "beckn/nack.hpp"

#include "core/json.hpp"
#include "core/utf8.hpp"

#include <utility>

namespace headroom::beckn {

namespace {

constexpr std::size_t shown_max = 128;  // of a value, in bytes
constexpr std::size_t sentence_max = 512;

/// Cut at a character's end; bytes that are no UTF-8 end it.
std::string cut(std::string_view text, std::size_t max) {
    std::size_t kept = 0;
    while (kept < text.size()) {
        const std::size_t length = utf8_character_length(text.substr(kept));
        if (length == 0 || kept + length > max) {
            break;
        }
        kept += length;
    }
    return std::string(text.substr(0, kept));
}

/// What stands at a place: a text as it is, all else as JSON.
std::string value_at(std::string_view raw, const std::string& pointer) {
    const Result<json::Value> message = json::parse(raw);
    const json::Value* value = message ? message->at(pointer) : nullptr;
    if (value == nullptr) {
        return message ? "nothing" : "";
    }
    return value->is_object() ? "an object" : value->is_array() ? "a list" : json::write(*value);
}

}  // namespace

MessageError differing(MessageError error, std::string_view expected, std::string_view got) {
    error.expected = cut(expected, shown_max);
    error.got = cut(got, shown_max);
    return error;
}

MessageError unreadable(WireVersion version, const Decoded& decoded, std::string_view raw) {
    const std::string pointer = decoded.faults.empty() ? "" : decoded.faults.front().pointer;
    MessageError error = make_error(version, ErrorCode::sch_schema_validation_failed,
                                    cut(decoded.describe_faults(), sentence_max), pointer);
    if (pointer.empty()) {
        return error;
    }
    return differing(std::move(error), decoded.faults.front().detail, value_at(raw, pointer));
}

std::string key_of_sender(std::string_view subscriber, std::string_view key) {
    std::string name(subscriber);
    name += '|';
    name += key;
    return name;
}

}  // namespace headroom::beckn
