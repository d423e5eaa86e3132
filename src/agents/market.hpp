#pragma once

#include "agents/journal.hpp"
#include "agents/key_resolver.hpp"
#include "beckn/breaker.hpp"
#include "beckn/signature_profile.hpp"
#include "beckn/wire_version.hpp"
#include "core/async.hpp"
#include "core/digest.hpp"
#include "flex/compute_window.hpp"
#include "flex/contract.hpp"
#include "flex/offer.hpp"
#include "net/http.hpp"
#include "net/http_client.hpp"
#include "risk/overload.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {

/// What a peer is asked for.
enum class PeerGoods : std::uint8_t {
    flexibility,  ///< relief of feeders, in every search
    computing,    ///< windows of computing power
    search,  ///< a gateway: it hands our search on, and providers that we need not know answer themselves
};

/// A provider that we know by configuration: where it listens and which key it signs with.
struct MarketPeer {
    std::string id;             ///< our short id, the `provider` of offers and contracts
    std::string url;            ///< base of its Beckn endpoints: POST {url}/search …
    std::string subscriber_id;  ///< its bpp_id
    std::string key_id;         ///< empty: its messages may name any key id, the key below decides
    Ed25519PublicKey public_key{};
    beckn::WireVersion wire = beckn::WireVersion::v11;  ///< the dialect in which it is asked
    beckn::SignatureRules signature = {};               ///< how both sides sign
    bool has_key = true;  ///< false: `public_key` is nothing, only a registry knows the key
    PeerGoods goods = PeerGoods::flexibility;
    bool is_found = false;  ///< not configured: it answered a search through a gateway, see market_found.cpp
};

struct MarketOptions {
    std::string subscriber_id;  ///< our bap_id
    std::string key_id;
    std::string callback_url;  ///< our bap_uri: peers POST {callback_url}/on_search …
    std::string domain = "deg:flexibility";
    std::string country = "GBR";
    std::string city = "std:020";
    milliseconds ttl{seconds{30}};
    milliseconds search_window{milliseconds{1500}};  ///< domain time; closed early when all have answered
    milliseconds step_deadline{
        seconds{5}};  ///< domain time per select, init, confirm, update, status, cancel
    milliseconds skew{seconds{5}};
    std::int64_t price_tolerance_ppm = 0;  ///< a quote may rise by so much over the one before
    std::int64_t quantity_tolerance_ppm =
        0;  ///< energy of a line may fall by so much between on_select and on_init
    std::int64_t enough_ppm =
        0;                    ///< a search ends early once offers cover so much of the need; 0: waits for all
    bool strict_ttl = false;  ///< a callback after its ttl is refused instead of taken as late
    bool weak_correlation = true;  ///< take a callback under a new message id where one request can be meant
    std::int64_t sends_max = 3;    ///< of one request: first send and resends of the same bytes
    milliseconds resend_backoff{milliseconds{50}};  ///< steady time before the first resend, then doubled
    std::size_t body_max = 1UL << 20U;              ///< bytes of a callback
    beckn::BreakerRules breaker;                    ///< domain time
    milliseconds drift_alarm{seconds{2}};           ///< a peer's clock may be off by so much
    milliseconds inbox_keep{
        hours{24}};  ///< wall time: repeats are known for so long after their signature ends
    milliseconds cancel_again{
        seconds{30}};  ///< domain time before an unanswered cancel is sent again, then doubled
    milliseconds cancel_again_max{minutes{10}};
    milliseconds cancel_gives_up{
        hours{24}};  ///< domain time after the contract's window: then it is for a person
};

/// One provider's part in a search.
struct SearchAnswer {
    std::string provider;
    bool answered = false;
    std::string fault;  ///< why not, or what was wrong
    double latency_ms = 0.0;
};
struct SearchResult {
    std::vector<flex::Offer> offers;           ///< sorted by (provider, id)
    std::vector<flex::ComputeWindow> windows;  ///< of a search for these; sorted by (provider, id)
    std::vector<SearchAnswer> answers;         ///< one per provider and gateway that was asked, and per
                                               ///< provider that answered through a gateway
};

/// One Beckn message as the event page shows it.
struct MessageTrace {
    std::string action;
    std::string provider;
    double latency_ms = 0.0;
    bool signature_ok = false;
    std::string outcome;
    UtcTime at = {};  ///< wall time: when it was signed or came in
};

/// The Beckn saga (BAP role): search, select, init, confirm, update, status, cancel with asynchronous
/// callbacks. Requests go through an outbox (bytes kept before the first send, the same bytes on a resend),
/// callbacks through an inbox (a repeat gets the same answer and has no effect). Never trusts an ACK: only
/// on_confirm makes a contract. One io_context thread.
class Market {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        InFlight& in_flight;
        net::HttpClient& http;
        Journal& journal;
        Ed25519KeyPair key;
        /// Keys of the peers as a registry has them; nothing: those that are configured.
        KeyResolver* keys = nullptr;
    };
    /// Waited for before a confirm leaves: what has to hold by then, and is seen to while the provider
    /// quotes. The entry of the decision is durable, the DERs are reserved.
    using Licence = std::function<Awaitable<Result<void>>()>;

    Market(Parts parts, MarketOptions options, std::vector<MarketPeer> peers);
    ~Market();
    Market(const Market&) = delete;
    Market& operator=(const Market&) = delete;

    /// Asks every provider for flexibility on the overload's feeder, and on those of `feeders_below`
    /// (sorted), in its window. Slow and broken providers are left out.
    Awaitable<Result<SearchResult>> search(risk::Overload overload,
                                           std::vector<std::string> feeders_below = {});

    /// Asks those who sell computing power for their windows from `from` on, under the name of `event`.
    /// Errors: `unavailable` when what is asked cannot be written down.
    Awaitable<Result<SearchResult>> search_windows(EventId event, UtcTime from);

    /// select → init → confirm with one provider for the contract's lines. The answer's state is active
    /// (lines as committed, order id set), failed, or unknown (confirm sent, no on_confirm in time: `status`
    /// was tried, then cancel). `contract.transaction` is set by the caller (make_uuid of event and provider
    /// and round), so that a restart asks again with the same id. The confirm leaves only once `licence` has
    /// been given; refused, nothing is bought and the contract failed with its error.
    Awaitable<Result<flex::Contract>> contract(flex::Contract wanted, Licence licence = {});

    /// One update that carries the activation grid of each line (arm, then fire) → on_update.
    Awaitable<Result<flex::Contract>> activate(flex::Contract contract);
    /// status → on_status; the contract with the provider's view of its state.
    Awaitable<Result<flex::Contract>> status(flex::Contract contract);
    Awaitable<Result<flex::Contract>> cancel(flex::Contract contract, std::string reason);

    /// Serves POST /beckn/on_* : `action` is the path's last part. Verifies the signature over the raw body
    /// first.
    Awaitable<net::Response> on_callback(std::string action, net::Request request);
    [[nodiscard]] net::Response health() const;

    /// After a restart: re-reads outbox and inbox from the record store. Conversations that bind us and that
    /// nobody takes up within a step's deadline are brought to an end by the market itself, and told.
    Awaitable<Result<void>> recover();

    /// A change that nobody asked for: a provider's own update or cancel, or an on_confirm after its contract
    /// was given up (then the contract is active: a live obligation, to be used or cancelled). Called with
    /// the contract as it now stands; without a handler, a late on_confirm is cancelled at once.
    void on_unsolicited(std::function<void(flex::Contract)> handler);
    [[nodiscard]] std::vector<MessageTrace> trace(const EventId& event) const;
    /// Every message of an event as it crossed the wire, one JSON object per line: what conformance checkers
    /// read (see beckn/capture.hpp).
    Awaitable<Result<std::string>> capture(EventId event);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
