#pragma once

#include "core/json.hpp"
#include "desk/ask_mentions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::desk {

/// The one query that answers a question of the family that Headroom answers without a model.
struct PlainQuery {
    std::string tool;  ///< of ask_tools()
    json::Value arguments;
};

/// Recognises: the tightest feeders; a feeder, an event, its plan or statement when it is named; events that
/// are open, over or all; the state of the room; what a rulebook says. Nothing for another question. Pure.
[[nodiscard]] std::optional<PlainQuery> recognise(std::string_view question,
                                                  const std::vector<Mention>& mentions);

/// The answer in words, from that query's content; every figure is the content's. Pure.
[[nodiscard]] std::string plain_words(const PlainQuery& query, const json::Value& content);

/// What can be asked without a model, and how one is set up.
[[nodiscard]] std::string_view plain_help();

}  // namespace headroom::desk
