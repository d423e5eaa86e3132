#include "beckn/nack.hpp"

#include "core/json.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::beckn {

namespace {

constexpr std::size_t shown_max = 128;  // of a value, in bytes
constexpr std::size_t sentence_max = 512;
constexpr std::size_t id_max = 128;

/// Faults that are told whole by their end.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> told_by_end{{
    {"is missing", "a value"},
    {"stands twice", "each key once"},
    {"only GBP is settled here", "GBP"},
    {" is not known", "the version of a dialect that is spoken here"},
    {" has no place in this dialect", ""},
    {" is not spoken in this dialect", ""},
}};
/// How faults begin whose rest is what should have stood there.
constexpr std::array<std::string_view, 9> demands{"must be ",  "must have ", "must match ",
                                                  "must lie ", "must last ", "must tell ",
                                                  "may hold ", "has no ",    "is not "};
/// What stands before the thing that should have been, somewhere in a fault.
constexpr std::array<std::string_view, 3> before_expected{": expected ", " has no ", " is not "};

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

/// What a reader wanted where it found a fault, out of the fault's own words; empty where they say only what
/// is wrong with what stands there.
std::string expected_by(std::string_view detail) {
    for (const auto& [end, expected] : told_by_end) {
        if (detail.ends_with(end)) {
            return std::string(expected);
        }
    }
    if (constexpr std::string_view not_to_be = "must not be "; detail.starts_with(not_to_be)) {
        return "not " + std::string(detail.substr(not_to_be.size()));
    }
    for (const std::string_view demand : demands) {
        if (detail.starts_with(demand)) {
            return std::string(detail.substr(demand.size()));
        }
    }
    for (const std::string_view before : before_expected) {
        if (const std::size_t at = detail.rfind(before); at != std::string_view::npos) {
            return std::string(detail.substr(at + before.size()));
        }
    }
    return {};
}

/// An id that may be said back: nothing that a stranger makes long or unprintable.
std::string id_at(const json::Value& message, std::initializer_list<std::string_view> places) {
    for (const std::string_view place : places) {
        const std::string id = message.text(place);
        const bool is_plain = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
        if (!id.empty() && id.size() <= id_max && is_plain) {
            return id;
        }
    }
    return {};
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
    return differing(std::move(error), expected_by(decoded.faults.front().detail), value_at(raw, pointer));
}

Remains remains_of(std::string_view raw) {
    const Result<json::Value> message = json::parse(raw);
    if (!message) {
        return {};
    }
    Remains remains;
    if (const Result<WireVersion> version = detect_version(*message)) {
        remains.version = *version;
    }
    remains.transaction_id = id_at(*message, {"/context/transaction_id", "/context/transactionId"});
    remains.message_id = id_at(*message, {"/context/message_id", "/context/messageId"});
    return remains;
}

std::string key_of_sender(std::string_view subscriber, std::string_view key) {
    std::string name(subscriber);
    name += '|';
    name += key;
    return name;
}

}  // namespace headroom::beckn
