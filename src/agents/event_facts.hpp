#pragma once

#include "agents/event_record.hpp"
#include "agents/event_rules.hpp"
#include "agents/learnt_providers.hpp"
#include "flex/event_plan.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// What the rules count from: all events, purchases outside of events, orders of published needs, and plans
/// that are about to be used.
struct PastUses {
    std::vector<const EventRecord*> events;
    std::vector<const flex::Contract*> purchases;
    std::vector<const flex::FlexPlan*> plans;
    std::vector<flex::Contract> of_needs = {};        ///< with aggregators that came to a published need
    std::vector<const flex::Contract*> pending = {};  ///< outside of events, asked for and not answered yet
};

/// What the rules count for a need at `asset`, and what supplies it. Pure.
[[nodiscard]] flex::RuleFacts rule_facts_for(const std::string& asset, const PastUses& past,
                                             const grid::Network& network, const flex::RuleBook* book,
                                             UtcTime now);

/// The same with the other ratings of the limit's asset and the ties there: what a plan for `overload` is
/// judged by. `load_kw` answers for the newest load at a limit's point. Pure.
[[nodiscard]] flex::EventFacts facts_for(
    const risk::Overload& overload, const PastUses& past, const grid::Network& network,
    const flex::RuleBook* book, UtcTime now,
    const std::function<std::optional<double>(const risk::Overload&)>& load_kw);

/// What a feed says of the grid's carbon over the overload's hours; nothing when none does. `board` may be
/// null.
[[nodiscard]] std::optional<flex::GridCarbon> carbon_for(const risk::Overload& overload,
                                                         const FeedBoard* board);

/// What the overload's limit and those of the same phase above it leave free from the need's start on, by the
/// 90th percentile of their newest forecasts; as far ahead as the book's longest rebound reaches. Nothing
/// where the book knows of no rebound, and where a forecast is missing. `forecast` may be empty. Pure.
[[nodiscard]] std::optional<flex::ReboundRoom> room_for(
    const risk::Overload& overload, const grid::Network& network, const flex::RuleBook* book,
    const std::function<LimitForecast(const risk::Overload&)>& forecast);

/// What the rules count: the starts and the money of all events, settled money where there is a statement,
/// contracted money before. An event's money is shared out over its DERs by their energy. What it has asked
/// for and is not answered yet counts as if it were contracted.
void count_uses(const EventRecord& event, const grid::Network& network, flex::RuleTally& tally);
/// The same of a contract that was made outside of any event, as long as it stands. Windows of computing
/// power relieve nothing and are no use of flexibility.
void count_uses(const flex::Contract& purchase, const grid::Network& network, flex::RuleTally& tally);
/// The same of a plan that is about to be used.
void count_uses(const flex::FlexPlan& plan, const grid::Network& network, flex::RuleTally& tally);

}  // namespace headroom::agents
