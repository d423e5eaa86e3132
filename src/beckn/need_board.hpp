#pragma once

#include "beckn/envelope.hpp"
#include "beckn/need_money.hpp"
#include "beckn/policy_settle.hpp"
#include "beckn/saga.hpp"
#include "core/result.hpp"
#include "flex/contract.hpp"
#include "flex/need.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The operator as BPP and buyer: what he needs is published, and aggregators (BAPs, sellers) come with bids.
namespace headroom::beckn {

enum class NeedState : std::uint8_t { open, closed, withdrawn };
[[nodiscard]] std::string_view to_string(NeedState state);
[[nodiscard]] std::optional<NeedState> parse_need_state(std::string_view text);

/// One clearing of a need with step bids.
struct ClearedRound {
    std::int64_t round = 1;
    UtcTime at{};  ///< domain time
    std::int64_t bids = 0;
    flex::IntervalGrid cleared_w;
    flex::IntervalGrid price_per_mwh;  ///< of the marginal step; 0 where nothing was cleared
    bool operator==(const ClearedRound&) const = default;
};

/// So much less load is wanted on a feeder, slot by slot. All instants are domain time.
struct PublishedNeed {
    std::string id;  ///< ours: resource and offer carry it
    std::string feeder;
    SettlementRule rule = SettlementRule::fixed_price;
    std::string currency = "GBP";
    flex::Need need;  ///< with prices and penalties by slot under a fixed price; only the power otherwise
    std::int64_t ceiling_per_mwh = 0;    ///< pay as clear: no step above it is taken
    std::int64_t shortfall_per_mwh = 0;  ///< pay as clear: one penalty for all slots
    std::string baseline_method;         ///< settlement profile id
    std::int64_t baseline_best_of = 0;
    std::int64_t baseline_out_of = 0;
    UtcTime opens{};
    UtcTime gate{};  ///< bids are taken in [opens, gate)
    /// After a clearing that fell short, what is still wanted is open again for so long; 0: never.
    milliseconds next_round{0};
    std::int64_t round = 1;
    NeedState state = NeedState::open;
    std::string ended_because;
    std::vector<ClearedRound> clearings;

    [[nodiscard]] const flex::IntervalGrid& requested_w() const { return need.requested_w; }
    bool operator==(const PublishedNeed&) const = default;
};
/// Errors: `invalid` with the pointer of the member, as POST /api/v1/needs names it.
[[nodiscard]] Result<void> check(const PublishedNeed& need, UtcTime now);

/// How far one aggregator has come.
enum class NeedStep : std::uint8_t {
    selected,
    inited,
    bidding,     ///< confirmed and waiting for the clearing
    contracted,  ///< something was awarded
    completed,   ///< settled
    cancelled,   ///< by either side, or nothing was awarded
};
[[nodiscard]] std::string_view to_string(NeedStep step);
[[nodiscard]] std::optional<NeedStep> parse_need_step(std::string_view text);

/// One conversation; from `contracted` on it is an order that binds both.
struct NeedOrder {
    NeedStep step = NeedStep::selected;
    std::string need;  ///< id
    std::string peer;  ///< the subscriber who signs
    Context context;   ///< of his newest request: who and where he is
    /// The contract as it is told: one commitment, participants, evidence, flows. Its id is a UUID that
    /// follows from the transaction.
    Order order;
    UtcTime bid_at{};  ///< wall time of the bid that counts
    /// A confirm that waits for the clearing: its message id. Empty: it was answered at once.
    std::string held_confirm;
    std::optional<flex::IntervalGrid> awarded_w;
    /// Our own meters were looked at after its time; before that the seller's evidence settles nothing.
    bool was_measured = false;

    [[nodiscard]] const NeedLine& line() const { return order.needs.front(); }
    [[nodiscard]] NeedLine& line() { return order.needs.front(); }
    [[nodiscard]] const std::string& transaction() const { return context.transaction_id; }
    [[nodiscard]] bool binds() const { return step == NeedStep::contracted || step == NeedStep::completed; }
    bool operator==(const NeedOrder&) const = default;
};

/// Who we are in what is published.
struct NeedHouse {
    std::string subscriber_id;  ///< bpp_id, and the buyer
    std::string name;
    std::string url;  ///< bpp_uri
    Support contact = {};
};

/// Needs, conversations and orders.
struct NeedBoard {
    NeedHouse house;
    std::map<std::string, PublishedNeed> needs;  // by id
    std::map<std::string, NeedOrder> orders;     // by transaction
    /// What the operator's rules let needs cost, by id, as it stands when a step is taken; a need that is not
    /// in it is not limited. Said anew before each step, and not kept.
    std::map<std::string, NeedMoney> money;

    [[nodiscard]] const PublishedNeed* need(std::string_view id) const;
    [[nodiscard]] const NeedOrder* order_of(std::string_view transaction) const;
    /// What no order covers yet, slot by slot, ≥ 0. Bids that wait for a clearing cover nothing. `except` is
    /// a transaction that is left out of the count.
    [[nodiscard]] flex::IntervalGrid still_wanted(const PublishedNeed& need,
                                                  std::string_view except = {}) const;
    /// The next instant at which time alone changes something; `UtcTime::max()` when there is none.
    [[nodiscard]] UtcTime next_moment() const;
};

namespace need_event {
struct Publish {
    PublishedNeed need;
};
struct Withdraw {
    std::string need;
    std::string reason;
};
struct CloseGate {  ///< now, not when its time comes
    std::string need;
};
struct Tick {};
struct Received {  ///< a request whose sender is certain
    Envelope message;
};
/// The time of an order is over; what our own meters showed, as far as we know them.
struct Measured {
    std::string transaction;
    std::optional<flex::Performance> ours;
};
}  // namespace need_event
using NeedEvent = std::variant<need_event::Publish, need_event::Withdraw, need_event::CloseGate,
                               need_event::Tick, need_event::Received, need_event::Measured>;

/// A message to an aggregator. It answers the request of that id, or nothing that was asked.
struct NeedCallback {
    std::string transaction;
    Context request;          ///< action, ids and addresses of what is answered
    bool is_unasked = false;  ///< then its message id is made by the sender
    Body message;
    std::optional<MessageError> error = {};
};

/// What has to stand in the log before anything is sent.
struct NeedNews {
    enum class Kind : std::uint8_t {
        published,
        withdrawn,
        cleared,
        closed,
        contracted,
        changed,
        ended,
        settled
    };
    Kind kind = Kind::published;
    std::string need;
    std::string transaction;  ///< of the last four
    std::string why;
};

/// What follows from an event, in this order: news durable, needs and orders kept, callbacks sent.
struct NeedOutcome {
    std::vector<NeedNews> news;
    std::vector<PublishedNeed> needs;  ///< as they are now
    std::vector<NeedOrder> orders;     ///< as they are now
    std::vector<NeedCallback> callbacks;
    std::optional<MessageError> refuse;  ///< a request that has no effect: NACK
    std::optional<Error> fault;          ///< a command that has none
};

/// One step. Pure: the same board, event and time give the same outcome, and `apply` makes it the board's.
///
/// Nothing is contracted beyond `money`: a confirm is refused, a clearing buys less, and the rule is named.
/// A kW is promised once: under a fixed price a confirm takes what is still wanted or nothing; under
/// pay-as-clear only the clearing awards. A meter serves one order at a time. What a clearing leaves open,
/// and what a cancelled order gives back before its first slot, is wanted again. An order that was settled is
/// never left again.
/// Source: docs/formats/beckn-need.md
[[nodiscard]] NeedOutcome step(const NeedBoard& board, const NeedEvent& event, const SagaTime& now);
void apply(NeedBoard& board, const NeedOutcome& outcome);

/// The contract of an order for the desk: state, awarded power on the need's feeder, cost; a line for each
/// price. Without lines when nothing was awarded.
[[nodiscard]] flex::Contract contract_of(const PublishedNeed& need, const NeedOrder& order);
/// Evidence that is ours, and evidence of the aggregator, apart.
[[nodiscard]] bool is_own_evidence(const flex::Performance& performance);
/// Settles by one side's evidence only. Errors: as `settle_by_policy`.
[[nodiscard]] Result<PolicySettlement> settle_by(const NeedOrder& order, bool is_ours);

[[nodiscard]] json::Value to_json(const PublishedNeed& need);
[[nodiscard]] Result<PublishedNeed> published_need_from_json(const json::Value& value);
/// An order is kept as the 2.0 message that tells it, with what the message does not say beside it.
[[nodiscard]] json::Value to_json(const NeedOrder& order);
[[nodiscard]] Result<NeedOrder> need_order_from_json(const json::Value& value);

}  // namespace headroom::beckn
