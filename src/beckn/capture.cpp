#include "beckn/capture.hpp"

#include "beckn/action.hpp"
#include "core/json.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace headroom::beckn {

namespace {

void add(json::Object& object, const char* key, const std::string& text) {
    if (!text.empty()) {
        object.set(key, text);
    }
}

}  // namespace

std::string capture_line(const CapturedMessage& message) {
    const Result<json::Value> body = json::parse(message.raw);
    json::Object line{{"action", message.action}};
    if (body) {
        // Evidence speaks of actions by the words of 1.x; a line has its message's own.
        const std::string word = body->text("/context/action");
        const std::optional<Action> action = parse_action(message.action);
        if (action && parse_action(word) == action) {
            line.set("action", word);
        }
        const std::string core = body->text("/context/core_version");
        const std::string version = core.empty() ? body->text("/context/version") : core;
        if (!version.starts_with("2.")) {
            add(line, "version", version);
        }
        line.set("body", *body);
    }
    const auto received = std::chrono::floor<seconds>(message.received_at.time_since_epoch());
    line.set("received_at", std::int64_t{received.count()});
    line.set("headers", json::Object{{"authorization", message.authorization}});
    line.set("raw", message.raw);
    line.set("public_key", to_base64(message.public_key));
    add(line, "direction", message.direction);
    add(line, "peer", message.peer);
    add(line, "verdict", message.verdict);
    add(line, "request_signature", message.request_signature);
    if (message.answer_status > 0) {
        json::Object answer{{"status", message.answer_status}, {"raw", message.answer}};
        add(answer, "signature", message.answer_signature);
        line.set("answer", std::move(answer));
    }
    return json::write(std::move(line));
}

}  // namespace headroom::beckn
