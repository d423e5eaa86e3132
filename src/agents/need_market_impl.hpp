#pragma once

// Inside of NeedMarket. Not for other agents.

#include "agents/message_record.hpp"
#include "agents/need_market.hpp"
#include "agents/turns.hpp"
#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/inbox.hpp"
#include "beckn/outbox.hpp"
#include "beckn/signature_verify.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// Kinds of records.
inline constexpr const char* need_kind = "beckn_need";
inline constexpr const char* need_order_kind = "beckn_need_order";
inline constexpr const char* need_inbox_kind = "need_inbox";

/// Our own meters settled it, and not the seller's evidence.
[[nodiscard]] inline bool is_settled_by_us(const beckn::NeedOrder& order) {
    return order.step == beckn::NeedStep::completed && beckn::settle_by(order, true).has_value();
}

class NeedMarket::Impl : public std::enable_shared_from_this<NeedMarket::Impl> {
  public:
    Impl(Parts parts, NeedMarketOptions options, std::vector<KnownAggregator> aggregators);

    Awaitable<Result<beckn::PublishedNeed>> command(std::string need, beckn::NeedEvent event, Caller caller);
    Awaitable<net::Response> on_request(std::string action, net::Request request);
    Awaitable<Result<void>> recover();

    [[nodiscard]] bool idle() const { return busy_ == 0; }
    beckn::NeedBoard board;
    std::vector<KnownAggregator> aggregators;
    std::function<void()> changed;
    /// Decided, and on the way to the log: it counts for whoever is judged meanwhile.
    std::shared_ptr<const beckn::NeedOutcome> settling;

  private:
    /// A request while it is looked at.
    struct Received {
        MessageRecord record;
        beckn::Action action = beckn::Action::search;
        Sha256 digest{};
        UtcTime signature_ends{};
        std::string key;  // by which the sender was known, as a NACK names it
        beckn::WireVersion version = beckn::WireVersion::v2_lts;
        std::optional<beckn::Envelope> envelope;
    };
    /// A callback that is about to be sent.
    struct Outgoing {
        beckn::OutboxEntry entry;
        beckn::Action action = beckn::Action::on_status;
        std::string url;
        std::string event;
        std::string request_token;   // in flight at the one who asked, until he is answered
        std::string request_signed;  // Authorization of what is answered
        UtcTime at{};
        std::string authorization;
        int answer_status = 0;
        std::string answer;
        std::string answer_signature;
    };
    using Callbacks = std::vector<std::shared_ptr<Outgoing>>;

    // need_receive.cpp
    Awaitable<std::optional<net::Response>> open(const net::Request& request, Received& received);
    [[nodiscard]] std::optional<beckn::MessageError> check(const Received& received) const;
    Awaitable<net::Response> take(std::shared_ptr<Received> received);
    Awaitable<beckn::SignatureVerdict> verify(const net::Request& request);
    [[nodiscard]] beckn::KeyFinder key_finder() const;
    [[nodiscard]] net::Response refuse_sender(Received& received, const std::string& why);
    [[nodiscard]] net::Response nack(Received& received, const beckn::MessageError& error,
                                     bool is_remembered);
    [[nodiscard]] net::Response ack(Received& received);
    [[nodiscard]] net::Response signed_answer(Received& received) const;
    [[nodiscard]] bool may_note_refusal(UtcTime now);

    // need_market.cpp
    [[nodiscard]] beckn::SagaTime now() const { return {parts_.clock.now(), parts_.wall.now()}; }
    /// One step, under the rules as they stand now.
    [[nodiscard]] std::shared_ptr<const beckn::NeedOutcome> step(const beckn::NeedEvent& event);
    void ask_for_money(const beckn::NeedEvent& event);
    /// News durable, needs and orders kept, the board as the outcome says. Errors: `unavailable`; then
    /// nothing has changed.
    Awaitable<Result<void>> settle(std::shared_ptr<const beckn::NeedOutcome> outcome, audit::Actor actor,
                                   std::string reason, std::shared_ptr<std::vector<store::Record>> more);
    Awaitable<Result<void>> keep_outcome(std::shared_ptr<const beckn::NeedOutcome> outcome,
                                         audit::Actor actor, std::string reason,
                                         std::shared_ptr<std::vector<store::Record>> more);
    Awaitable<Result<void>> carry_out(std::shared_ptr<const beckn::NeedOutcome> outcome, audit::Actor actor,
                                      std::string reason);
    Awaitable<void> keep_time();
    Awaitable<void> measure(std::string transaction);
    void arm();
    /// End of the last slot that was awarded.
    [[nodiscard]] static UtcTime end_of(const beckn::NeedOrder& order);

    // need_send.cpp
    [[nodiscard]] Callbacks prepare(const beckn::NeedOutcome& outcome);
    [[nodiscard]] std::optional<std::string> callback_url(const beckn::Context& request,
                                                          beckn::Action action) const;
    [[nodiscard]] bool may_reach(const beckn::Context& request) const;
    void send_all(const Callbacks& callbacks);
    Awaitable<void> deliver(std::shared_ptr<Outgoing> out);
    void sign(Outgoing& out) const;

    // need_records.cpp
    [[nodiscard]] MessageRecord record_of(const Outgoing& out) const;
    [[nodiscard]] store::Record inbox_record(const Received& received, const beckn::InboxEntry& entry);
    [[nodiscard]] beckn::InboxEntry entry_of(const Received& received, bool is_accepted) const;
    [[nodiscard]] std::vector<store::Record> records_of(const beckn::NeedOutcome& outcome) const;
    Awaitable<Result<std::vector<audit::Draft>>> drafts_of(std::shared_ptr<const beckn::NeedOutcome> outcome,
                                                           audit::Actor actor, std::string reason);
    [[nodiscard]] audit::Draft draft_of(const beckn::NeedNews& news, const beckn::NeedOutcome& outcome,
                                        const audit::Actor& actor, const std::string& reason) const;

    // need_recover.cpp
    Awaitable<Result<void>> recover_board();
    Awaitable<Result<void>> recover_inbox();
    Awaitable<Result<void>> recover_callbacks();

    Parts parts_;
    NeedMarketOptions options_;
    beckn::Signer signer_;
    /// What `key_finder` points to: the configured aggregators as published keys.
    mutable std::map<std::string, beckn::PublishedKey> known_keys_;
    beckn::Inbox inbox_;
    std::uint64_t inbox_number_ = 0;
    Turns turns_;
    /// Authorization headers of requests whose callback is still owed, by message id: callbacks are bound to
    /// them.
    std::map<std::string, std::string> owed_;
    DomainClock::TimerId timer_ = 0;
    std::map<std::string, std::pair<UtcTime, std::int64_t>>
        measure_next_;  // by transaction: when, and how often before
    /// Of orders that are being settled by our meters, by transaction.
    std::map<std::string, VerifiedDelivery> verified_;
    std::uint64_t requests_ = 0;
    std::uint64_t own_messages_ = 0;
    std::size_t busy_ = 0;
    UtcTime refusal_window_{};
    std::int64_t refusals_noted_ = 0;
};

}  // namespace headroom::agents
