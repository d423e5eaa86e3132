#include "copilot/wire_parts.hpp"
#include "core/json_object.hpp"

namespace headroom::copilot {
namespace {

json::Value text_part(const std::string& text) {
    return json::object({{"text", text}});
}

json::Value response_part(const ToolResult& result) {
    json::Object response{
        {"name", result.name},
        {"response", json::object({{result.is_error ? "error" : "output", result.content}})}};
    if (!result.id.empty()) {
        response.set("id", result.id);
    }
    return json::object({{"functionResponse", std::move(response)}});
}

json::Array contents_of(const Chat& chat) {
    json::Array out;
    for (const Message& message : chat.messages) {
        switch (message.role) {
            case Message::Role::user:
                out.emplace_back(
                    json::object({{"role", "user"}, {"parts", json::Array{text_part(message.text)}}}));
                break;
            case Message::Role::model:
                out.push_back(message.turn.raw);  // with its signatures: without them it is refused
                break;
            case Message::Role::tools: {
                json::Array parts;
                for (const ToolResult& result : message.results) {
                    parts.push_back(response_part(result));
                }
                out.emplace_back(json::object({{"role", "user"}, {"parts", std::move(parts)}}));
                break;
            }
        }
    }
    return out;
}

json::Value calling_of(const Chat& chat) {
    switch (chat.choice) {
        case Chat::Choice::automatic:
            return json::object({{"mode", "AUTO"}});
        case Chat::Choice::none:
            return json::object({{"mode", "NONE"}});
        case Chat::Choice::forced:
            return json::object(
                {{"mode", "ANY"}, {"allowedFunctionNames", json::Array{chat.tools.front().name}}});
    }
    HEADROOM_ASSERT(false);
    return {};
}

Finish gemini_finish(const std::string& word) {
    if (word == "STOP" || word.empty()) {
        return Finish::done;
    }
    if (word == "MAX_TOKENS") {
        return Finish::too_long;
    }
    const bool is_filter = word == "SAFETY" || word == "RECITATION" || word == "BLOCKLIST" ||
                           word == "PROHIBITED_CONTENT" || word == "SPII" || word == "LANGUAGE";
    return is_filter ? Finish::filtered : Finish::other;
}

TokenCount gemini_tokens(const json::Value& body) {
    return {.prompt = tokens_at(body, "/usageMetadata/promptTokenCount"),
            .output = tokens_at(body, "/usageMetadata/candidatesTokenCount") +
                      tokens_at(body, "/usageMetadata/thoughtsTokenCount")};
}

}  // namespace

json::Object write_gemini(const WireOptions& options, const Chat& chat) {
    json::Object generation{{"maxOutputTokens", options.output_tokens_max}, {"candidateCount", 1}};
    if (options.send_temperature) {
        generation.set("temperature", 0);
        generation.set("seed", sampling_seed);
    }
    json::Object body{{"systemInstruction", json::object({{"parts", json::Array{text_part(chat.system)}}})},
                      {"contents", contents_of(chat)},
                      {"generationConfig", std::move(generation)}};
    if (!chat.tools.empty()) {
        json::Array declarations;
        for (const Tool& tool : chat.tools) {
            declarations.emplace_back(json::object({{"name", tool.name},
                                                    {"description", tool.description},
                                                    {"parametersJsonSchema", tool.parameters}}));
        }
        body.set("tools", json::Array{json::object({{"functionDeclarations", std::move(declarations)}})});
        body.set("toolConfig", json::object({{"functionCallingConfig", calling_of(chat)}}));
    }
    return body;
}

Result<Answer> read_gemini(const json::Value& body) {
    Answer answer;
    answer.model = bounded(body.text("/modelVersion"), 128);
    answer.tokens = gemini_tokens(body);
    const json::Value* candidate = body.at("/candidates/0");
    if (candidate == nullptr || !candidate->is_object()) {
        const std::string reason = body.text("/promptFeedback/blockReason");
        if (reason.empty()) {
            return Error{Errc::invalid, "the answer has no candidate"};
        }
        answer.finish = Finish::filtered;
        answer.finish_word = bounded(reason, 64);
        return answer;
    }
    answer.finish_word = bounded(candidate->text("/finishReason"), 64);
    answer.finish = gemini_finish(answer.finish_word);
    const json::Value* content = candidate->get("content");
    const json::Value* parts = content == nullptr ? nullptr : content->get("parts");
    if (parts == nullptr || parts->as_array() == nullptr) {
        if (answer.finish == Finish::done) {
            return Error{Errc::invalid, "the candidate has no parts"};
        }
        return answer;
    }
    answer.turn.raw = *content;
    for (const json::Value& part : *parts->as_array()) {
        if (part.boolean("/thought")) {
            continue;
        }
        if (const json::Value* call = part.get("functionCall"); call != nullptr && call->is_object()) {
            answer.turn.calls.push_back(
                call_of_object(call->text("/id"), call->text("/name"), call->get("args")));
        } else {
            answer.turn.text += part.text("/text");
        }
    }
    return answer;
}

Result<json::Value> join_gemini_stream(const std::vector<std::string>& events) {
    json::Array parts;
    json::Object whole;
    std::string finish;
    json::Value blocked;
    for (const std::string& data : events) {
        const Result<json::Value> event = json::parse(data, {.bytes = answer_bytes_max, .depth = 24});
        if (!event) {
            return Error{Errc::invalid, "an event of the stream is no JSON"};
        }
        // An error inside a stream comes as an object or as a list of one.
        const json::Value* error = event->is_array() ? event->at("/0/error") : event->get("error");
        if (error != nullptr && !error->is_null()) {
            return Error{Errc::invalid, "the stream ends with an error: " + read_fault(data).kind};
        }
        for (const char* member : {"usageMetadata", "modelVersion", "promptFeedback"}) {
            if (const json::Value* value = event->get(member)) {
                whole.set(member, *value);
            }
        }
        const json::Value* pieces = event->at("/candidates/0/content/parts");
        if (pieces != nullptr && pieces->as_array() != nullptr) {
            parts.insert(parts.end(), pieces->as_array()->begin(), pieces->as_array()->end());
        }
        const std::string word = event->text("/candidates/0/finishReason");
        finish = word.empty() ? finish : word;
    }
    if (finish.empty() && whole.find("promptFeedback") == nullptr) {
        return Error{Errc::invalid, "the stream ended before its end"};
    }
    if (!finish.empty()) {
        whole.set("candidates",
                  json::Array{json::object(
                      {{"finishReason", finish},
                       {"content", json::object({{"role", "model"}, {"parts", std::move(parts)}})}})});
    }
    return json::Value(std::move(whole));
}

}  // namespace headroom::copilot
