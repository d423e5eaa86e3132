#pragma once

#include "agents/event_record.hpp"
#include "agents/feed_table.hpp"
#include "flex/event_plan.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// How long providers take to confirm, learnt as round-trip times are: a smoothed mean and a smoothed mean
/// deviation, told as mean and four deviations. Source: RFC 6298, 2.
class LearntLatencies {
  public:
    void add(const std::string& provider, milliseconds took);
    /// By provider, sorted.
    [[nodiscard]] std::vector<flex::ProviderLatency> all() const;

  private:
    struct Learnt {
        double mean_ms = 0.0;
        double deviation_ms = 0.0;
    };
    std::map<std::string, Learnt> learnt_;
};

/// What a live event's plan is judged by, as it follows from the other events, the network and the book.
/// `load_kw` answers for the newest load at a limit's point. Pure.
[[nodiscard]] flex::EventFacts facts_for(
    const EventRecord& record, const std::vector<const EventRecord*>& others, const grid::Network& network,
    const flex::RuleBook* book, UtcTime now,
    const std::function<std::optional<double>(const risk::Overload&)>& load_kw);

/// What a feed says of the grid's carbon over the overload's hours; nothing when none does. `board` may be
/// null.
[[nodiscard]] std::optional<flex::GridCarbon> carbon_for(const risk::Overload& overload,
                                                         const FeedBoard* board);

/// What the rules count: the starts and the money of all events, settled money where there is a statement,
/// contracted money before. An event's money is shared out over its DERs by their energy.
void count_uses(const EventRecord& event, const grid::Network& network, flex::RuleTally& tally);

}  // namespace headroom::agents
