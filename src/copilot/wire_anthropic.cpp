#include "copilot/wire_parts.hpp"
#include "core/json_object.hpp"

namespace headroom::copilot {
namespace {

json::Array anthropic_messages(const Chat& chat) {
    json::Array out;
    for (const Message& message : chat.messages) {
        switch (message.role) {
            case Message::Role::user:
                out.emplace_back(json::object({{"role", "user"}, {"content", message.text}}));
                break;
            case Message::Role::model:
                out.emplace_back(json::object({{"role", "assistant"}, {"content", message.turn.raw}}));
                break;
            case Message::Role::tools: {
                json::Array parts;
                for (const ToolResult& result : message.results) {
                    parts.emplace_back(json::object({{"type", "tool_result"},
                                                     {"tool_use_id", result.id},
                                                     {"content", json::write(result.content)},
                                                     {"is_error", result.is_error}}));
                }
                out.emplace_back(json::object({{"role", "user"}, {"content", std::move(parts)}}));
                break;
            }
        }
    }
    return out;
}

json::Value anthropic_choice(const Chat& chat) {
    switch (chat.choice) {
        case Chat::Choice::automatic:
            return json::object({{"type", "auto"}, {"disable_parallel_tool_use", true}});
        case Chat::Choice::none:
            return json::object({{"type", "none"}});
        case Chat::Choice::forced:
            return json::object(
                {{"type", "tool"}, {"name", chat.tools.front().name}, {"disable_parallel_tool_use", true}});
    }
    HEADROOM_ASSERT(false);
    return {};
}

Finish anthropic_finish(const std::string& word) {
    if (word == "end_turn" || word == "tool_use" || word == "stop_sequence") {
        return Finish::done;
    }
    if (word == "max_tokens" || word == "model_context_window_exceeded") {
        return Finish::too_long;
    }
    return word == "refusal" ? Finish::refused : Finish::other;
}

}  // namespace

json::Object write_anthropic(const WireOptions& options, const Chat& chat) {
    json::Object body{{"model", options.model},
                      {"max_tokens", options.output_tokens_max},
                      {"system", chat.system},
                      {"messages", anthropic_messages(chat)}};
    if (!chat.tools.empty()) {
        json::Array tools;
        for (const Tool& tool : chat.tools) {
            tools.emplace_back(json::object({{"name", tool.name},
                                             {"description", tool.description},
                                             {"strict", true},
                                             {"input_schema", tool.parameters}}));
        }
        body.set("tools", std::move(tools));
        body.set("tool_choice", anthropic_choice(chat));
    }
    if (options.send_temperature) {
        body.set("temperature", 0);
    }
    return body;
}

Result<Answer> read_anthropic(const json::Value& body) {
    const json::Value* content = body.get("content");
    if (content == nullptr || content->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no content"};
    }
    Answer answer;
    answer.model = bounded(body.text("/model"), 128);
    answer.finish_word = bounded(body.text("/stop_reason"), 64);
    answer.finish = anthropic_finish(answer.finish_word);
    answer.tokens = {.prompt = tokens_at(body, "/usage/input_tokens"),
                     .output = tokens_at(body, "/usage/output_tokens")};
    answer.turn.raw = *content;
    for (const json::Value& part : *content->as_array()) {
        const std::string type = part.text("/type");
        if (type == "tool_use") {
            answer.turn.calls.push_back(
                call_of_object(part.text("/id"), part.text("/name"), part.get("input")));
        } else if (type == "text") {
            answer.turn.text += part.text("/text");
        }
    }
    return answer;
}

}  // namespace headroom::copilot
