#pragma once

#include "copilot/chat.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::copilot {

/// The wire formats that language models speak.
/// Source: the providers' public interface descriptions, November 2026 (docs/formats/copilot.md).
enum class WireFormat : std::uint8_t { openai_chat, openai_responses, gemini, anthropic };
/// "openai-chat", "openai-responses", "gemini", "anthropic".
[[nodiscard]] std::string_view to_string(WireFormat format);
[[nodiscard]] std::optional<WireFormat> parse_wire_format(std::string_view word);
/// The service that the format comes from, without a final slash.
[[nodiscard]] std::string_view default_base_url(WireFormat format);

// Bounds of what is believed of an answer.
inline constexpr std::size_t answer_bytes_max = 1UL << 20U;
inline constexpr std::size_t calls_max = 20;
inline constexpr std::size_t text_bytes_max = 64UL << 10U;

struct WireOptions {
    WireFormat format = WireFormat::openai_chat;
    std::string model;
    std::int64_t output_tokens_max = 2'048;
    std::string tokens_field = "max_tokens";  ///< of openai-chat: or "max_completion_tokens"
    bool send_temperature = true;             ///< temperature 0 and, where it is taken, a seed
    bool stream = false;                      ///< of openai-chat and gemini
};

/// A request without its key.
struct WireRequest {
    std::string path;  ///< after the base URL
    net::Headers headers;
    std::string body;
};
[[nodiscard]] WireRequest write_request(const WireOptions& options, const Chat& chat);
/// The header that carries the key; nothing for an empty one.
[[nodiscard]] std::optional<net::Headers::Field> key_header(WireFormat format, const std::string& key);

/// Reads the body of a 200: one JSON document or a stream of events. What is unknown is passed over.
/// Errors: `invalid` for what is no such answer: too long, no JSON, HTML, a stream that ends before its end,
/// an error in the place of an answer, no choice at all. The message holds nothing of the body but short
/// words.
[[nodiscard]] Result<Answer> read_answer(WireFormat format, std::string_view body);

/// What an error's body says, whoever wrote it: a JSON envelope, a plain string, HTML.
struct ProviderFault {
    std::string kind;     ///< "RESOURCE_EXHAUSTED", "rate_limit_error" …; "" when unknown
    std::string message;  ///< bounded, one line; never HTML
    std::optional<milliseconds> retry_after;  ///< Gemini's RetryInfo
};
[[nodiscard]] ProviderFault read_fault(std::string_view body);

}  // namespace headroom::copilot
