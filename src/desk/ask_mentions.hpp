#pragma once

#include "agents/flex_orchestration.hpp"
#include "copilot/pseudonyms.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::desk {

/// A feeder, substation, resource or event that a text speaks of.
struct Mention {
    std::size_t begin = 0;  ///< bytes of the text
    std::size_t end = 0;
    std::string kind;  ///< "feeder", "substation", "resource", "event"
    std::string id;
};

/// Finds what a question speaks of by ids and by names, without regard to case. The names of the grid are
/// looked up in a table that is made at the first question after the grid was changed.
class AskMentions {
  public:
    AskMentions(const grid::Network& network, const agents::FlexOrchestration& orchestration)
        : network_(network), orchestration_(orchestration) {}

    /// In the order of the text; the longest of those that overlap.
    [[nodiscard]] std::vector<Mention> find(std::string_view text, std::uint64_t layout_version);

  private:
    void rebuild();

    const grid::Network& network_;
    const agents::FlexOrchestration& orchestration_;
    std::unordered_map<std::string, std::pair<std::string, std::string>>
        known_;  ///< small letters → kind, id
    std::uint64_t version_ = 0;
    bool is_built_ = false;
};

/// The text with pseudonyms in the place of its mentions.
[[nodiscard]] std::string hidden_text(std::string_view text, const std::vector<Mention>& mentions,
                                      copilot::Pseudonyms& names);

}  // namespace headroom::desk
