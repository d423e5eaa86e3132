#pragma once

#include "sim/provider.hpp"

#include "beckn/codec.hpp"
#include "beckn/signature.hpp"
#include "sim/provider_desk.hpp"
#include "unit/sim/evening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A simulated provider, the buyer it talks to, and what they say.
namespace headroom::sim::test {

using beckn::Action;

inline const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();
inline constexpr const char* transaction = "8d4aa6d2-17d4-8b31-9a35-2f5cf2a2a001";

/// One battery of 6 kW at 0.25 £/kWh.
inline std::vector<flex::Offer> one_battery(const std::string& provider, const std::string& feeder,
                                            UtcTime from, UtcTime to) {
    flex::Offer offer;
    offer.provider = provider;
    offer.id = provider + "-1";
    offer.der = "BAT-1";
    offer.der_class = grid::DerClass::battery;
    offer.feeder = feeder;
    offer.phase = grid::Phase::l2;
    offer.power = Watts{6000};
    offer.available_from = from;
    offer.available_until = to;
    offer.utilisation = MicroPoundsPerMwh{250'000'000};
    return {offer};
}

inline ProviderSpec spec(const std::string& id, ProviderFaults faults = {}) {
    return {.id = id, .name = id, .subscriber_id = id + ".example", .faults = faults};
}

inline beckn::Envelope request(Action action, beckn::Body message, const std::string& message_id = "m-1") {
    beckn::Envelope envelope;
    envelope.context.action = action;
    envelope.context.domain = "deg:flexibility";
    envelope.context.bap_id = "headroom.example";
    envelope.context.bap_uri = "http://127.0.0.1:1/beckn";
    envelope.context.bpp_id = "tesla.example";
    envelope.context.bpp_uri = "http://127.0.0.1:1/mock-bpp";
    envelope.context.transaction_id = transaction;
    envelope.context.message_id = message_id;
    envelope.context.timestamp = noon;
    envelope.message = std::move(message);
    return envelope;
}

inline beckn::Order order(std::vector<std::int64_t> watts) {
    beckn::Order asked;
    asked.provider = "tesla";
    asked.kind = flex::ContractKind::availability;
    asked.lines.push_back({.item = "tesla-1",
                           .feeder = "LV-1",
                           .power_w = {.start = evening, .step = period_length, .values = std::move(watts)}});
    return asked;
}

inline beckn::Order order_in(const ProviderDesk::Reply& reply) {
    EXPECT_FALSE(reply.error.has_value()) << beckn::describe(reply.error.value_or(beckn::MessageError{}));
    const auto* answered = std::get_if<beckn::Order>(&reply.message);
    EXPECT_NE(answered, nullptr);
    return answered != nullptr ? *answered : beckn::Order{};
}

/// A buyer's server that keeps what the providers POST to it.
class ProviderWorld {
  public:
    explicit ProviderWorld(std::vector<ProviderSpec> specs, std::optional<std::uint64_t> fault_seed = {})
        : fault_seed_(fault_seed), server_(context_) {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-provider-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        specs_ = std::move(specs);
        open();
        auto take = [this](net::Request got) -> Awaitable<net::Response> {
            callbacks.push_back(std::move(got));
            co_return net::Response{.status = 200,
                                    .content_type = "application/json",
                                    .body = R"({"message":{"ack":{"status":"ACK"}}})",
                                    .headers = {}};
        };
        server_.route("POST", "/beckn/{action}", std::move(take));
        providers->mount(server_);
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        providers->set_base_url(url + "/mock-bpp");
    }
    ~ProviderWorld() {
        providers.reset();
        http_.reset();
        ahead_.reset();
        orders_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    ProviderWorld(const ProviderWorld&) = delete;
    ProviderWorld& operator=(const ProviderWorld&) = delete;

    void open() {
        orders_ = store::open_sqlite_records(folder_ / "orders.db").value();
        ahead_ = store::AheadFile::open(folder_ / "orders.ahead", *orders_).value();
        http_ = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        ProviderSimOptions options;
        options.base_url = url + "/mock-bpp";
        options.fault_seed = fault_seed_;
        options.buyers = {{"headroom.example", "k", buyer.public_key()}};
        providers =
            std::make_unique<ProviderSim>(ProviderSim::Parts{context_.get_executor(), clock_, wall_,
                                                             in_flight, *http_, *orders_, ahead_.get()},
                                          options, specs_, one_battery);
        HEADROOM_ASSERT(providers->recover().has_value());
    }
    net::Response post(const std::string& path, beckn::Envelope envelope, bool is_signed = true) {
        envelope.context.bap_uri = url + "/beckn";
        return post_bytes(path, beckn::encode(envelope).value(), is_signed);
    }
    net::Response post_bytes(const std::string& path, const std::string& body, bool is_signed = true,
                             const char* method = "POST") {
        net::ClientRequest request;
        request.method = method;
        request.url = url + path;
        request.body = body;
        if (is_signed) {
            request.headers.add("Authorization", beckn::make_authorization({"headroom.example", "k", buyer},
                                                                           noon, seconds{30}, body));
        }
        std::optional<net::Response> response;
        spawn(context_.get_executor(), keep(std::move(request), response));
        run_until([&response] { return response.has_value(); });
        return *response;
    }
    /// Past the server, whose routes still lead to the first process.
    void repeat_to_new_process(const std::string& action, beckn::Envelope envelope) {
        envelope.context.bap_uri = url + "/beckn";
        net::Request request;
        request.body = beckn::encode(envelope).value();
        request.headers.add("Authorization", beckn::make_authorization({"headroom.example", "k", buyer}, noon,
                                                                       seconds{30}, request.body));
        spawn(context_.get_executor(), hand_over(action, std::move(request)));
    }
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done() && steady_now() < give_up) {
            context_.restart();
            if (context_.poll() == 0) {
                context_.run_one_for(std::chrono::milliseconds{1});
            }
        }
        EXPECT_TRUE(is_done());
    }
    void settle() {
        run_until([this] { return providers->idle(); });
    }

    InFlight in_flight;
    Ed25519KeyPair buyer = Ed25519KeyPair::from_secret(std::string(32, 'b')).value();
    std::string url;
    std::vector<net::Request> callbacks;

    void advance(milliseconds span) { clock_.advance_to(clock_.now() + span); }

    std::optional<std::uint64_t> fault_seed_;

  private:
    Awaitable<void> hand_over(std::string action, net::Request request) {
        const net::Response response =
            co_await providers->handle("tesla", std::move(action), std::move(request));
        EXPECT_EQ(response.status, 200);
    }
    Awaitable<void> keep(net::ClientRequest request, std::optional<net::Response>& into) {
        const Result<net::ClientResponse> answer = co_await http_->send(std::move(request));
        HEADROOM_ASSERT(answer.has_value());
        into = net::Response{
            .status = answer->status, .content_type = "", .body = answer->body, .headers = answer->headers};
    }

    VirtualClock clock_{evening};
    ManualWallClock wall_{noon};
    std::filesystem::path folder_;
    std::vector<ProviderSpec> specs_;
    std::unique_ptr<store::Records> orders_;
    std::unique_ptr<store::AheadFile> ahead_;
    asio::io_context context_;
    std::unique_ptr<net::HttpClient> http_;
    net::HttpServer server_;

  public:
    std::unique_ptr<ProviderSim> providers;
};

inline beckn::SearchIntent intent_on_lv1() {
    beckn::SearchIntent intent;
    intent.feeder = "LV-1";
    intent.need_w = {.start = evening, .step = period_length, .values = {5000}};
    return intent;
}

}  // namespace headroom::sim::test
