#pragma once

#include "copilot/wire.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::copilot {

// What the four formats share; inside of wire.cpp.

/// Sent where a format takes one, so that a question asked again is answered alike.
inline constexpr std::int64_t sampling_seed = 7;

[[nodiscard]] json::Object write_openai_chat(const WireOptions& options, const Chat& chat);
[[nodiscard]] json::Object write_openai_responses(const WireOptions& options, const Chat& chat);
[[nodiscard]] json::Object write_gemini(const WireOptions& options, const Chat& chat);
[[nodiscard]] json::Object write_anthropic(const WireOptions& options, const Chat& chat);

[[nodiscard]] Result<Answer> read_openai_chat(const json::Value& body);
[[nodiscard]] Result<Answer> read_openai_responses(const json::Value& body);
[[nodiscard]] Result<Answer> read_gemini(const json::Value& body);
[[nodiscard]] Result<Answer> read_anthropic(const json::Value& body);

/// A stream's events put together to the document that would have come at once.
/// Errors: `invalid` for a stream without its end, or with an error in it.
[[nodiscard]] Result<json::Value> join_openai_stream(const std::vector<std::string>& events);
[[nodiscard]] Result<json::Value> join_gemini_stream(const std::vector<std::string>& events);

/// The data of each event of a stream, in order. Source: HTML Living Standard §9.2.
[[nodiscard]] std::vector<std::string> read_sse(std::string_view body);

/// At most `bytes` of text without control characters, never half a character.
[[nodiscard]] std::string bounded(std::string_view text, std::size_t bytes);
/// A call whose arguments are JSON text, as they should be.
[[nodiscard]] ToolCall call_of_text(std::string id, std::string name, std::string_view arguments);
/// A call whose arguments are an object.
[[nodiscard]] ToolCall call_of_object(std::string id, std::string name, const json::Value* arguments);
/// Errors: `invalid` once a turn has more than `calls_max` calls or more text than `text_bytes_max`.
[[nodiscard]] Result<void> check_bounds(const Turn& turn);
/// A count that is none below 0 or absurd.
[[nodiscard]] std::int64_t tokens_at(const json::Value& value, std::string_view pointer);

}  // namespace headroom::copilot
