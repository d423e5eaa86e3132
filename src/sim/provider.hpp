#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "core/digest.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "sim/catalogue.hpp"
#include "store/ahead_file.hpp"
#include "store/records.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::sim {

/// A buyer whose signatures the simulated providers accept.
struct KnownBuyer {
    std::string subscriber_id;
    std::string key_id;
    Ed25519PublicKey public_key{};
    std::string url = {};  ///< where its callbacks may go; empty: wherever its bap_uri says
};

/// Where a simulated provider is reached and how its signatures are checked.
struct ProviderAddress {
    std::string id;
    std::string url;
    std::string subscriber_id;
    std::string key_id;
    Ed25519PublicKey public_key{};
    std::string name = {};
};

/// An order that a simulated provider holds.
struct ProviderOrder {
    std::string provider;
    std::string transaction;
    std::string order_id;
    std::string status;      ///< ACTIVE, COMPLETE, CANCELLED
    std::string fulfilment;  ///< armed, active, completed
};

struct ProviderSimOptions {
    std::uint64_t seed = 7;                   ///< of the keys, and of the faults unless they have their own
    std::optional<std::uint64_t> fault_seed;  ///< of what goes wrong
    std::string base_url;  ///< "http://127.0.0.1:8000/mock-bpp"; may be set later, see `set_base_url`
    milliseconds quote_ttl = minutes{5};
    milliseconds ttl = seconds{30};
    milliseconds skew = seconds{5};
    std::vector<KnownBuyer> buyers;
    std::vector<KnownBuyer> gateways;  ///< whose X-Gateway-Authorization is taken (1.x); `url` is not used
    DeskRules rules;
    WindowCatalogue windows;  ///< may be empty
    /// What bpp_uri says where it is not `base_url`: the address behind which this one stands.
    std::string public_url = {};
    /// Callbacks to a bap_uri that begins with the first go to the second: a network of one machine whose
    /// messages name public addresses.
    std::vector<std::pair<std::string, std::string>> reach = {};
    /// Takes messages without a look at their signature. For trying out, never where others can send.
    bool is_open = false;
    /// What a crash is; nothing: everything is forgotten that was not written down.
    std::function<void()> crash = {};
};

/// Simulated flexibility providers: the BPP side of Beckn (search, select, init, confirm, status, update,
/// cancel, track, support, rating) in the dialect of each request, each with a path, a key and an order book
/// of its own. Every request is verified and acknowledged at once; the callback is POSTed to the buyer's
/// `bap_uri`. Orders are idempotent by transaction and message id and survive the process. Faults are as the
/// provider's `ProviderFaults` say.
///
/// One io_context thread; the order book is written on a thread of its own. When a provider stays silent by
/// design, or its callback is not taken, it ends the flight token itself.
class ProviderSim {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        InFlight& in_flight;
        net::HttpClient& http;
        store::Records& orders;  ///< used from this object's own thread, and by `recover` before that
        /// Opened before `recover`; with it an order is process-durable at once and the store follows.
        store::AheadFile* ahead = nullptr;
    };
    ProviderSim(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers,
                Catalogue catalogue);
    ~ProviderSim();
    ProviderSim(const ProviderSim&) = delete;
    ProviderSim& operator=(const ProviderSim&) = delete;

    /// Reads the order book. Blocking; before the first request.
    Result<void> recover();
    /// Serves POST {prefix}/{action} (a search goes to every provider, the rest by bpp_id),
    /// POST {prefix}/{provider}/{action}, and GET {prefix}/providers, which says who they are. Before the
    /// server listens.
    void mount(net::HttpServer& server, const std::string& prefix = "/mock-bpp");
    void set_base_url(std::string url);
    void accept_buyer(KnownBuyer buyer);
    [[nodiscard]] std::vector<ProviderAddress> addresses() const;

    /// One request; `provider` is empty on the shared path.
    Awaitable<net::Response> handle(std::string provider, std::string action, net::Request request);

    /// The provider's own decision to cancel: an on_cancel that nobody asked for.
    /// Errors: `not_found` for a transaction without a live order.
    Awaitable<Result<void>> cancel_on_its_own(std::string provider, std::string transaction,
                                              std::string reason);

    /// The provider takes power back by itself: an on_update that nobody asked for. Errors: as above.
    Awaitable<Result<void>> reduce_on_its_own(std::string provider, std::string transaction,
                                              std::int64_t share_ppm);

    /// What a provider would publish now, under its own address. Errors: `not_found`.
    [[nodiscard]] Result<beckn::Catalog> catalog_of(const std::string& provider);
    /// Called with the provider after each change of its order book, and with it of what is left.
    void on_change(std::function<void(const std::string& provider)> handler);

    /// Changes a provider's faults while it runs. Errors: `not_found`.
    Result<void> set_faults(const std::string& provider, const ProviderFaults& faults);
    [[nodiscard]] std::vector<ProviderOrder> orders() const;
    /// Nothing is being written or sent.
    [[nodiscard]] bool idle() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// The key with which a simulated provider signs: a function of seed and id, and no secret.
[[nodiscard]] Ed25519KeyPair provider_key(std::uint64_t seed, const std::string& provider);

/// "ORD-" and 8 hexadecimal digits of a hash of provider and transaction; in 2.0, which wants a UUID, that.
[[nodiscard]] std::string provider_order_id(const std::string& provider, const std::string& transaction,
                                            beckn::WireVersion version = beckn::WireVersion::v11);

}  // namespace headroom::sim
