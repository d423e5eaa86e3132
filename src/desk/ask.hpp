#pragma once

#include "agents/copilot.hpp"
#include "core/caller.hpp"
#include "desk/ask_answers.hpp"
#include "desk/ask_mentions.hpp"
#include "desk/ask_plain.hpp"
#include "desk/ask_tools.hpp"

#include <memory>
#include <string>
#include <vector>

namespace headroom::desk {

inline constexpr std::size_t question_bytes_max = 1'000;
inline constexpr std::size_t answer_shown_bytes_max = 4'000;

/// Questions in words over the state of the room. With a model: it is offered the desk's queries, which only
/// read, and every figure of what it answers is held against what they gave; an answer with a figure that
/// they did not give is not shown. Without one, or when it fails: the desk's own words for a fixed family of
/// questions. Nothing is changed by asking. One io_context thread.
class AskDesk {
  public:
    explicit AskDesk(Desk& desk);

    /// Errors: `invalid` for a question that is empty or too long.
    Awaitable<Result<AskAnswer>> ask(std::string question, Caller caller);

  private:
    struct Conversation;
    Awaitable<void> ask_model(Conversation& talk, std::string sent);
    Awaitable<std::vector<copilot::ToolResult>> run_calls(Conversation& talk, const copilot::Turn& turn);
    /// Whether the text may be shown as it is.
    [[nodiscard]] bool take_text(Conversation& talk, const std::string& text);
    Awaitable<void> answer_plainly(Conversation& talk);

    Desk& desk_;
    AskMentions mentions_;
};

[[nodiscard]] CopilotAnswer copilot_answer(agents::Copilot* copilot);

}  // namespace headroom::desk
