#pragma once

#include "agents/market_evidence.hpp"
#include "agents/need_market.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "sim/aggregator.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/stores.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::need_market_test {

using test::evening;
using test::january_noon;

inline flex::IntervalGrid grid(std::vector<std::int64_t> values) {
    return {.start = evening, .step = period_length, .values = std::move(values)};
}

inline beckn::PublishedNeed fixed_need() {
    beckn::PublishedNeed need;
    need.id = "need-1";
    need.feeder = "LV-1";
    need.need = {.requested_w = grid({30'000, 30'000}),
                 .price_per_mwh = grid({300'000'000, 300'000'000}),
                 .shortfall_per_mwh = grid({100'000'000, 100'000'000})};
    need.baseline_method = "high5of10";
    need.baseline_best_of = 5;
    need.baseline_out_of = 10;
    need.opens = january_noon;
    need.gate = evening - hours{1};
    return need;
}

inline beckn::PublishedNeed auction() {
    beckn::PublishedNeed need = fixed_need();
    need.id = "need-2";
    need.rule = beckn::SettlementRule::pay_as_clear;
    need.need = {.requested_w = grid({30'000, 30'000}), .price_per_mwh = {}, .shortfall_per_mwh = {}};
    need.ceiling_per_mwh = 400'000'000;
    return need;
}

/// Goes on by a millisecond at every look, so that messages have an order.
class TickingWall final : public WallClock {
  public:
    explicit TickingWall(UtcTime start) : now_(start) {}
    [[nodiscard]] UtcTime now() const override {
        now_ += milliseconds{1};
        return now_;
    }
    void set(UtcTime to) { now_ = to; }

  private:
    mutable UtcTime now_;
};

/// What messages say of addresses; behind them are sockets of this machine.
inline constexpr const char* public_buyer = "https://dso.example/beckn";
inline std::string public_address(const std::string& id) {
    return "https://" + id + ".example/beckn";
}

/// A buyer who publishes needs, with its stores, and aggregators who come to it, over real sockets.
class NeedMarketWorld {
  public:
    NeedMarketWorld() : stores_(context_.get_executor(), wall), server_(context_), clock_(january_noon) {
        http = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        auto to_us = [this](net::Request request) -> Awaitable<net::Response> {
            std::string action = request.path_parameter("action");
            return needs->on_request(std::move(action), std::move(request));
        };
        server_.route("POST", "/beckn/{action}", std::move(to_us));
        for (const char* id : {"agg-1", "agg-2"}) {
            aggregators.push_back(std::make_unique<sim::Aggregator>(
                sim::Aggregator::Parts{context_.get_executor(), clock_, wall, in_flight, *http},
                sim::AggregatorSpec{.id = id, .subscriber_id = std::string(id) + ".example"},
                sim::NeedBuyer{"dso.example", "http://127.0.0.1:1/beckn"}));
        }
    }
    /// The server's port is known before the aggregators are told where it is.
    void open() {
        for (auto& aggregator : aggregators) {
            aggregator->mount(server_);
        }
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
        url = "http://127.0.0.1:" + std::to_string(server_.port());
        for (auto& aggregator : aggregators) {
            const sim::AggregatorSpec spec = aggregator->spec();
            aggregator->set_buyer({"dso.example", url + "/beckn", public_buyer});
            aggregator->set_url(public_address(spec.id));
        }
        needs = make();
    }
    ~NeedMarketWorld() {
        run_until([this] { return is_quiet(); });
        needs.reset();
        http.reset();
    }

    std::unique_ptr<NeedMarket> make() {
        NeedMarketOptions options{
            .subscriber_id = "dso.example", .key_id = "k1", .name = "DSO", .url = public_buyer};
        options.resend_backoff = milliseconds{1};
        std::vector<KnownAggregator> known;
        for (const auto& aggregator : aggregators) {
            options.reach.emplace_back(aggregator->url(), url + "/aggregators/" + aggregator->spec().id);
            known.push_back({.subscriber_id = aggregator->spec().subscriber_id,
                             .key_id = "k1",
                             .public_key = sim::aggregator_key(aggregator->spec()).public_key(),
                             .url = aggregator->url()});
        }
        return std::make_unique<NeedMarket>(NeedMarket::Parts{context_.get_executor(),
                                                              clock_,
                                                              wall,
                                                              in_flight,
                                                              *http,
                                                              *journal,
                                                              key,
                                                              nullptr,
                                                              measure,
                                                              {},
                                                              verify,
                                                              delivered},
                                            std::move(options), std::move(known));
    }
    void restart() {
        run_until([this] { return is_quiet(); });
        needs = make();
        ASSERT_TRUE(await(needs->recover()).has_value());
    }

    static Caller operator_() {
        return {.id = "op-1", .kind = "user", .role = "operator", .ip = {}, .reason = "evening peak"};
    }
    void publish(beckn::PublishedNeed need) {
        const Result<beckn::PublishedNeed> done = await(needs->publish(std::move(need), operator_()));
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
    Result<beckn::Order> bid(std::size_t who, const std::string& need, const std::string& transaction,
                             milliseconds wait = seconds{30}) {
        return await(aggregators[who]->bid(need, make_uuid(transaction), wait));
    }

    template <class T>
    T await(Awaitable<T> work) {
        const auto result = start(std::move(work));
        run_until([&result] { return result->has_value(); });
        return std::move(**result);
    }
    template <class T>
    std::shared_ptr<std::optional<T>> start(Awaitable<T> work) {
        return test::start_on(context_, std::move(work));
    }
    void run_until(const std::function<bool()>& is_done) {
        const SteadyTime give_up = steady_now() + std::chrono::seconds{20};
        while (!is_done()) {
            context_.restart();
            if (context_.poll() == 0) {
                context_.run_one_for(std::chrono::milliseconds{1});
            }
            ASSERT_LT(steady_now(), give_up) << "waited too long";
        }
    }
    void settle_down() {
        context_.restart();
        context_.poll();  // what a timer has just begun
        run_until([this] { return is_quiet(); });
    }
    void advance(UtcTime to) {
        settle_down();
        clock_.advance_to(to);
        wall.set(wall.now() + seconds{1});
        settle_down();
    }
    [[nodiscard]] bool is_quiet() {
        return journal->idle() && records->idle() && (!needs || needs->idle()) && in_flight.idle();
    }
    [[nodiscard]] const beckn::NeedOrder& order(const std::string& transaction) const {
        return needs->board().orders.at(make_uuid(transaction));
    }
    [[nodiscard]] std::vector<std::string> entries() const {
        std::vector<std::string> types;
        for (std::uint64_t seq = 0; seq < log->durable_size(); ++seq) {
            const std::string type = log->read(seq).value().type;
            if (type.starts_with("need.") || type.starts_with("order.")) {
                types.push_back(type);
            }
        }
        return types;
    }
    [[nodiscard]] std::vector<json::Value> evidence() {
        settle_down();
        std::ostringstream out;
        const Result<std::size_t> written =
            export_evidence(stores_.path(), {.event = {}, .with_refused = true}, out);
        EXPECT_TRUE(written.has_value());
        std::vector<json::Value> lines;
        std::istringstream in(out.str());
        for (std::string line; std::getline(in, line);) {
            lines.push_back(json::parse(line).value());
        }
        return lines;
    }

    TickingWall wall{january_noon};
    InFlight in_flight;
    std::unique_ptr<net::HttpClient> http;
    std::vector<std::unique_ptr<sim::Aggregator>> aggregators;
    std::unique_ptr<NeedMarket> needs;
    MeasureOrder measure;
    VerifyOrder verify;
    std::function<void(VerifiedDelivery)> delivered;
    std::string url;
    Ed25519KeyPair key = Ed25519KeyPair::from_secret(std::string(32, '\5')).value();

  private:
    asio::io_context context_;
    test::Stores stores_;

  public:
    const std::unique_ptr<audit::Log>& log = stores_.log;
    const std::unique_ptr<RecordStore>& records = stores_.records;
    const std::unique_ptr<Journal>& journal = stores_.journal;

  private:
    net::HttpServer server_;
    VirtualClock clock_;
};

}  // namespace headroom::agents::need_market_test
