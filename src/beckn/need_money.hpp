#pragma once

#include "beckn/need_clearing.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headroom::beckn {

/// Aggregators by subscriber id, each with the meters that he named.
using NeedSellers = std::map<std::string, std::set<std::string>>;

/// What a budget of the buyer's leaves, and which it is.
struct SpendLimit {
    std::int64_t micro = 0;  ///< millionths of the need's currency
    std::string rule;
    std::string detail;

    [[nodiscard]] std::string sentence() const { return "rule " + rule + ": " + detail; }
};

/// What a rule says of a meter, or of a seller as a whole.
struct MeterRule {
    std::string refused = {};       ///< a sentence; empty: it may be asked
    std::vector<bool> closed = {};  ///< by slot of the need: not then; empty: in all of them
    std::string hours = {};         ///< of what closes them, a sentence
};

/// What the buyer's rules let a need still cost, of whom it may not buy, and when.
struct NeedMoney {
    std::optional<SpendLimit> in_all;            ///< nothing: no budget is about the need
    std::map<std::string, SpendLimit> by_peer;   ///< where a budget is about one seller
    std::map<std::string, std::string> refused;  ///< sellers that a rule bans, with its sentence
    /// By seller and by meter that he named, where a rule is about it; the empty name is himself.
    std::map<std::string, std::map<std::string, MeterRule>> meters = {};

    /// Why an order of `peer` for `micro` may not be taken; nothing when it may.
    [[nodiscard]] std::optional<std::string> refusal(const std::string& peer, std::int64_t micro) const;
    /// Why he may not deliver with these meters as this curve says; nothing when he may.
    [[nodiscard]] std::optional<std::string> barred(
        const std::string& peer, const std::vector<std::string>& named,
        const std::vector<std::vector<flex::BidStep>>& curve) const;
};

/// As a clearing's entry in the log has it.
[[nodiscard]] json::Value to_json(const NeedMoney& money);

/// Millionths of the currency that `power_w` costs at prices by slot, each slot rounded up: no contract for
/// it comes to more.
[[nodiscard]] std::int64_t cost_of_slots(const flex::IntervalGrid& power_w,
                                         const flex::IntervalGrid& price_per_mwh);

/// A clearing within the money, and the rules that held it back.
struct ClearingWithin {
    Clearing clearing;
    std::vector<std::string> held_back;          ///< sentences; empty: all that was wanted could be paid
    std::map<std::string, std::string> refused;  ///< bids that a rule kept out, with its sentence
};

/// `clear`, for as much of what is wanted as the money pays: the same share of every slot, in millionths, the
/// largest that fits. A seller whose award would pass his own budget is left out, and it is cleared again
/// without him. `peer_of` says whose a bid is, `barred` which may not be taken and why. The order of `bids`
/// does not matter.
[[nodiscard]] ClearingWithin clear_within(const flex::IntervalGrid& wanted_w, std::vector<StandingBid> bids,
                                          const std::map<std::string, std::string>& peer_of,
                                          const NeedMoney& money,
                                          const std::map<std::string, std::string>& barred = {});

}  // namespace headroom::beckn
