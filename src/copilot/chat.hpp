#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::copilot {

// One conversation with a language model, in no provider's words. wire.hpp writes and reads the four formats.

/// A function that the model may ask for. `parameters` is a JSON Schema of the strict kind: every property
/// required, nothing besides.
struct Tool {
    std::string name;  ///< [a-z_]
    std::string description;
    json::Value parameters;
};

/// What the model asks for. Nothing of it has been checked against a schema.
struct ToolCall {
    std::string id;         ///< the provider's; may be empty
    std::string name;       ///< whatever the model wrote
    json::Value arguments;  ///< null when they could not be read
    std::string fault;      ///< why not; empty when they could
};

/// What is answered to a call.
struct ToolResult {
    std::string id;
    std::string name;
    json::Value content;
    bool is_error = false;
};

/// One answer of the model.
struct Turn {
    std::string text;  ///< untrusted; "" when it only calls
    std::vector<ToolCall> calls;
    json::Value raw;  ///< as the provider wrote it: some demand it back unchanged, signatures and all
};

struct Message {
    enum class Role : std::uint8_t { user, model, tools };
    Role role = Role::user;
    std::string text;                 ///< of the user
    Turn turn;                        ///< of the model
    std::vector<ToolResult> results;  ///< one for each call of the turn before, in its order
};

[[nodiscard]] Message user_message(std::string text);
[[nodiscard]] Message model_message(Turn turn);
[[nodiscard]] Message tool_message(std::vector<ToolResult> results);

struct Chat {
    enum class Choice : std::uint8_t { automatic, none, forced };
    std::string system;
    std::vector<Message> messages;
    std::vector<Tool> tools;
    Choice choice = Choice::automatic;  ///< `forced`: the first tool must be called
};

/// Why the model stopped.
enum class Finish : std::uint8_t { done, too_long, filtered, refused, other };
[[nodiscard]] std::string_view to_string(Finish finish);

struct TokenCount {
    std::int64_t prompt = 0;
    std::int64_t output = 0;  ///< thinking included, where the provider tells
    [[nodiscard]] std::int64_t total() const { return prompt + output; }
};

struct Answer {
    Turn turn;
    Finish finish = Finish::done;
    std::string finish_word;  ///< the provider's own, bounded
    TokenCount tokens;
    std::string model;  ///< as the provider names it, bounded
};

}  // namespace headroom::copilot
