#include "beckn/ack.hpp"

#include "beckn/text.hpp"
#include "core/json.hpp"
#include "core/json_object.hpp"
#include "core/result.hpp"

#include <array>

namespace headroom::beckn {

namespace {

constexpr std::size_t body_max = 64UL * 1024;
constexpr std::size_t text_max = 512;

json::Value message_with(std::string_view status) {
    return json::object({{"ack", json::object({{"status", status}})}});
}

MessageError error_in(const json::Value& body) {
    for (const std::string_view place : {"/error", "/message/error", "/message/ack/error"}) {
        const json::Value* error = body.at(place);
        if (error == nullptr || !error->is_object()) {
            continue;
        }
        std::string code = error->text("/code", error->text("/errorCode"));
        if (const json::Value* number = error->get("code"); number != nullptr && number->is_int()) {
            code = std::to_string(*number->as_int());
        }
        return MessageError{cut_text(code, 64),
                            cut_text(error->text("/message", error->text("/errorMessage")), text_max),
                            cut_text(error->text("/paths"), text_max)};
    }
    return {};
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
    json::Object written = json::object({{"code", error.code}, {"message", error.message}});
    if (!error.paths.empty()) {
        written.set("paths", error.paths);
    }
    return json::write(json::object({{"message", message_with("NACK")}, {"error", std::move(written)}}));
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
