#pragma once

// Inside of the need board's steps. Not for others.

#include "beckn/need_board.hpp"

#include <string>
#include <string_view>

namespace headroom::beckn::need_parts {

inline constexpr std::string_view own_evidence = "own-meters";

/// What stands where in a message of 2.0, for the pointers of errors.
inline constexpr std::string_view at_commitment = "/message/contract/commitments/0";
inline constexpr std::string_view at_bid = "/message/contract/commitments/0/commitmentAttributes";
inline constexpr std::string_view at_offer = "/message/contract/commitments/0/offer";

[[nodiscard]] MessageError refusal(ErrorCode code, std::string_view sentence, std::string pointer,
                                   std::string expected = {}, std::string got = {});
[[nodiscard]] std::string kw(std::int64_t watts);
[[nodiscard]] std::string per_kwh(std::int64_t per_mwh, const std::string& currency);

[[nodiscard]] std::string offer_id(const PublishedNeed& need);
[[nodiscard]] Policy policy_of(SettlementRule rule);
/// The need as the catalogue and contracts tell it, with so much wanted.
[[nodiscard]] NeedLine line_of(const NeedBoard& board, const PublishedNeed& need,
                               flex::IntervalGrid wanted_w);
/// Sets what the contract's state says in the message: status, commitment, clearing.
void tell_state(NeedOrder& order);
/// What is told of an order: the evidence that it is settled by, not every page of both sides.
[[nodiscard]] Order told(const NeedOrder& order);
[[nodiscard]] std::string order_id_of(std::string_view transaction);

/// Judges what a seller puts forward. Nothing when it can be taken.
struct BidJudge {
    const NeedBoard& board;
    const PublishedNeed& need;
    std::string_view transaction;
    UtcTime now{};  ///< domain time

    [[nodiscard]] std::optional<MessageError> window() const;
    [[nodiscard]] std::optional<MessageError> terms(const NeedLine& line) const;
    [[nodiscard]] std::optional<MessageError> bid(const NeedLine& line) const;
    [[nodiscard]] std::optional<MessageError> meters(const NeedLine& line) const;
};

/// What the operator's rules say to an order at a fixed price; nothing when it may be taken. `before_micro`
/// of it count as spent already.
[[nodiscard]] std::optional<MessageError> over_budget(const NeedBoard& board, const PublishedNeed& need,
                                                      const NeedOrder& order, std::int64_t before_micro);
/// What an order at a fixed price comes to, by its newest bid.
[[nodiscard]] std::int64_t fixed_cost(const PublishedNeed& need, const NeedLine& line);

/// First instant at which something was awarded, and the end of the last; both the need's when nothing was.
[[nodiscard]] UtcTime start_of(const PublishedNeed& need, const NeedOrder& order);
[[nodiscard]] UtcTime end_of(const PublishedNeed& need, const NeedOrder& order);

/// What changes of needs that nobody asked for by a message. need_close.cpp
void close_gate(const NeedBoard& board, PublishedNeed need, const SagaTime& now, std::string_view why,
                NeedOutcome& outcome);
/// After an order of it was made, changed or given back: closed once everything is covered, open again when
/// something is wanted anew and time allows.
void rebalance(const NeedBoard& board, const PublishedNeed& need, const NeedOrder& order, const SagaTime& now,
               NeedOutcome& outcome);
[[nodiscard]] NeedOutcome publish(const NeedBoard& board, const PublishedNeed& need, const SagaTime& now);
[[nodiscard]] NeedOutcome withdraw(const NeedBoard& board, const need_event::Withdraw& event);
[[nodiscard]] NeedOutcome tick(const NeedBoard& board, const SagaTime& now);
[[nodiscard]] NeedOutcome measure(const NeedBoard& board, const need_event::Measured& event);
/// need_saga.cpp
[[nodiscard]] NeedOutcome receive(const NeedBoard& board, const Envelope& message, const SagaTime& now);
/// need_update.cpp
[[nodiscard]] NeedOutcome update(const NeedBoard& board, const NeedOrder& before, const Envelope& message,
                                 const SagaTime& now);
[[nodiscard]] NeedOutcome cancel(const NeedBoard& board, const NeedOrder& before, const Envelope& message,
                                 const SagaTime& now);
/// Settles an order by our evidence where it is whole, else by the seller's; nothing when neither is.
void settle(NeedOrder order, NeedOutcome& outcome, bool tells_alone);

[[nodiscard]] NeedCallback unasked(const NeedOrder& order, Action callback);
[[nodiscard]] NeedOutcome refused(MessageError error);

}  // namespace headroom::beckn::need_parts
