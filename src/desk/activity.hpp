#pragma once

#include "agents/agent_status.hpp"
#include "audit/entry.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace headroom::desk {

/// What the market and the dispatch agent have been doing, counted from the entries that they write. One
/// thread.
class Activity {
  public:
    void take(const audit::Entry& entry);
    /// `is_busy`: events are open that they work for.
    [[nodiscard]] agents::AgentStatus market(bool is_busy) const;
    [[nodiscard]] agents::AgentStatus dispatch(bool is_busy) const;

  private:
    struct Agent {
        UtcTime last{};
        std::map<std::string, std::int64_t> counts;
    };
    [[nodiscard]] static agents::AgentStatus status_of(std::string name, const Agent& agent, bool is_busy);

    Agent market_;
    Agent dispatch_;
};

}  // namespace headroom::desk
