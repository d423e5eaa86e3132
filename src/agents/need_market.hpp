#pragma once

#include "agents/delivered_load.hpp"
#include "agents/journal.hpp"
#include "agents/key_resolver.hpp"
#include "beckn/need_board.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/digest.hpp"
#include "net/http.hpp"
#include "net/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// An aggregator that we know by configuration. Others are known by their keys in a file or a registry.
struct KnownAggregator {
    std::string subscriber_id;  ///< its bap_id
    std::string key_id;         ///< empty: any
    Ed25519PublicKey public_key{};
    std::string url;  ///< its callbacks go below this address
};

struct NeedMarketOptions {
    std::string subscriber_id;  ///< our bpp_id
    std::string key_id;
    std::string name;  ///< as catalogues show us; empty: the subscriber id
    std::string url;   ///< our bpp_uri: peers POST {url}/select …
    beckn::Support contact = {};
    /// How both sides sign; all profiles of 2.0 are read.
    beckn::SignatureRules signature = beckn::rules_of(beckn::SignatureProfile::nfh004);
    milliseconds ttl{seconds{30}};
    milliseconds skew{seconds{5}};
    milliseconds inbox_keep{hours{24}};  ///< wall time: repeats are known for so long
    std::int64_t sends_max = 5;          ///< of one callback: first send and resends of the same bytes
    milliseconds resend_backoff{milliseconds{100}};  ///< steady time before the first resend, then doubled
    milliseconds send_deadline{seconds{5}};
    std::size_t body_max = 1UL << 20U;
    milliseconds settle_after{
        minutes{2}};  ///< domain time after an order's last slot: readings must have come
    /// Callbacks to addresses that begin with the first go to the second: a network of one machine whose
    /// messages name public addresses.
    std::vector<std::pair<std::string, std::string>> reach = {};
    /// Hosts besides the registered ones to which callbacks may go: "host:port", "host:*".
    std::vector<std::string> hosts = {};
};

/// What our own meters say of an order's time; nothing where we have none of its meters, or not whole.
using MeasureOrder = std::function<Awaitable<std::optional<flex::Performance>>(beckn::PublishedNeed need,
                                                                               beckn::NeedOrder order)>;

/// What counts as turned down of an order, by feeder, of what our own meters showed of it.
using VerifyOrder =
    std::function<Awaitable<VerifiedDelivery>(beckn::NeedOrder order, flex::Performance shown)>;

/// What the operator's rules let a need still cost, and whom and when they let be asked of these aggregators.
/// Nothing: no rule is about it.
using MoneyForNeed = std::function<std::optional<beckn::NeedMoney>(const beckn::PublishedNeed& need,
                                                                   const beckn::NeedSellers& sellers)>;

/// The operator as BPP and buyer: publishes needs, and answers the aggregators (BAPs, sellers) that come to
/// them, in Beckn 2.0; other dialects have no words for a need and are told so. The shell of
/// `beckn/need_board.hpp`: verifies, remembers what came (a repeat gets the same answer and has no effect),
/// writes down, acknowledges, and sends callbacks whose bytes stay the same until they are taken. What binds
/// us is durable in the log before it is answered. One io_context thread.
class NeedMarket {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        InFlight& in_flight;
        net::HttpClient& http;
        Journal& journal;
        Ed25519KeyPair key;
        KeyResolver* keys = nullptr;  ///< nothing: only the aggregators that are configured
        MeasureOrder measure = {};
        MoneyForNeed money = {};  ///< nothing: needs are under no rules
        VerifyOrder verify = {};
        /// Told once the entry of an order that our meters settled is durable, with what was verified of it.
        std::function<void(VerifiedDelivery)> delivered = {};
    };
    NeedMarket(Parts parts, NeedMarketOptions options, std::vector<KnownAggregator> aggregators = {});
    ~NeedMarket();
    NeedMarket(const NeedMarket&) = delete;
    NeedMarket& operator=(const NeedMarket&) = delete;

    // Commands. Errors: `invalid` with the pointer, also for a missing reason; `not_found`, `conflict`,
    // `unavailable` when it cannot be written down.
    Awaitable<Result<beckn::PublishedNeed>> publish(beckn::PublishedNeed need, Caller caller);
    Awaitable<Result<beckn::PublishedNeed>> withdraw(std::string need, Caller caller);
    /// Closes the gate now: step bids are cleared.
    Awaitable<Result<beckn::PublishedNeed>> close_gate(std::string need, Caller caller);

    /// Serves POST /beckn/{search, discover, select, …}: `action` is the path's last part.
    Awaitable<net::Response> on_request(std::string action, net::Request request);

    [[nodiscard]] const beckn::NeedBoard& board() const;
    /// Orders that bind us, or are about to, as contracts: what the operator's rules count. Settled money
    /// where they are settled. Lines of power first, then one without power for each meter that the order
    /// names.
    [[nodiscard]] std::vector<flex::Contract> contracts() const;
    /// Called after each change of the board.
    void on_change(std::function<void()> handler);
    void accept(KnownAggregator aggregator);

    /// After a restart: re-reads needs, orders and what was received, and sends callbacks that were left.
    Awaitable<Result<void>> recover();
    /// Nothing is being judged or sent.
    [[nodiscard]] bool idle() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
