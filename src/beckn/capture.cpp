#include "beckn/capture.hpp"

#include "core/json.hpp"

#include <chrono>
#include <utility>

namespace headroom::beckn {

std::string capture_line(const CapturedMessage& message) {
    const Result<json::Value> body = json::parse(message.raw);
    json::Object line{{"action", message.action}};
    if (body) {
        line.set("version", body->text("/context/version"));
        line.set("body", *body);
    }
    const auto received = std::chrono::floor<seconds>(message.received_at.time_since_epoch());
    line.set("received_at", std::int64_t{received.count()});
    line.set("headers", json::Object{{"authorization", message.authorization}});
    line.set("raw", message.raw);
    line.set("public_key", to_base64(message.public_key));
    return json::write(std::move(line));
}

}  // namespace headroom::beckn
