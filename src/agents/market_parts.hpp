#pragma once

// What the conversation with providers is made of. Inside of Market, not for other agents.

#include "agents/market.hpp"
#include "beckn/breaker.hpp"
#include "beckn/clock_drift.hpp"
#include "beckn/envelope.hpp"
#include "beckn/outbox.hpp"
#include "beckn/saga.hpp"
#include "beckn/signature_verify.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents::market_parts {

// Kinds of records.
inline constexpr const char* saga_kind = "beckn_saga";
inline constexpr const char* inbox_kind = "beckn_inbox";

/// What a request waits for: the event that its answer means, or nothing when the saga was settled by
/// something else meanwhile.
struct Reply {
    std::optional<beckn::SagaEvent> event;
};

struct Outgoing;

/// That a confirm will be sent if the terms are those that were quoted: on its way to the disk while the
/// provider is asked for them.
struct ConfirmIntent {
    std::shared_ptr<Outgoing> confirm;  // without its bytes
    Journal::Ticket entry;
};

/// One contract's conversation in this process.
struct Run {
    beckn::Saga saga;
    const MarketPeer* peer = nullptr;
    bool busy = false;                    // a coroutine drives it
    std::shared_ptr<Slot<Reply>> waiter;  // of the request that is out
    Market::Licence licence;              // waited for before a confirm
    std::optional<ConfirmIntent> intent;  // until the confirm is sent
    std::vector<audit::Draft> drafts;     // to go into the log with the next commit
    std::vector<store::Record> records;   // to go into the store with the next write
    bool is_cancelling_again = false;     // a coroutine waits to send the cancel that is owed
};

struct Callback;

/// One search and the providers it still waits for.
struct SearchRun {
    PeerGoods goods = PeerGoods::flexibility;
    risk::Overload overload;
    std::vector<std::string> feeders_below;  // sorted
    SearchResult result;
    std::vector<bool> settled;  // parallel to result.answers
    std::vector<bool> waited;   // not for those who keep silent
    std::size_t waited_for = 0;
    std::vector<SteadyTime> sent;
    std::vector<std::string> tokens;  // in flight, until settled or closed
    std::string busy;                 // in flight while the search itself runs
    std::vector<audit::Draft> drafts;
    std::vector<store::Record> records;
    std::unique_ptr<Slot<bool>> done;
    bool closed = false;
    std::map<std::string, SearchAnswer> found;                    // by peer: who answered through a gateway
    std::map<std::string, std::shared_ptr<const Callback>> late;  // by peer: what came after the last round
};

/// What is known of a peer besides its configuration.
struct PeerState {
    beckn::Breaker breaker;
    beckn::ClockDrift drift;
    std::int64_t silent_searches = 0;  // in a row
};

/// A request of ours while its callback is awaited, and where what comes back is collected: a transaction
/// for each message would cost more than the messages.
struct Sent {
    SteadyTime at{};
    EventId event;
    std::vector<store::Record>* records = nullptr;
    std::vector<audit::Draft>* drafts = nullptr;
};

/// A callback that was verified, decoded and correlated.
struct Callback {
    const MarketPeer* peer = nullptr;
    beckn::Envelope envelope;
    std::string faults;
    bool is_expired = false;  // came after its own ttl
};

/// How a received message is written down.
struct Received {
    std::string action;
    std::string raw;
    Sha256 digest{};
    std::string authorization;
    UtcTime at{};
    const MarketPeer* peer = nullptr;
    std::string transaction;
    std::string message_id;
    EventId event;
    std::string outcome;  // "ACK", "NACK …", "refused: …"
    std::string match;
    std::string answers;  // message id of our request, when there is one
    std::int64_t latency_us = -1;
    UtcTime signature_ends{};
    beckn::WireVersion version = beckn::WireVersion::v11;
    int status = 200;          // of our answer
    std::string answer;        // its body
    std::string kept_request;  // Authorization of a request of an earlier process, when it is looked for
    std::string signed_for;    // Authorization of our request that the signature is bound to
    std::string gateway_authorization;
    std::optional<beckn::SignatureVerdict> verdict;  // once it was looked at
    Ed25519PublicKey public_key{};                   // that the signature was verified with
};

/// A request that is about to be sent.
struct Outgoing {
    beckn::OutboxEntry entry;
    EventId event;
    const MarketPeer* peer = nullptr;
    std::string sha256;         // of the bytes, hexadecimal
    UtcTime at{};               // wall time of the signature
    std::string authorization;  // over the bytes
    SteadyTime sent{};
    bool is_resumed = false;  // kept by an earlier process, which may have sent it
    int answer_status = 0;    // of the peer's synchronous answer; 0 when there was none
    std::string answer;
    std::string answer_signature;
    std::string answer_verdict;
};

}  // namespace headroom::agents::market_parts
