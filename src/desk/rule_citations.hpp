#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"
#include "desk/knowledge.hpp"

#include <cstdint>

namespace headroom::desk {

/// Looks up what the rulebooks say about each plan once the plan's entry is durable, and writes it down as
/// `rules.cited`: beside the decision, never before it. Where they are silent nothing is written. io thread.
class RuleCitations {
  public:
    struct Parts {
        asio::any_io_executor executor;
        agents::Journal& journal;
        KnowledgeDesk& knowledge;
    };
    /// Follows the journal from now on; lives as long as it.
    explicit RuleCitations(Parts parts);
    RuleCitations(const RuleCitations&) = delete;
    RuleCitations& operator=(const RuleCitations&) = delete;

    /// Plans that were not looked at, because as many as are taken at once were waiting already.
    [[nodiscard]] std::uint64_t passed_over() const { return passed_over_; }

  private:
    Awaitable<void> cite(std::uint64_t seq, std::string event);

    Parts parts_;
    int open_ = 0;
    std::uint64_t passed_over_ = 0;
};

}  // namespace headroom::desk
