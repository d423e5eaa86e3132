#pragma once

// Inside of Market: the conversation with each provider. Not for other agents.

#include "agents/kept_transactions.hpp"
#include "agents/market.hpp"
#include "agents/market_parts.hpp"
#include "beckn/codec.hpp"
#include "beckn/correlator.hpp"
#include "beckn/inbox.hpp"
#include "beckn/outbox.hpp"
#include "beckn/saga.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_verify.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace headroom::agents {

class Market::Impl : public std::enable_shared_from_this<Market::Impl> {
  public:
    Impl(Parts parts, MarketOptions options, std::vector<MarketPeer> peers);

    Awaitable<Result<SearchResult>> search(risk::Overload overload, std::vector<std::string> feeders_below);
    Awaitable<Result<SearchResult>> search_windows(EventId event, UtcTime from);
    Awaitable<Result<flex::Contract>> contract(flex::Contract wanted, Licence licence);
    /// activate, status and cancel: one question about a contract that was made.
    Awaitable<Result<flex::Contract>> ask(flex::Contract contract, beckn::SagaEvent question);
    Awaitable<net::Response> on_callback(std::string action, net::Request request);
    [[nodiscard]] net::Response health() const;
    Awaitable<Result<void>> recover();
    Awaitable<Result<std::string>> capture(EventId event);
    [[nodiscard]] std::vector<MessageTrace> trace(const EventId& event) const;

    std::function<void(flex::Contract)> unsolicited;

  private:
    using Reply = market_parts::Reply;
    using Outgoing = market_parts::Outgoing;
    using ConfirmIntent = market_parts::ConfirmIntent;
    using Run = market_parts::Run;
    using Callback = market_parts::Callback;
    using SearchRun = market_parts::SearchRun;
    using PeerState = market_parts::PeerState;
    using Sent = market_parts::Sent;
    using Received = market_parts::Received;

    // market_exchange.cpp
    [[nodiscard]] beckn::Context context_for(beckn::Action action, const MarketPeer& peer,
                                             std::string transaction, std::string message_id) const;
    /// Sends until there is an answer or the bound of resends; once `is_settled`, nothing is sent again.
    Awaitable<void> deliver(std::shared_ptr<Outgoing> out, std::function<bool()> is_settled);
    void note_delivery(const Outgoing& out, std::vector<audit::Draft>& drafts);
    Awaitable<Reply> exchange(std::shared_ptr<Run> run, beckn::Action action);
    Awaitable<Reply> send_and_wait(std::shared_ptr<Run> run, std::shared_ptr<Outgoing> out, UtcTime deadline);
    [[nodiscard]] Result<std::shared_ptr<Outgoing>> prepare(Run& run, beckn::Action action) const;
    /// The request that an earlier process kept. Errors: as the store's; `timeout` when its ttl is over;
    /// `conflict` when its answer would go to an address that we no longer have.
    Awaitable<Result<std::shared_ptr<Outgoing>>> take_up(std::shared_ptr<Run> run, beckn::Action action);
    [[nodiscard]] static std::shared_ptr<Outgoing> outgoing(const Run& run, beckn::Action action,
                                                            std::int64_t round);
    Awaitable<Result<void>> keep(std::shared_ptr<Run> run, std::shared_ptr<Outgoing> out);
    Awaitable<Result<void>> keep_power_durable(std::shared_ptr<Run> run, std::shared_ptr<Outgoing> out);
    void foresee_confirm(Run& run);
    /// For the log: the confirm that was intended is not sent after all.
    void note_unused_intent(Run& run) const;
    [[nodiscard]] static bool may_have_been_taken(const Outgoing& out);
    [[nodiscard]] static std::string busy_token(const Run& run);
    [[nodiscard]] static beckn::SagaEvent event_of(const Callback& callback);

    // market_at_once.cpp
    /// How much of a peer's synchronous answer is read.
    [[nodiscard]] std::size_t answer_max(const Outgoing& out) const;
    Awaitable<beckn::SignatureVerdict> verify_answer(std::shared_ptr<const Outgoing> out);
    /// The callback that stands in the synchronous answer, if there is one.
    Awaitable<void> take_at_once(std::shared_ptr<Outgoing> out);

    // market_contract.cpp
    Awaitable<Result<flex::Contract>> drive(std::shared_ptr<Run> run, beckn::SagaEvent event);
    Awaitable<Result<flex::Contract>> resume(std::shared_ptr<Run> run);
    /// Drives what nobody waits for, and tells the outcome.
    Awaitable<void> drive_alone(std::shared_ptr<Run> run, beckn::Action action);
    /// The conversation of a transaction, in memory or kept; null when there is none.
    Awaitable<Result<std::shared_ptr<Run>>> find_run(std::string transaction);
    [[nodiscard]] std::shared_ptr<Run> adopt(beckn::Saga saga);
    void begin(Run& run);
    void end(const std::shared_ptr<Run>& run);
    void forget_if_over(const Run& run);
    void tell(const Run& run);
    [[nodiscard]] beckn::SagaTime now() const { return {parts_.clock.now(), parts_.wall.now()}; }
    [[nodiscard]] beckn::SagaRules rules() const {
        return {.price_tolerance_ppm = options_.price_tolerance_ppm,
                .quantity_tolerance_ppm = options_.quantity_tolerance_ppm};
    }

    // market_duties.cpp
    /// Sends the cancel that is owed again and again, until it is answered or its time is over.
    Awaitable<void> cancel_until_answered(std::shared_ptr<Run> run);
    void see_to_owed_cancel(const std::shared_ptr<Run>& run);
    /// Brings what an earlier process left behind to an end, once nobody has taken it up, and asks providers
    /// how the contracts stand that they may have changed meanwhile.
    Awaitable<void> settle_left_over();
    Awaitable<void> settle_orphan(std::shared_ptr<Run> run);
    Awaitable<void> ask_how_it_stands(std::shared_ptr<Run> run);
    Awaitable<void> give_back(flex::Contract contract);
    void raise_alarm(const std::string& kind, const std::string& detail, const EventId& event);

    // market_trust.cpp
    [[nodiscard]] beckn::SignatureRules signature_rules(const MarketPeer* peer) const;
    /// `takes_strangers`: also keys of participants that only the registry knows.
    [[nodiscard]] beckn::KeyFinder key_finder(bool takes_strangers = false) const;
    void sign(Outgoing& out) const;
    static void set_bytes(Outgoing& out, std::string bytes);
    void note_signature(const Outgoing& out);
    void judge_answer(Outgoing& out, const net::ClientResponse& response) const;
    /// Finds out who signed a callback, and for which request of ours: `received.verdict`. Keys that are not
    /// at hand come from the registry, and newer ones when the signature fails that they may mend.
    Awaitable<void> verify_sender(const net::Request& request, Received& received);
    /// The key that a good signature was verified with.
    [[nodiscard]] Ed25519PublicKey key_of(const beckn::SignatureVerdict& verdict,
                                          const MarketPeer& peer) const;
    [[nodiscard]] beckn::SignatureVerdict judge_sender(const net::Request& request, Received& received) const;
    Awaitable<std::string> kept_authorization(std::shared_ptr<const std::string> body);
    [[nodiscard]] std::string answer_signature(const Received& received) const;

    // market_peers.cpp
    /// Whether new business may be sent to the peer now; takes note of a probe.
    [[nodiscard]] bool may_ask(const MarketPeer& peer);
    /// What a request about a contract says of the peer: reached and heard, or not.
    void note_outcome(const Outgoing& out, bool is_heard);
    void note_success(const MarketPeer& peer);
    void note_failure(const MarketPeer& peer, const std::string& fault);
    [[nodiscard]] std::string why_left_alone(const MarketPeer& peer) const;
    void watch_clock(const MarketPeer& peer, UtcTime received, UtcTime timestamp);

    // market_found.cpp
    [[nodiscard]] const MarketPeer* gateway() const;
    /// Whether a stranger may be heard: an answer to a search that a gateway has handed on.
    [[nodiscard]] bool may_be_found(const net::Request& request, const Received& received) const;
    /// Who has signed as the peer that it is from now on; nothing when the registry lists no such provider.
    const MarketPeer* find_or_learn(const beckn::VerifiedSender& sender);
    const MarketPeer* learn(const beckn::PublishedKey& key, const MarketPeer* named, const MarketPeer* by);
    void move_found(const MarketPeer& peer, const std::string& url);
    Awaitable<Result<void>> recover_found();
    void take_found(SearchRun& run, std::size_t gateway, const Callback& callback);
    Awaitable<void> learn_discovered(std::shared_ptr<const Callback> callback);
    /// Whose catalog it is, if he may be asked; nothing when the registry lists no such provider.
    [[nodiscard]] const MarketPeer* discovered(const beckn::Catalog& catalog, const MarketPeer& service);
    void take_discovered(SearchRun& run, std::size_t index, const Callback& callback);

    // market_search.cpp
    Awaitable<void> send_search(std::shared_ptr<SearchRun> run, std::size_t index,
                                std::shared_ptr<Outgoing> out);
    Awaitable<Result<SearchResult>> ask_all(std::shared_ptr<SearchRun> run, beckn::SearchIntent intent);
    void settle(SearchRun& run, std::size_t index, bool answered, std::string fault);
    void end_wait(SearchRun& run);

    // market_offers.cpp
    void take_catalog(SearchRun& run, std::size_t index, const Callback& callback);
    [[nodiscard]] std::string take_items(SearchRun& run, const Callback& callback);
    void take_windows(SearchRun& run, const Callback& callback) const;
    void take_late(SearchRun& run);
    [[nodiscard]] static bool covers(const SearchRun& run, std::int64_t share_ppm);
    void keep_for_next_round(const Callback& callback);

    // market_callback.cpp
    /// Verifies, decodes and checks; `event` and ids of `received` are filled in on the way. Answers the
    /// response when it ends there.
    [[nodiscard]] std::optional<net::Response> open(const net::Request& request, Received& received,
                                                    Callback& callback);
    [[nodiscard]] std::optional<beckn::MessageError> check(const beckn::Envelope& envelope,
                                                           beckn::Action action, const MarketPeer& peer,
                                                           UtcTime now) const;
    /// Makes the callback's effect real; an error becomes a NACK.
    [[nodiscard]] beckn::Match match(const Callback& callback, const Received& received) const;
    Awaitable<std::optional<beckn::MessageError>> take(std::shared_ptr<Callback> callback,
                                                       std::shared_ptr<Received> received);
    [[nodiscard]] std::optional<beckn::MessageError> take_unasked(const std::shared_ptr<Run>& run,
                                                                  const Callback& callback, bool is_late);

    // market_answer.cpp
    [[nodiscard]] net::Response refuse_sender(Received& received, const beckn::SignatureVerdict& verdict);
    [[nodiscard]] net::Response answer_garbage(Received& received, beckn::Action action,
                                               const beckn::Decoded& decoded);
    [[nodiscard]] net::Response nack(Received& received, const beckn::MessageError& error);
    void set_answer(Received& received, const beckn::MessageError* error) const;
    void write_down(const Received& received);
    void remember(const Received& received, beckn::Action action, bool is_accepted);
    [[nodiscard]] bool may_note_refusal(UtcTime now);

    // market_records.cpp
    [[nodiscard]] store::Record sent_record(const Outgoing& out, std::int64_t latency_us) const;
    [[nodiscard]] store::Record received_record(const Received& received) const;
    [[nodiscard]] store::Record saga_record(const beckn::Saga& saga) const;
    [[nodiscard]] store::Record inbox_record(const Received& received, const beckn::InboxEntry& entry);
    [[nodiscard]] audit::Draft sent_draft(const Outgoing& out, std::string outcome,
                                          std::int64_t latency_us) const;
    [[nodiscard]] audit::Draft received_draft(const Received& received) const;
    /// Puts records on the store's queue; nobody waits.
    void post(std::vector<store::Record> puts);
    void save(const Run& run);
    /// Into the log as one group; nobody waits.
    void note_all(std::vector<audit::Draft> drafts);
    void add_trace(const EventId& event, MessageTrace trace);

    // market_recover.cpp
    Awaitable<Result<void>> recover_inbox();
    Awaitable<Result<void>> recover_event(std::string event);

    [[nodiscard]] const MarketPeer* find_peer(std::string_view id) const;
    /// Whether the header names a peer: nothing is read or fetched for strangers.
    [[nodiscard]] bool is_of_peer(std::string_view authorization) const;
    [[nodiscard]] const MarketPeer* find_sender(std::string_view subscriber, std::string_view key) const;

    Parts parts_;
    MarketOptions options_;
    std::deque<MarketPeer> peers_;  // those that were found come last; none ever moves or goes
    std::size_t found_ = 0;
    beckn::Signer signer_;
    std::map<std::string, beckn::PublishedKey> keys_;  // by peer
    beckn::Inbox inbox_;
    beckn::Correlator correlator_;
    /// Who waits for the callback of a message of ours; false when the answer came too late.
    std::map<std::string, std::function<bool(const Callback&)>> awaiting_;
    std::map<std::string, Sent> sent_;  // by message id, while awaited
    std::unordered_map<std::string, std::shared_ptr<Run>> runs_;
    std::map<std::string, std::string> provider_refs_;             // "peer/offer" → the provider's own id
    std::unordered_map<std::string, std::int64_t> search_rounds_;  // by event, in this process
    std::map<std::string, PeerState> peer_states_;                 // by peer
    /// Catalogs that came after their search had closed, by transaction and peer: for its next round.
    std::map<std::string, std::map<std::string, std::shared_ptr<const Callback>>> late_catalogs_;
    std::uint64_t inbox_number_ = 0;  // of the newest entry that is kept
    std::uint64_t epoch_ = 0;         // of this process, part of search ids
    KeptTransactions older_sagas_;    // in the store and not in runs_
    std::string public_key_base64_;   // of signer_
    std::unordered_map<std::string, std::vector<MessageTrace>> traces_;
    std::deque<std::string> trace_order_;
    UtcTime refusal_window_{};
    std::int64_t refusals_noted_ = 0;
    std::uint64_t unsolicited_count_ = 0;
};

/// Whether it is a discovery service of 2.0, which answers for many at once; in 1.x a gateway hands on.
[[nodiscard]] inline bool is_discovery(const MarketPeer& peer) {
    return peer.goods == PeerGoods::search && beckn::is_v2(peer.wire);
}

/// `text` cut to `max` bytes at a character's end, with bytes that are no UTF-8 replaced: fit for the log.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t max = 512);
/// Wall time that has gone since `from`, in whole microseconds.
[[nodiscard]] std::int64_t microseconds_since(SteadyTime from);

}  // namespace headroom::agents
