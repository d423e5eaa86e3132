#include "copilot/wire.hpp"
#include "copilot/wire_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::copilot {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Chat sample_chat() {
    Chat chat;
    chat.system = "You plan.";
    chat.messages = {user_message("Feeder?")};
    chat.tools = {
        {.name = "propose_plan", .description = "Propose.", .parameters = json::Object{{"type", "object"}}}};
    chat.choice = Chat::Choice::forced;
    return chat;
}

json::Value body_of(WireFormat format, const Chat& chat, WireOptions options = {}) {
    options.format = format;
    options.model = "sample-model";
    return *json::parse(write_request(options, chat).body);
}

/// The same answer in each format: one call with the arguments {"event":"event-1"}.
std::string call_body(WireFormat format) {
    switch (format) {
        case WireFormat::openai_chat:
            return R"({"id":"c","model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":null,
                "refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"propose_plan",
                "arguments":"{\"event\":\"event-1\"}"}}]}}],"usage":{"prompt_tokens":398,"completion_tokens":61}})";
        case WireFormat::openai_responses:
            return R"({"id":"r","status":"completed","model":"m-1","error":null,"output":[{"type":"reasoning","id":"rs"},
                {"type":"function_call","call_id":"call_1","name":"propose_plan","arguments":"{\"event\":\"event-1\"}"}],
                "usage":{"input_tokens":398,"output_tokens":61}})";
        case WireFormat::gemini:
            return R"({"candidates":[{"finishReason":"STOP","content":{"role":"model","parts":[{"text":"thinking","thought":true},
                {"functionCall":{"id":"call_1","name":"propose_plan","args":{"event":"event-1"}},"thoughtSignature":"c2ln"}]}}],
                "usageMetadata":{"promptTokenCount":398,"candidatesTokenCount":51,"thoughtsTokenCount":10},"modelVersion":"m-1"})";
        case WireFormat::anthropic:
            return R"({"type":"message","role":"assistant","model":"m-1","stop_reason":"tool_use","content":[{"type":"thinking","thinking":"x"},
                {"type":"tool_use","id":"call_1","name":"propose_plan","input":{"event":"event-1"}}],
                "usage":{"input_tokens":398,"output_tokens":61}})";
    }
    return {};
}

class EveryFormat : public testing::TestWithParam<WireFormat> {};
INSTANTIATE_TEST_SUITE_P(Wire, EveryFormat,
                         testing::Values(WireFormat::openai_chat, WireFormat::openai_responses,
                                         WireFormat::gemini, WireFormat::anthropic));

TEST_P(EveryFormat, ReadsACall) {
    const auto answer = read_answer(GetParam(), call_body(GetParam()));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->finish, Finish::done);
    EXPECT_EQ(answer->model, "m-1");
    EXPECT_EQ(answer->tokens.prompt, 398);
    EXPECT_EQ(answer->tokens.output, 61);
    EXPECT_EQ(answer->turn.text, "");
    ASSERT_EQ(answer->turn.calls.size(), 1U);
    EXPECT_EQ(answer->turn.calls[0].id, "call_1");
    EXPECT_EQ(answer->turn.calls[0].name, "propose_plan");
    EXPECT_EQ(answer->turn.calls[0].arguments.text("/event"), "event-1");
}

TEST_P(EveryFormat, SendsTheModelsTurnBackUnchangedWithItsResult) {
    const auto answer = read_answer(GetParam(), call_body(GetParam()));
    ASSERT_TRUE(answer.has_value());
    Chat chat = sample_chat();
    chat.messages.push_back(model_message(answer->turn));
    chat.messages.push_back(tool_message(
        {{.id = "call_1", .name = "propose_plan", .content = json::Object{{"accepted", false}}}}));
    const std::string body = json::write(body_of(GetParam(), chat));
    EXPECT_THAT(body, HasSubstr("call_1"));
    EXPECT_THAT(body, HasSubstr("accepted"));
    const std::string raw = json::write(answer->turn.raw);
    EXPECT_THAT(body,
                HasSubstr(GetParam() == WireFormat::openai_responses ? raw.substr(1, raw.size() - 2) : raw));
}

TEST_P(EveryFormat, TakesNothingThatIsNoAnswer) {
    for (const std::string body : {"", "   ", "null", "[]", "{}", "\"text\"", "{\"choices\":[]}",
                                   "{\"output\":{}}", "{\"content\":null}", "<html><body>502</body></html>",
                                   "not json", "{\"error\":{\"message\":\"m\",\"type\":\"t\"}}",
                                   "{\"error\":\"plain\"}", "[{\"error\":{\"status\":\"INTERNAL\"}}]"}) {
        EXPECT_FALSE(read_answer(GetParam(), body).has_value()) << body;
    }
    EXPECT_FALSE(read_answer(GetParam(), std::string(answer_bytes_max + 1, ' ')).has_value());
    const std::string whole = call_body(GetParam());
    for (std::size_t length = 0; length + 1 < whole.size(); length += 7) {
        EXPECT_FALSE(read_answer(GetParam(), whole.substr(0, length)).has_value()) << length;
    }
}

TEST(WriteOpenaiChat, SendsWhatTheServerIsKnownToTake) {
    const json::Value body = body_of(WireFormat::openai_chat, sample_chat());
    EXPECT_EQ(body.text("/messages/0/role"), "system");
    EXPECT_EQ(body.text("/tool_choice/function/name"), "propose_plan");
    EXPECT_EQ(body.integer("/max_tokens"), 2'048);
    EXPECT_EQ(body.integer("/temperature", -1), 0);
    const json::Value reasoning =
        body_of(WireFormat::openai_chat, sample_chat(),
                {.tokens_field = "max_completion_tokens", .send_temperature = false});
    EXPECT_EQ(reasoning.integer("/max_completion_tokens"), 2'048);
    EXPECT_EQ(reasoning.get("temperature"), nullptr);
    EXPECT_EQ(reasoning.get("max_tokens"), nullptr);
}

TEST(WriteGemini, NamesTheModelInThePath) {
    WireOptions options{.format = WireFormat::gemini, .model = "models/../x"};
    EXPECT_EQ(write_request(options, sample_chat()).path, "/v1beta/models/models%2F..%2Fx:generateContent");
    options.stream = true;
    EXPECT_THAT(write_request(options, sample_chat()).path,
                testing::EndsWith(":streamGenerateContent?alt=sse"));
    const json::Value body = body_of(WireFormat::gemini, sample_chat());
    EXPECT_EQ(body.text("/toolConfig/functionCallingConfig/mode"), "ANY");
    EXPECT_EQ(body.text("/tools/0/functionDeclarations/0/parametersJsonSchema/type"), "object");
}

TEST(WriteAnthropic, HasItsVersionAndMaxTokens) {
    const WireRequest request = write_request({.format = WireFormat::anthropic, .model = "m"}, sample_chat());
    EXPECT_EQ(request.headers.get("anthropic-version"), "2023-06-01");
    EXPECT_EQ(json::parse(request.body)->integer("/max_tokens"), 2'048);
}

TEST(KeyHeader, IsOnlyThereWithAKey) {
    EXPECT_FALSE(key_header(WireFormat::openai_chat, "").has_value());
    EXPECT_EQ(key_header(WireFormat::openai_chat, "k")->second, "Bearer k");
    EXPECT_EQ(key_header(WireFormat::gemini, "k")->first, "x-goog-api-key");
}

TEST(ReadOpenaiChat, KeepsArgumentsThatAreNoJsonAsAFault) {
    const auto answer = read_answer(WireFormat::openai_chat,
                                    R"({"choices":[{"finish_reason":"tool_calls","message":{"tool_calls":[
        {"id":"a","function":{"name":"f","arguments":"{\"x\":"}},{"id":"b","function":{"name":"f","arguments":"[1]"}},
        {"id":"c","function":{"name":"f","arguments":"{\"x\":1,\"x\":2}"}},{"id":"d","function":{"name":"f","arguments":{"x":1}}}]}}]})");
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->turn.calls.size(), 4U);
    EXPECT_NE(answer->turn.calls[0].fault, "");
    EXPECT_NE(answer->turn.calls[1].fault, "");
    EXPECT_NE(answer->turn.calls[2].fault, "");
    EXPECT_EQ(answer->turn.calls[3].fault, "");
}

TEST(ReadOpenaiChat, TellsRefusalsAndCutAnswers) {
    const auto finish = [](const std::string& word, const std::string& rest) {
        return read_answer(WireFormat::openai_chat, R"({"choices":[{"finish_reason":")" + word +
                                                        R"(","message":{"content":"x")" + rest + "}}]}")
            ->finish;
    };
    EXPECT_EQ(finish("stop", ""), Finish::done);
    EXPECT_EQ(finish("length", ""), Finish::too_long);
    EXPECT_EQ(finish("content_filter", ""), Finish::filtered);
    EXPECT_EQ(finish("stop", R"(,"refusal":"no")"), Finish::refused);
    EXPECT_EQ(finish("something new", ""), Finish::other);
}

TEST(ReadAnswer, BoundsCallsAndText) {
    std::string calls;
    for (std::size_t i = 0; i <= calls_max; ++i) {
        calls += std::string(i > 0 ? "," : "") + R"({"function":{"name":"f","arguments":"{}"}})";
    }
    EXPECT_FALSE(
        read_answer(WireFormat::openai_chat, R"({"choices":[{"message":{"tool_calls":[)" + calls + "]}}]}")
            .has_value());
    EXPECT_FALSE(read_answer(WireFormat::anthropic, R"({"content":[{"type":"text","text":")" +
                                                        std::string(text_bytes_max + 1, 'a') + "\"}]}")
                     .has_value());
}

TEST(ReadGemini, TellsAPromptThatWasBlocked) {
    const auto answer = read_answer(WireFormat::gemini, R"({"promptFeedback":{"blockReason":"SAFETY"}})");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->finish, Finish::filtered);
    EXPECT_EQ(
        read_answer(WireFormat::gemini, R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]})")
            ->finish,
        Finish::other);
}

constexpr std::string_view openai_stream =
    "data: "
    "{\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":"
    "\"call_1\",\"function\":{\"name\":\"propose_plan\",\"arguments\":\"\"}}]}}]}\n\n"
    ": keep-alive\n\n"
    "data: "
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"event\\\":\"}}"
    "]}}]}\r\n\r\n"
    "data: "
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"event-1\\\"}\"}"
    "}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\n"
    "data: [DONE]";

TEST(ReadStream, JoinsPiecesOfCalls) {
    const auto answer = read_answer(WireFormat::openai_chat, openai_stream);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->turn.calls.at(0).arguments.text("/event"), "event-1");
    EXPECT_EQ(answer->tokens.total(), 10);
    EXPECT_EQ(answer->turn.raw.text("/tool_calls/0/function/arguments"), "{\"event\":\"event-1\"}");
}

TEST(ReadStream, TakesNoHalfOfOne) {
    for (std::size_t length = 6; length < openai_stream.size() - 1; length += 11) {
        EXPECT_FALSE(read_answer(WireFormat::openai_chat, openai_stream.substr(0, length)).has_value())
            << length;
    }
    EXPECT_FALSE(read_answer(WireFormat::openai_chat,
                             "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: "
                             "{\"error\":{\"message\":\"x\"}}\n\n")
                     .has_value());
    EXPECT_FALSE(read_answer(WireFormat::gemini,
                             "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n")
                     .has_value());
    EXPECT_FALSE(
        read_answer(WireFormat::gemini, "data: [{\"error\":{\"status\":\"UNAVAILABLE\"}}]\n\n").has_value());
}

TEST(ReadStream, JoinsPartsOfGemini) {
    const auto answer =
        read_answer(WireFormat::gemini,
                    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"one \"}]}}]}\n\n"
                    "data: "
                    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"two\"},{\"functionCall\":{"
                    "\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"s\"}]},\"finishReason\":\"STOP\"}],"
                    "\"usageMetadata\":{\"promptTokenCount\":5}}\n\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->turn.text, "one two");
    EXPECT_EQ(answer->turn.raw.text("/parts/2/thoughtSignature"), "s");
}

TEST(ReadSse, FollowsTheStandard) {
    EXPECT_THAT(read_sse("event: x\ndata: a\ndata:b\n\n\n: c\ndata: \n\rdata: last"),
                ElementsAre("a\nb", "", "last"));
}

TEST(ReadFault, ReadsEveryEnvelope) {
    const ProviderFault gemini = read_fault(
        R"({"error":{"code":429,"message":"Quota\nexceeded","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}})");
    EXPECT_EQ(gemini.kind, "RESOURCE_EXHAUSTED");
    EXPECT_EQ(gemini.message, "Quota exceeded");
    EXPECT_EQ(gemini.retry_after, seconds{17});
    EXPECT_EQ(read_fault(R"([{"error":{"status":"UNAVAILABLE"}}])").kind, "UNAVAILABLE");
    EXPECT_EQ(read_fault(R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})").kind,
              "overloaded_error");
    EXPECT_EQ(read_fault(R"({"error":"model not found"})").message, "model not found");
    EXPECT_EQ(read_fault("<html>Bad <b>gateway</b></html>").message, "a web page in the place of an answer");
    EXPECT_EQ(read_fault("").kind, "");
    EXPECT_EQ(read_fault(R"({"error":{"details":[{"@type":"x/google.rpc.RetryInfo","retryDelay":"-3s"}]}})")
                  .retry_after,
              std::nullopt);
}

}  // namespace
}  // namespace headroom::copilot
