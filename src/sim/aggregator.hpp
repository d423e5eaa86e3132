#pragma once

#include "beckn/envelope.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "core/digest.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::sim {

/// A simulated aggregator: a seller who comes to a buyer's needs as a BAP of 2.0. Labelled as simulated in
/// its name; its key is a function of seed and id, and no secret.
struct AggregatorSpec {
    std::string id;             ///< "agg-1"
    std::string subscriber_id;  ///< its bap_id
    std::uint64_t seed = 7;
    std::int64_t power_w = 20'000;           ///< the most that it offers in a slot
    std::int64_t ask_per_mwh = 150'000'000;  ///< of its cheapest step; further ones are drawn above it
    std::int64_t steps = 3;                  ///< of its curve
    std::int64_t delivered_ppm = 1'000'000;  ///< of what was awarded, in its evidence
    std::vector<std::string> meters;         ///< empty: "{id}-meter-1"
};
[[nodiscard]] Ed25519KeyPair aggregator_key(const AggregatorSpec& spec);

/// The buyer to whose needs it comes.
struct NeedBuyer {
    std::string subscriber_id;
    std::string url;              ///< where requests are posted
    std::string public_url = {};  ///< what bpp_uri says; empty: `url`
};

/// Speaks one request at a time in each transaction, over real sockets, and keeps what it is told. One
/// io_context thread.
class Aggregator {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        InFlight& in_flight;
        net::HttpClient& http;
    };
    Aggregator(Parts parts, AggregatorSpec spec, NeedBuyer buyer);
    Aggregator(const Aggregator&) = delete;
    Aggregator& operator=(const Aggregator&) = delete;

    /// Serves POST {prefix}/{id}/{action} for callbacks. Before the server listens.
    void mount(net::HttpServer& server, const std::string& prefix = "/aggregators");
    /// Where callbacks arrive, as bap_uri says it.
    void set_url(std::string url) { url_ = std::move(url); }
    [[nodiscard]] const std::string& url() const { return url_; }
    void set_buyer(NeedBuyer buyer) { buyer_ = std::move(buyer); }
    [[nodiscard]] const AggregatorSpec& spec() const { return spec_; }

    /// One request and its callback. Errors: `invalid` with the pointer for a NACK or an error in the
    /// callback, `timeout` when no callback comes in `wait` of domain time, `unavailable`.
    Awaitable<Result<beckn::Body>> ask(beckn::Action action, beckn::Body body, std::string transaction,
                                       milliseconds wait = seconds{30});
    /// discover, select, init and confirm with a bid of its own for the need. The contract as it was
    /// confirmed. With `wait`, the confirm says that it waits so long. Errors: as `ask`; `not_found` for no
    /// such need.
    Awaitable<Result<beckn::Order>> bid(std::string need, std::string transaction,
                                        milliseconds wait = seconds{30});
    /// update with the evidence of its meters. Errors: as `ask`; `not_found` without a contract.
    Awaitable<Result<beckn::Order>> report(std::string transaction);
    Awaitable<Result<beckn::Order>> cancel(std::string transaction, std::string reason);

    /// The newest contract that it was told of in a transaction, asked or not; null when there is none.
    [[nodiscard]] const beckn::Order* order(const std::string& transaction) const;
    /// Callbacks in the order they came: "on_confirm".
    [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }
    /// The bytes of its newest request.
    [[nodiscard]] const std::string& last_request() const { return last_request_; }
    /// Sends bytes as they are, signed: what the buyer answers. For repeats.
    Awaitable<Result<net::ClientResponse>> send(beckn::Action action, std::string bytes);
    /// So many callbacks are answered with 503 before one is taken.
    void fail_callbacks(int count) { failing_ = count; }

    /// What it offers for a need: a power for each slot, or a curve where the market asks for one.
    [[nodiscard]] beckn::NeedLine offer_for(const beckn::NeedLine& need) const;

  private:
    using Answer = Slot<beckn::Envelope>;
    Awaitable<net::Response> take(std::string action, net::Request request);

    Parts parts_;
    AggregatorSpec spec_;
    NeedBuyer buyer_;
    beckn::Signer signer_;
    beckn::SignatureRules rules_;
    std::string url_;
    std::string last_request_;
    std::map<std::string, std::shared_ptr<Answer>> open_;  // by message id
    std::map<std::string, beckn::Order> orders_;           // by transaction
    std::vector<std::string> heard_;
    std::uint64_t messages_ = 0;
    int failing_ = 0;
};

}  // namespace headroom::sim
