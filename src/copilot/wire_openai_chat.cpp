#include "copilot/wire_parts.hpp"
#include "core/json_object.hpp"

#include <map>

namespace headroom::copilot {
namespace {

json::Array chat_messages(const Chat& chat) {
    json::Array out{json::object({{"role", "system"}, {"content", chat.system}})};
    for (const Message& message : chat.messages) {
        switch (message.role) {
            case Message::Role::user:
                out.emplace_back(json::object({{"role", "user"}, {"content", message.text}}));
                break;
            case Message::Role::model:
                out.push_back(message.turn.raw);
                break;
            case Message::Role::tools:
                for (const ToolResult& result : message.results) {
                    out.emplace_back(json::object({{"role", "tool"},
                                                   {"tool_call_id", result.id},
                                                   {"content", json::write(result.content)}}));
                }
                break;
        }
    }
    return out;
}

json::Array tools_of(const Chat& chat) {
    json::Array out;
    for (const Tool& tool : chat.tools) {
        out.emplace_back(json::object({{"type", "function"},
                                       {"function", json::object({{"name", tool.name},
                                                                  {"description", tool.description},
                                                                  {"strict", true},
                                                                  {"parameters", tool.parameters}})}}));
    }
    return out;
}

json::Value chat_choice(const Chat& chat) {
    switch (chat.choice) {
        case Chat::Choice::automatic:
            return "auto";
        case Chat::Choice::none:
            return "none";
        case Chat::Choice::forced:
            return json::object(
                {{"type", "function"}, {"function", json::object({{"name", chat.tools.front().name}})}});
    }
    HEADROOM_ASSERT(false);
    return {};
}

/// The text of a content that is a string or, with some servers, a list of parts.
std::string text_of(const json::Value* content) {
    if (content == nullptr) {
        return {};
    }
    if (const std::string* text = content->as_string()) {
        return *text;
    }
    std::string out;
    if (const json::Array* parts = content->as_array()) {
        for (const json::Value& part : *parts) {
            out += part.text("/type") == "text" ? part.text("/text") : std::string();
        }
    }
    return out;
}

Finish chat_finish(const std::string& word, bool is_refusal, bool has_calls) {
    if (is_refusal) {
        return Finish::refused;
    }
    if (word == "length") {
        return Finish::too_long;
    }
    if (word == "content_filter") {
        return Finish::filtered;
    }
    // Some servers say "stop" although there are calls: what is there counts, not the word.
    return word == "stop" || word == "tool_calls" || word == "function_call" || word.empty() || has_calls
               ? Finish::done
               : Finish::other;
}

/// Parts of one call, as they come in pieces.
struct CallPieces {
    std::string id;
    std::string name;
    std::string arguments;
};

struct StreamState {
    std::string text;
    std::string refusal;
    std::string finish;
    std::string model;
    std::map<std::int64_t, CallPieces> calls;
    json::Value usage;
};

Result<void> take_piece(StreamState& state, const json::Value& delta) {
    state.text += delta.text("/content");
    state.refusal += delta.text("/refusal");
    const json::Value* calls = delta.get("tool_calls");
    if (calls == nullptr || calls->as_array() == nullptr) {
        return {};
    }
    std::int64_t place = 0;
    for (const json::Value& piece : *calls->as_array()) {
        CallPieces& call = state.calls[piece.integer("/index", place++)];
        if (state.calls.size() > calls_max) {
            return Error{Errc::invalid, "the stream has too many calls"};
        }
        call.id = call.id.empty() ? piece.text("/id") : call.id;
        call.name += piece.text("/function/name");
        call.arguments += piece.text("/function/arguments");
    }
    return {};
}

json::Value whole_answer(const StreamState& state) {
    json::Object message{{"role", "assistant"}, {"content", state.text}};
    if (!state.refusal.empty()) {
        message.set("refusal", state.refusal);
    }
    if (!state.calls.empty()) {
        json::Array calls;
        for (const auto& [index, call] : state.calls) {
            calls.emplace_back(json::object(
                {{"id", call.id},
                 {"type", "function"},
                 {"function", json::object({{"name", call.name}, {"arguments", call.arguments}})}}));
        }
        message.set("tool_calls", std::move(calls));
    }
    return json::object({{"model", state.model},
                         {"choices", json::Array{json::object({{"finish_reason", state.finish},
                                                               {"message", std::move(message)}})}},
                         {"usage", state.usage}});
}

}  // namespace

json::Object write_openai_chat(const WireOptions& options, const Chat& chat) {
    json::Object body{{"model", options.model}, {"messages", chat_messages(chat)}};
    if (!chat.tools.empty()) {
        body.set("tools", tools_of(chat));
        body.set("tool_choice", chat_choice(chat));
        body.set("parallel_tool_calls", false);
    }
    if (options.send_temperature) {
        body.set("temperature", 0);
        body.set("seed", sampling_seed);
    }
    body.set(options.tokens_field, options.output_tokens_max);
    body.set("stream", options.stream);
    return body;
}

Result<Answer> read_openai_chat(const json::Value& body) {
    const json::Value* message = body.at("/choices/0/message");
    if (message == nullptr || !message->is_object()) {
        return Error{Errc::invalid, "the answer has no choice with a message"};
    }
    Answer answer;
    answer.model = bounded(body.text("/model"), 128);
    answer.finish_word = bounded(body.text("/choices/0/finish_reason"), 64);
    answer.turn.text = text_of(message->get("content"));
    answer.turn.raw = *message;
    const json::Value* calls = message->get("tool_calls");
    if (calls != nullptr && calls->as_array() != nullptr) {
        for (const json::Value& call : *calls->as_array()) {
            const json::Value* arguments = call.at("/function/arguments");
            const bool is_text = arguments != nullptr && arguments->as_string() != nullptr;
            answer.turn.calls.push_back(
                is_text ? call_of_text(call.text("/id"), call.text("/function/name"), *arguments->as_string())
                        : call_of_object(call.text("/id"), call.text("/function/name"), arguments));
        }
    }
    answer.finish =
        chat_finish(answer.finish_word, !message->text("/refusal").empty(), !answer.turn.calls.empty());
    answer.tokens = {.prompt = tokens_at(body, "/usage/prompt_tokens"),
                     .output = tokens_at(body, "/usage/completion_tokens")};
    return answer;
}

Result<json::Value> join_openai_stream(const std::vector<std::string>& events) {
    StreamState state;
    bool is_ended = false;
    for (const std::string& data : events) {
        if (data == "[DONE]") {
            is_ended = true;
            break;
        }
        const Result<json::Value> event = json::parse(data, {.bytes = answer_bytes_max, .depth = 24});
        if (!event) {
            return Error{Errc::invalid, "an event of the stream is no JSON"};
        }
        if (const json::Value* error = event->get("error"); error != nullptr && !error->is_null()) {
            return Error{Errc::invalid, "the stream ends with an error: " + read_fault(data).kind};
        }
        if (const json::Value* usage = event->get("usage"); usage != nullptr && usage->is_object()) {
            state.usage = *usage;
        }
        state.model = state.model.empty() ? event->text("/model") : state.model;
        if (const json::Value* delta = event->at("/choices/0/delta")) {
            if (Result<void> taken = take_piece(state, *delta); !taken) {
                return taken.error();
            }
        }
        const std::string finish = event->text("/choices/0/finish_reason");
        state.finish = finish.empty() ? state.finish : finish;
    }
    if (!is_ended || state.finish.empty()) {
        return Error{Errc::invalid, "the stream ended before its end"};
    }
    return whole_answer(state);
}

}  // namespace headroom::copilot
