#pragma once

#include "agents/market.hpp"
#include "agents/search_gateway.hpp"
#include "beckn/codec.hpp"
#include "beckn/pricing.hpp"
#include "beckn/signature.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "sim/provider.hpp"
#include "store/records.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/stores.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::market_test {

using test::evening;

inline const UtcTime wall_start = parse_utc("2026-11-20T12:00:00Z").value();

/// 6 kW at 0.25 £/kWh on LV-1 L2 from each provider, as items "<provider>-1" and "<provider>-2".
inline std::vector<flex::Offer> offers_of(const std::string& provider, const std::string& feeder,
                                          UtcTime from, UtcTime to) {
    std::vector<flex::Offer> offers;
    for (const char* number : {"1", "2"}) {
        flex::Offer offer;
        offer.provider = provider;
        offer.id = provider + "-" + number;
        offer.der = "DER-" + offer.id;
        offer.der_class = grid::DerClass::battery;
        offer.feeder = feeder;
        offer.phase = grid::Phase::l2;
        offer.power = Watts{6000};
        offer.available_from = from;
        offer.available_until = to;
        offer.utilisation = MicroPoundsPerMwh{250'000'000};
        offer.baseline_method = "bl01";
        offers.push_back(std::move(offer));
    }
    return offers;
}

/// LV-1 L2 is 10 kW over its limit for an hour from 17:30.
inline risk::Overload overload_on_lv1() {
    risk::Overload overload;
    overload.event = EventId{"ev-20270114-abcdefgh"};
    overload.feeder = "LV-1";
    overload.limit.asset = "LV-1";
    overload.limit.phase = grid::Phase::l2;
    overload.start = evening + minutes{30};
    overload.end = evening + minutes{90};
    overload.need = {overload.start, {10'000, 10'000}};
    return overload;
}

/// A buyer with its stores, its server and the simulated providers, over real sockets on loopback and on a
/// virtual clock that moves on when nothing is in flight.
class MarketWorld {
  public:
    explicit MarketWorld(std::vector<sim::ProviderSpec> specs, MarketOptions given = {})
        : options(std::move(given)), stores_(context_.get_executor(), wall), server_(context_) {
        clocks_.push_back(std::make_unique<VirtualClock>(evening));
        orders_ = store::open_sqlite_records(stores_.path() / "orders.db").value();
        http = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        options.subscriber_id = "headroom.example";
        options.key_id = "bap-1";
        options.resend_backoff = milliseconds{1};
        sim::ProviderSimOptions sim_options;
        sim_options.buyers = {{options.subscriber_id, options.key_id, buyer_key.public_key()}};
        sim_options.gateways = {{"gateway.example", "g1", gateway_key.public_key()}};
        providers = std::make_unique<sim::ProviderSim>(
            sim::ProviderSim::Parts{context_.get_executor(), clock(), wall, in_flight, *http, *orders_},
            std::move(sim_options), std::move(specs), offers_of);
        add_routes();
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        options.callback_url = url + "/beckn";
        providers->set_base_url(url + "/mock-bpp");
        market = make_market();
    }
    MarketWorld(const MarketWorld&) = delete;
    MarketWorld& operator=(const MarketWorld&) = delete;
    ~MarketWorld() {
        is_ending_ = true;
        run_until([this] { return is_quiet(); });
        market.reset();
        providers.reset();
        http.reset();
    }

    [[nodiscard]] VirtualClock& clock() { return *clocks_.front(); }

    std::unique_ptr<Market> make_market() {
        std::vector<MarketPeer> peers;
        for (const sim::ProviderAddress& address : providers->addresses()) {
            peers.push_back({.id = address.id,
                             .url = address.url,
                             .subscriber_id = address.subscriber_id,
                             .key_id = address.key_id,
                             .public_key = address.public_key});
            if (adjust_peer) {
                adjust_peer(peers.back());
            }
        }
        if (adjust_peers) {
            adjust_peers(peers);
        }
        auto made = std::make_unique<Market>(Market::Parts{context_.get_executor(), clock(), wall, in_flight,
                                                           *http, *journal, buyer_key, keys.get()},
                                             options, peers);
        made->on_unsolicited([this](flex::Contract contract) { told.push_back(std::move(contract)); });
        return made;
    }

    /// As if the buyer's process had been killed: its coroutines never run on, its stores stay.
    void kill_and_restart_market() {
        run_until([this] { return journal->idle() && records->idle(); });
        killed_.push_back(std::move(market));
        for (const std::string& token : std::set<std::string>(in_flight.tokens())) {
            in_flight.end(token);
        }
        // The old coroutines' deadlines stay on the old clock, which nobody moves any more.
        clocks_.insert(clocks_.begin(), std::make_unique<VirtualClock>(clock().now()));
        market = make_market();
        const Result<void> recovered = await(market->recover());
        HEADROOM_ASSERT(recovered.has_value());
    }

    /// Runs the coroutine to its end; the clock moves on when nothing is in flight.
    template <class T>
    T await(Awaitable<T> work) {
        auto result = start(std::move(work));
        run_until([&result] { return result->has_value(); });
        return std::move(**result);
    }
    template <class T>
    std::shared_ptr<std::optional<T>> start(Awaitable<T> work) {
        return test::start_on(context_, std::move(work));
    }
    /// Runs until `is_done`; a wait of more than 20 seconds is a failure.
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done()) {
            context_.restart();
            if (context_.poll() > 0) {
                continue;
            }
            if (clock_may_move && !is_ending_ && is_quiet() && clock().next_timer() != UtcTime::max()) {
                clock().advance_to(clock().next_timer());
                continue;
            }
            context_.run_one_for(std::chrono::milliseconds{1});
            if (steady_now() > give_up) {
                std::string held;
                for (const std::string& token : in_flight.tokens()) {
                    held += token + " ";
                }
                ADD_FAILURE() << "waited too long; in flight: " << held << "journal " << journal->idle()
                              << " records " << records->idle() << " providers " << providers->idle();
                HEADROOM_ASSERT(is_ending_);
                return;
            }
        }
    }
    [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }
    [[nodiscard]] const std::filesystem::path& data_dir() const { return stores_.path(); }
    [[nodiscard]] bool is_quiet() {
        return in_flight.idle() && journal->idle() && records->idle() && providers->idle();
    }

    SearchResult search() {
        Result<SearchResult> found = await(market->search(overload_on_lv1()));
        EXPECT_TRUE(found.has_value());
        return found ? std::move(*found) : SearchResult{};
    }
    /// A contract for an offer of `provider`, the first or the second: 6 kW and 3 kW, £1.125.
    static flex::Contract wanted(const std::string& provider, const std::string& round = "1",
                                 flex::ContractKind kind = flex::ContractKind::availability,
                                 std::size_t offer = 0) {
        const risk::Overload overload = overload_on_lv1();
        flex::Contract contract;
        contract.event = overload.event;
        contract.provider = provider;
        contract.kind = kind;
        contract.transaction = TransactionId{make_uuid(overload.event.value + "/" + provider + "/" + round)};
        flex::PlanLine line;
        line.offer = offers_of(provider, "LV-1", overload.start, overload.end).at(offer);
        line.power_w = {.start = overload.start, .step = period_length, .values = {6000, 3000}};
        line.energy = beckn::energy_of_grid(line.power_w);
        line.cost = beckn::price_of(line.offer, line.power_w);
        line.relief_peak = Watts{6000};
        contract.lines.push_back(std::move(line));
        return contract;
    }
    flex::Contract make_contract(flex::Contract contract) {
        Result<flex::Contract> made = await(market->contract(std::move(contract)));
        EXPECT_TRUE(made.has_value()) << made.error().message;
        return made ? std::move(*made) : flex::Contract{};
    }

    /// A callback as the provider `id` would sign it, straight to our door.
    net::Response callback(const std::string& action, const std::string& body, const beckn::Signer& signer) {
        net::Request request;
        request.method = "POST";
        request.headers.add("Authorization",
                            beckn::make_authorization(signer, wall.now(), seconds{30}, body));
        request.body = body;
        return await(market->on_callback(action, std::move(request)));
    }
    [[nodiscard]] static beckn::Signer signer_of(const std::string& provider) {
        return {provider + ".example", "k1", sim::provider_key(7, provider)};
    }
    /// Bytes of the order's on_confirm under our transaction.
    [[nodiscard]] std::string message(beckn::Action action, const flex::Contract& contract,
                                      const std::string& message_id, beckn::Body body) const {
        beckn::Context context;
        context.action = action;
        context.domain = options.domain;
        context.bap_id = options.subscriber_id;
        context.bap_uri = options.callback_url;
        context.bpp_id = contract.provider + ".example";
        context.bpp_uri = url + "/mock-bpp/" + contract.provider;
        context.transaction_id = contract.transaction.value;
        context.message_id = message_id;
        context.timestamp = wall.now();
        context.ttl = seconds{30};
        return beckn::encode({.version = beckn::WireVersion::v11,
                              .context = std::move(context),
                              .message = std::move(body),
                              .error = {}})
            .value();
    }
    [[nodiscard]] static beckn::Order committed(const flex::Contract& contract) {
        beckn::Order order;
        order.id = "ORD-00000001";
        order.status = beckn::OrderStatus::active;
        order.fulfilment = beckn::FulfilmentState::armed;
        order.provider = contract.provider;
        order.kind = contract.kind;
        for (const flex::PlanLine& line : contract.lines) {
            order.lines.push_back(
                {.item = line.offer.id, .feeder = line.offer.feeder, .power_w = line.power_w});
        }
        return order;
    }
    /// Actions that reached the providers, in order: "tesla/select".
    [[nodiscard]] std::vector<std::string> requests_to(const std::string& provider) const {
        std::vector<std::string> actions;
        for (const auto& [who, action, body] : received) {
            if (who == provider) {
                actions.push_back(action);
            }
        }
        return actions;
    }
    [[nodiscard]] std::vector<std::string> entry_types() const {
        std::vector<std::string> types;
        for (std::uint64_t seq = 0; seq < log->durable_size(); ++seq) {
            const audit::Entry entry = log->read(seq).value();
            if (entry.type.starts_with("beckn.")) {
                types.push_back(entry.type + " " + json::Value(entry.body).text("/action") + " " +
                                json::Value(entry.body).text("/result"));
            }
        }
        return types;
    }

  private:
    void add_routes() {
        auto to_provider = [this](net::Request request) -> Awaitable<net::Response> {
            const std::string provider = request.path_parameter("provider");
            const std::string action = request.path_parameter("action");
            received.emplace_back(provider, action, request.body);
            if (gateway && provider == "gateway") {
                return gateway->on_search(std::move(request));
            }
            if (intercept) {
                if (std::optional<net::Response> response = intercept(provider, action)) {
                    return ready(std::move(*response));
                }
            }
            return providers->handle(provider, action, std::move(request));
        };
        auto to_us = [this](net::Request request) -> Awaitable<net::Response> {
            std::string action = request.path_parameter("action");
            return market->on_callback(std::move(action), std::move(request));
        };
        server_.route("POST", "/mock-bpp/{provider}/{action}", std::move(to_provider));
        for (const char* place : {"beckn", "moved"}) {
            server_.route("POST", "/" + std::string(place) + "/{action}",
                          [this, to_us, place](net::Request request) -> Awaitable<net::Response> {
                              const bool is_ours = options.callback_url == url + "/" + place;
                              return is_ours ? to_us(std::move(request)) : ready({.status = 404});
                          });
        }
    }
    static Awaitable<net::Response> ready(net::Response response) { co_return response; }

  public:
    MarketOptions options;
    ManualWallClock wall{wall_start};
    InFlight in_flight;
    Ed25519KeyPair buyer_key = Ed25519KeyPair::from_secret(std::string(32, 'b')).value();
    /// Looks at each request before the provider does; an answer keeps it from the provider.
    std::function<std::optional<net::Response>(const std::string& provider, const std::string& action)>
        intercept;
    std::vector<std::tuple<std::string, std::string, std::string>> received;  // provider, action, body
    std::vector<flex::Contract> told;                                         // unsolicited
    bool clock_may_move = true;
    std::function<void(MarketPeer&)> adjust_peer;                ///< before `make_market`
    std::function<void(std::vector<MarketPeer>&)> adjust_peers;  ///< the same
    std::unique_ptr<KeyResolver> keys;                           ///< before `make_market`
    Ed25519KeyPair gateway_key = Ed25519KeyPair::from_secret(std::string(32, 'g')).value();
    /// Where there is one it listens at `url`/mock-bpp/gateway; the providers know its key.
    std::unique_ptr<SearchGateway> gateway;
    std::string url;

  private:
    std::vector<std::unique_ptr<VirtualClock>> clocks_;  // outlive the coroutines that wait on them
    bool is_ending_ = false;
    std::unique_ptr<store::Records> orders_;
    asio::io_context context_;
    test::Stores stores_;

  public:
    const std::unique_ptr<audit::Log>& log = stores_.log;
    const std::unique_ptr<RecordStore>& records = stores_.records;
    const std::unique_ptr<Journal>& journal = stores_.journal;
    std::unique_ptr<net::HttpClient> http;

  private:
    net::HttpServer server_;

  public:
    std::unique_ptr<sim::ProviderSim> providers;
    std::unique_ptr<Market> market;

  private:
    std::vector<std::unique_ptr<Market>> killed_;
};

inline sim::ProviderSpec provider(const std::string& id, sim::ProviderFaults faults = {}) {
    return {.id = id, .name = id + " (simulated)", .subscriber_id = id + ".example", .faults = faults};
}

}  // namespace headroom::agents::market_test
