#include "copilot/wire_parts.hpp"

#include <charconv>
#include <cmath>

namespace headroom::copilot {
namespace {

constexpr std::size_t kind_bytes_max = 64;
constexpr std::size_t message_bytes_max = 200;
constexpr double delay_s_max = 86'400.0;

/// "17s" or "0.5s".
std::optional<milliseconds> delay_of(const std::string& text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = fault == std::errc{} && end + 1 == text.data() + text.size() && *end == 's';
    if (!is_whole || !std::isfinite(value) || value < 0.0 || value > delay_s_max) {
        return std::nullopt;
    }
    return milliseconds{std::llround(value * 1000.0)};
}

/// "error": an object of any of the four kinds, or a plain string.
void read_envelope(const json::Value& error, ProviderFault& fault) {
    if (const std::string* text = error.as_string()) {
        fault.message = bounded(*text, message_bytes_max);
        return;
    }
    for (const char* pointer : {"/status", "/type", "/code"}) {
        if (fault.kind.empty()) {
            fault.kind = bounded(error.text(pointer), kind_bytes_max);
        }
    }
    fault.message = bounded(error.text("/message"), message_bytes_max);
    const json::Value* details = error.get("details");
    if (details == nullptr || details->as_array() == nullptr) {
        return;
    }
    for (const json::Value& detail : *details->as_array()) {
        if (detail.text("/@type").ends_with("google.rpc.RetryInfo")) {
            fault.retry_after = delay_of(detail.text("/retryDelay"));
        }
        if (detail.text("/reason") == "API_KEY_INVALID") {
            fault.kind = "API_KEY_INVALID";
        }
    }
}

}  // namespace

ProviderFault read_fault(std::string_view body) {
    ProviderFault fault;
    const Result<json::Value> parsed = json::parse(body, {.bytes = answer_bytes_max, .depth = 24});
    if (!parsed) {
        const std::size_t begin = body.find_first_not_of(" \t\r\n");
        const bool is_page = begin != std::string_view::npos && body[begin] == '<';
        fault.message = is_page ? "a web page in the place of an answer" : bounded(body, message_bytes_max);
        return fault;
    }
    const json::Value* error = parsed->is_array() ? parsed->at("/0/error") : parsed->get("error");
    if (error != nullptr) {
        read_envelope(*error, fault);
    } else {
        fault.message = bounded(parsed->text("/message"), message_bytes_max);
    }
    return fault;
}

}  // namespace headroom::copilot
