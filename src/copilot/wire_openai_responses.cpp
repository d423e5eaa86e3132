#include "copilot/wire_parts.hpp"
#include "core/json_object.hpp"

namespace headroom::copilot {
namespace {

/// Stateless: what the model wrote goes back item by item, reasoning included.
json::Array input_of(const Chat& chat) {
    json::Array out;
    for (const Message& message : chat.messages) {
        switch (message.role) {
            case Message::Role::user:
                out.emplace_back(json::object({{"role", "user"}, {"content", message.text}}));
                break;
            case Message::Role::model:
                if (const json::Array* items = message.turn.raw.as_array()) {
                    out.insert(out.end(), items->begin(), items->end());
                }
                break;
            case Message::Role::tools:
                for (const ToolResult& result : message.results) {
                    out.emplace_back(json::object({{"type", "function_call_output"},
                                                   {"call_id", result.id},
                                                   {"output", json::write(result.content)}}));
                }
                break;
        }
    }
    return out;
}

json::Value responses_choice(const Chat& chat) {
    switch (chat.choice) {
        case Chat::Choice::automatic:
            return "auto";
        case Chat::Choice::none:
            return "none";
        case Chat::Choice::forced:
            return json::object({{"type", "function"}, {"name", chat.tools.front().name}});
    }
    HEADROOM_ASSERT(false);
    return {};
}

/// Text of a message; true when it holds a refusal.
bool take_message(const json::Value& item, std::string& text) {
    const json::Value* content = item.get("content");
    bool is_refusal = false;
    if (content != nullptr && content->as_array() != nullptr) {
        for (const json::Value& part : *content->as_array()) {
            if (part.text("/type") == "output_text") {
                text += part.text("/text");
            }
            is_refusal = is_refusal || part.text("/type") == "refusal";
        }
    }
    return is_refusal;
}

}  // namespace

json::Object write_openai_responses(const WireOptions& options, const Chat& chat) {
    json::Object body{{"model", options.model}, {"instructions", chat.system}, {"input", input_of(chat)}};
    if (!chat.tools.empty()) {
        json::Array tools;
        for (const Tool& tool : chat.tools) {
            tools.emplace_back(json::object({{"type", "function"},
                                             {"name", tool.name},
                                             {"description", tool.description},
                                             {"strict", true},
                                             {"parameters", tool.parameters}}));
        }
        body.set("tools", std::move(tools));
        body.set("tool_choice", responses_choice(chat));
        body.set("parallel_tool_calls", false);
    }
    body.set("store", false);
    if (options.send_temperature) {
        body.set("temperature", 0);
    }
    body.set("max_output_tokens", options.output_tokens_max);
    return body;
}

Result<Answer> read_openai_responses(const json::Value& body) {
    const json::Value* output = body.get("output");
    if (output == nullptr || output->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no output"};
    }
    Answer answer;
    answer.model = bounded(body.text("/model"), 128);
    answer.tokens = {.prompt = tokens_at(body, "/usage/input_tokens"),
                     .output = tokens_at(body, "/usage/output_tokens")};
    answer.turn.raw = *output;
    bool is_refusal = false;
    for (const json::Value& item : *output->as_array()) {
        const std::string type = item.text("/type");
        if (type == "function_call") {
            answer.turn.calls.push_back(
                call_of_text(item.text("/call_id"), item.text("/name"), item.text("/arguments")));
        } else if (type == "message") {
            is_refusal = take_message(item, answer.turn.text) || is_refusal;
        }
    }
    const std::string status = body.text("/status");
    const std::string reason = body.text("/incomplete_details/reason");
    answer.finish_word = bounded(reason.empty() ? status : reason, 64);
    answer.finish = is_refusal                      ? Finish::refused
                    : status == "completed"         ? Finish::done
                    : reason == "max_output_tokens" ? Finish::too_long
                    : reason == "content_filter"    ? Finish::filtered
                                                    : Finish::other;
    return answer;
}

}  // namespace headroom::copilot
