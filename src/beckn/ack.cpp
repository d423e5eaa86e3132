#include "beckn/ack.hpp"

#include "core/json.hpp"
#include "core/json_object.hpp"
#include "core/result.hpp"

#include <array>

namespace headroom::beckn {

namespace {

constexpr std::size_t body_max = 64UL * 1024;

json::Value message_with(std::string_view status) {
    return json::object({{"ack", json::object({{"status", status}})}});
}

MessageError error_in(const json::Value& body) {
    for (const std::string_view place : {"/error", "/message/error", "/message/ack/error"}) {
        const json::Value* error = body.at(place);
        if (error != nullptr && error->is_object()) {
            return read_error(*error);
        }
    }
    return {};
}

/// Before 2.0 an error has no room for what was expected and what came: they end its sentence.
json::Value error_of_v1(const MessageError& error) {
    std::string sentence = error.message;
    const auto add = [&sentence](std::string_view word, const std::string& text) {
        if (!text.empty()) {
            sentence += "; ";
            sentence += word;
            sentence += ' ';
            sentence += text;
        }
    };
    add("expected", error.expected);
    add("got", error.got);
    add("key", error.key_id);
    // A number where there is one: 1.x knows no names.
    const std::optional<ErrorCode> known = parse_error_code(error.code);
    const std::string code = known ? std::string(number_of(*known)) : error.code;
    if (known && code != error.code) {
        sentence = error.code + ": " + sentence;
    }
    json::Object written = json::object({{"code", code}, {"message", std::move(sentence)}});
    if (!error.paths.empty()) {
        written.set("paths", error.paths);
    }
    return written;
}

/// Where a fault of the context stands in a dialect: callers name it by the keys of 1.x.
std::string place_in(WireVersion version, const std::string& pointer) {
    constexpr std::string_view context = "/context/";
    if (!pointer.starts_with(context)) {
        return pointer;
    }
    if (version == WireVersion::v09) {
        return pointer == "/context/version" ? "/context/core_version" : pointer;
    }
    if (version != WireVersion::v2_lts) {
        return pointer;
    }
    std::string place;
    bool is_next_big = false;
    for (const char c : pointer) {
        if (c == '_') {
            is_next_big = true;
            continue;
        }
        place += is_next_big && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        is_next_big = false;
    }
    return place;
}

std::optional<ErrorCode> name_in(const MessageError& error) {
    return parse_error_code(named_error(error).name);
}

int nack_status(WireVersion version, const MessageError& error) {
    const std::optional<ErrorCode> code = name_in(error);
    const std::string_view name = code ? to_string(*code) : std::string_view{};
    if (name.starts_with("AUT_")) {
        return 401;
    }
    if (code == ErrorCode::net_overloaded) {
        return 503;
    }
    if (!is_v2(version)) {
        return 200;
    }
    return name.starts_with("NET_") ? 500 : 400;
}

json::Value rc1_answer(const AckSubject& subject, std::string_view status) {
    return json::object({{"transaction_id", subject.transaction_id},
                         {"timestamp", format_utc(subject.now)},
                         {"ack_status", status}});
}

json::Value lts_answer(const AckSubject& subject, std::string_view status) {
    json::Object message{{"status", status}};
    if (!subject.message_id.empty()) {
        message.set("messageId", subject.message_id);
    }
    return json::object({{"message", std::move(message)}});
}

std::string status_in(const json::Value& body) {
    for (const std::string_view place :
         {"/message/ack/status", "/message/status", "/status", "/ack_status"}) {
        std::string status = body.text(place);
        if (!status.empty()) {
            return status;
        }
    }
    return {};
}

}  // namespace

std::string_view to_string(AckKind kind) {
    switch (kind) {
        case AckKind::accepted:
            return "ACK";
        case AckKind::closed:
            return "ACK without callback";
        case AckKind::refused:
            return "NACK";
        case AckKind::failed:
            return "failed";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::string write_ack() {
    return json::write(json::object({{"message", message_with("ACK")}}));
}

std::string write_nack(const MessageError& error) {
    return json::write(json::object({{"message", message_with("NACK")}, {"error", error_of_v1(error)}}));
}

AckAnswer ack_answer(WireVersion version, const AckSubject& subject, AckKind kind) {
    const int status = is_v2(version) && kind == AckKind::closed ? 202 : 200;
    switch (version) {
        case WireVersion::v09:
        case WireVersion::v11:
            return {status, write_ack()};
        case WireVersion::v2_rc1:
            return {status, json::write(rc1_answer(subject, "ACK"))};
        case WireVersion::v2_lts:
            return {status, json::write(lts_answer(subject, "ACK"))};
    }
    HEADROOM_ASSERT(false);
    return {};
}

AckAnswer nack_answer(WireVersion version, const AckSubject& subject, const MessageError& given) {
    const int status = nack_status(version, given);
    MessageError error = given;
    error.paths = place_in(version, given.paths);
    if (!is_v2(version)) {
        return {status, write_nack(error)};
    }
    json::Value answer;
    if (version == WireVersion::v2_rc1) {
        answer = rc1_answer(subject, "NACK");
        answer.as_object()->set("error", named_error_object(error));
    } else {
        answer = lts_answer(subject, "NACK");
        answer.as_object()->find("message")->as_object()->set("error", named_error_object(error));
    }
    return {status, json::write(answer)};
}

Ack read_ack(int http_status, std::string_view body) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = body_max, .depth = 16});
    const json::Value value = parsed ? *parsed : json::Value();
    const std::string status = status_in(value);
    const bool has_error = value.at("/error") != nullptr || value.at("/message/error") != nullptr;
    if (http_status == 202 || (http_status == 409 && status == "ACK")) {
        return {AckKind::closed, {}};
    }
    if (http_status == 408 || http_status == 429 || http_status >= 500 || http_status < 200) {
        return {AckKind::failed, error_in(value)};
    }
    if (http_status >= 300 || status == "NACK" || (status != "ACK" && has_error)) {
        Ack ack{AckKind::refused, error_in(value)};
        if (ack.error.code.empty() && ack.error.message.empty()) {
            ack.error.message = "HTTP " + std::to_string(http_status);
        }
        return ack;
    }
    return {AckKind::accepted, {}};
}

}  // namespace headroom::beckn
