#pragma once

#include "copilot/chat.hpp"
#include "copilot/pseudonyms.hpp"
#include "core/async.hpp"
#include "core/json.hpp"
#include "desk/ask_answers.hpp"

#include <string>
#include <vector>

namespace headroom::desk {

class Desk;

/// What a query of the desk gave.
struct ToolOutcome {
    json::Value content;  ///< ids and figures; an object with `error` when there was none
    std::vector<CitationAnswer> citations;
    bool is_error = false;
};

/// Queries of the desk as functions of a model. All of them only read.
///
/// `status`; `tightest_feeders` (limit); `feeder` (feeder); `events` (state, limit); `event`, `plan` and
/// `statement` (event); `rules` (words).
[[nodiscard]] const std::vector<copilot::Tool>& ask_tools();

/// Runs one by name. Arguments are checked; a fault is an outcome, for the model to read.
Awaitable<ToolOutcome> run_ask_tool(Desk& desk, std::string name, json::Value arguments);

/// The content with pseudonyms for ids and without any text that somebody wrote.
[[nodiscard]] json::Value hidden_content(const json::Value& content, copilot::Pseudonyms& names);
/// The content with texts that others wrote made fit for a prompt.
[[nodiscard]] json::Value named_content(const json::Value& content);

}  // namespace headroom::desk
