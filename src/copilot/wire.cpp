#include "copilot/wire.hpp"

#include "copilot/wire_parts.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::copilot {
namespace {

constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t call_name_bytes_max = 64;
constexpr std::int64_t tokens_max = 1'000'000'000;
constexpr json::ParseLimits answer_limits{.bytes = answer_bytes_max, .depth = 24};
constexpr json::ParseLimits arguments_limits{.bytes = answer_bytes_max, .depth = 12};

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool is_stream(std::string_view body) {
    const std::string_view text = without_blanks(body);
    return text.starts_with("data:") || text.starts_with("event:") || text.starts_with(":") ||
           text.starts_with("id:");
}

Result<json::Value> document_of(WireFormat format, std::string_view body) {
    if (!is_stream(body)) {
        return json::parse(body, answer_limits);
    }
    const std::vector<std::string> events = read_sse(body);
    switch (format) {
        case WireFormat::openai_chat:
            return join_openai_stream(events);
        case WireFormat::gemini:
            return join_gemini_stream(events);
        case WireFormat::openai_responses:
        case WireFormat::anthropic:
            return Error{Errc::invalid, "the answer is a stream, and none was asked for"};
    }
    HEADROOM_ASSERT(false);
    return Error{};
}

}  // namespace

Message user_message(std::string text) {
    return {.role = Message::Role::user, .text = std::move(text), .turn = {}, .results = {}};
}
Message model_message(Turn turn) {
    return {.role = Message::Role::model, .text = {}, .turn = std::move(turn), .results = {}};
}
Message tool_message(std::vector<ToolResult> results) {
    return {.role = Message::Role::tools, .text = {}, .turn = {}, .results = std::move(results)};
}

std::string_view to_string(Finish finish) {
    switch (finish) {
        case Finish::done:
            return "done";
        case Finish::too_long:
            return "too_long";
        case Finish::filtered:
            return "filtered";
        case Finish::refused:
            return "refused";
        case Finish::other:
            return "other";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::string_view to_string(WireFormat format) {
    switch (format) {
        case WireFormat::openai_chat:
            return "openai-chat";
        case WireFormat::openai_responses:
            return "openai-responses";
        case WireFormat::gemini:
            return "gemini";
        case WireFormat::anthropic:
            return "anthropic";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<WireFormat> parse_wire_format(std::string_view word) {
    for (const WireFormat format :
         {WireFormat::openai_chat, WireFormat::openai_responses, WireFormat::gemini, WireFormat::anthropic}) {
        if (to_string(format) == word) {
            return format;
        }
    }
    return std::nullopt;
}

std::string_view default_base_url(WireFormat format) {
    switch (format) {
        case WireFormat::openai_chat:
        case WireFormat::openai_responses:
            return "https://api.openai.com/v1";
        case WireFormat::gemini:
            return "https://generativelanguage.googleapis.com";
        case WireFormat::anthropic:
            return "https://api.anthropic.com";
    }
    HEADROOM_ASSERT(false);
    return "";
}

WireRequest write_request(const WireOptions& options, const Chat& chat) {
    WireRequest request;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json");
    switch (options.format) {
        case WireFormat::openai_chat:
            request.path = "/chat/completions";
            request.body = json::write(write_openai_chat(options, chat));
            break;
        case WireFormat::openai_responses:
            request.path = "/responses";
            request.body = json::write(write_openai_responses(options, chat));
            break;
        case WireFormat::gemini:
            request.path = "/v1beta/models/" + net::percent_encode(options.model) +
                           (options.stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
            request.body = json::write(write_gemini(options, chat));
            break;
        case WireFormat::anthropic:
            request.path = "/v1/messages";
            request.headers.add("anthropic-version", "2023-06-01");
            request.body = json::write(write_anthropic(options, chat));
            break;
    }
    return request;
}

std::optional<net::Headers::Field> key_header(WireFormat format, const std::string& key) {
    if (key.empty()) {
        return std::nullopt;
    }
    switch (format) {
        case WireFormat::openai_chat:
        case WireFormat::openai_responses:
            return net::Headers::Field{"Authorization", "Bearer " + key};
        case WireFormat::gemini:
            return net::Headers::Field{"x-goog-api-key", key};
        case WireFormat::anthropic:
            return net::Headers::Field{"x-api-key", key};
    }
    HEADROOM_ASSERT(false);
    return std::nullopt;
}

Result<Answer> read_answer(WireFormat format, std::string_view body) {
    if (body.size() > answer_bytes_max) {
        return Error{Errc::invalid,
                     "the answer is longer than " + std::to_string(answer_bytes_max) + " bytes"};
    }
    const Result<json::Value> document = document_of(format, body);
    if (!document) {
        return Error{Errc::invalid, without_blanks(body).starts_with("<")
                                        ? std::string("the answer is a web page, no JSON")
                                        : "the answer cannot be read: " + document.error().message};
    }
    if (const json::Value* error = document->get("error"); error != nullptr && !error->is_null()) {
        const ProviderFault fault = read_fault(json::write(*document));
        return Error{Errc::invalid, "an error came in the place of an answer: " + fault.kind};
    }
    Result<Answer> answer = format == WireFormat::openai_chat        ? read_openai_chat(*document)
                            : format == WireFormat::openai_responses ? read_openai_responses(*document)
                            : format == WireFormat::gemini           ? read_gemini(*document)
                                                                     : read_anthropic(*document);
    if (!answer) {
        return answer;
    }
    const Result<void> fits = check_bounds(answer->turn);
    return fits ? answer : Result<Answer>(fits.error());
}

std::string bounded(std::string_view text, std::size_t bytes) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_character_length(text.substr(at));
        if (out.size() + std::max<std::size_t>(length, 1) > bytes) {
            break;
        }
        const auto first = static_cast<unsigned char>(text[at]);
        if (length == 0 || first < 0x20 || first == 0x7F) {
            out += ' ';
            ++at;
            continue;
        }
        out += text.substr(at, length);
        at += length;
    }
    return out;
}

ToolCall call_of_text(std::string id, std::string name, std::string_view arguments) {
    ToolCall call{.id = bounded(id, id_bytes_max),
                  .name = bounded(name, call_name_bytes_max),
                  .arguments = {},
                  .fault = {}};
    Result<json::Value> parsed = json::parse(arguments, arguments_limits);
    if (!parsed) {
        call.fault = "the arguments are no JSON: " + parsed.error().message;
    } else if (!parsed->is_object()) {
        call.fault = "the arguments are no object";
    } else {
        call.arguments = std::move(*parsed);
    }
    return call;
}

ToolCall call_of_object(std::string id, std::string name, const json::Value* arguments) {
    ToolCall call{.id = bounded(id, id_bytes_max),
                  .name = bounded(name, call_name_bytes_max),
                  .arguments = {},
                  .fault = {}};
    if (arguments == nullptr || !arguments->is_object()) {
        call.fault = "the arguments are no object";
    } else {
        call.arguments = *arguments;
    }
    return call;
}

Result<void> check_bounds(const Turn& turn) {
    if (turn.calls.size() > calls_max) {
        return Error{Errc::invalid, "the answer has " + std::to_string(turn.calls.size()) +
                                        " calls; at most " + std::to_string(calls_max) + " are taken"};
    }
    if (turn.text.size() > text_bytes_max) {
        return Error{Errc::invalid,
                     "the answer has more than " + std::to_string(text_bytes_max) + " bytes of text"};
    }
    return {};
}

std::int64_t tokens_at(const json::Value& value, std::string_view pointer) {
    const json::Value* found = value.at(pointer);
    const std::optional<std::int64_t> count = found == nullptr ? std::nullopt : found->as_int();
    return std::clamp<std::int64_t>(count.value_or(0), 0, tokens_max);
}

}  // namespace headroom::copilot
