#pragma once

#include "agents/copilot.hpp"
#include "agents/journal.hpp"
#include "core/async.hpp"

#include <cstdint>

namespace headroom::agents {

/// Puts every plan of an event to the co-pilot once the plan's entry is durable, and writes down what came of
/// it: `ai.proposal` when every guard let a better proposal pass, `ai.rejected` with the reason when not. It
/// stands beside the decision: nothing waits for it, and nothing is changed by it. A proposal counts only
/// when a person approves it, by its own hash, while the plan it was made beside waits for an approval. io
/// thread.
class CopilotEvents {
  public:
    struct Parts {
        asio::any_io_executor executor;
        Journal& journal;
        Copilot& copilot;
    };
    explicit CopilotEvents(Parts parts) : parts_(parts), worker_("copilot-events") {}
    CopilotEvents(const CopilotEvents&) = delete;
    CopilotEvents& operator=(const CopilotEvents&) = delete;

    /// Every entry of the journal, as it becomes durable. This outlives the turns that it begins.
    void take(const audit::Entry& entry);

    /// Plans that were not put to it, because as many as are taken at once were waiting already.
    [[nodiscard]] std::uint64_t passed_over() const { return passed_over_; }

  private:
    Awaitable<void> consider(audit::Entry entry);
    Awaitable<void> write_down(audit::Entry entry, Considered considered);

    Parts parts_;
    int open_ = 0;
    std::uint64_t passed_over_ = 0;
    Worker worker_;  // reads blobs; last, so that it is joined first
};

}  // namespace headroom::agents
