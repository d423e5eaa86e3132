#include "app/bench_shelf.hpp"

#include "app/bench_devices.hpp"
#include "app/bench_shelf_parts.hpp"
#include "app/control_room.hpp"
#include "audit/key_file.hpp"
#include "net/broker_process.hpp"
#include "sim/provider.hpp"
#include "store/ahead_file.hpp"
#include "store/records.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr const char* buyer_id = "bench.example";
constexpr const char* buyer_key_id = "bench-1";
constexpr auto wait_max = std::chrono::seconds{20};

std::string lost_name(int number) {
    return fmt::format("L{:05}", number);
}
std::string receiver_name(int number) {
    return fmt::format("R{:05}", number);
}
std::string der_name(int number) {
    return fmt::format("D{:05}", number);
}

/// Pairs of feeders that meet at a remote-controlled switch: 30 kW can move to 40 of 50, with 20 of relief.
Result<grid::Network> pairs_of_feeders(int count) {
    grid::Network network;
    Result<void> added =
        network.add(grid::Substation{.id = {"P1"}, .name = "Bench primary", .kind = "primary"});
    for (int i = 0; added && i < count; ++i) {
        for (const std::string& feeder : {lost_name(i), receiver_name(i)}) {
            added = added ? network.add(grid::Feeder{.id = {feeder}, .parent = "P1", .name = feeder}) : added;
            added = added ? network.add(grid::Limit{.asset = feeder,
                                                    .phase = grid::Phase::l1,
                                                    .value = 50.0,
                                                    .source = "bench",
                                                    .verified_by = "bench"})
                          : added;
        }
        added = added ? network.add(grid::Der{.id = {der_name(i)},
                                              .name = der_name(i),
                                              .der_class = grid::DerClass::battery,
                                              .feeder = {receiver_name(i)},
                                              .phase = grid::Phase::l1,
                                              .turn_down_max = Watts{40'000},
                                              .turn_up_max = Watts{40'000}})
                      : added;
        added = added ? network.add(grid::Tie{.id = {fmt::format("T{:05}", i)},
                                              .ends = {lost_name(i), receiver_name(i)},
                                              .rating = Kilowatts{60.0},
                                              .switching = minutes{0},
                                              .is_remote = true})
                      : added;
    }
    return added ? Result<grid::Network>(std::move(network)) : Result<grid::Network>(added.error());
}

std::vector<flex::Offer> offers_on(const std::string& provider, const std::string& feeder, UtcTime from,
                                   UtcTime to) {
    flex::Offer offer;
    offer.provider = provider;
    offer.id = "offer-" + feeder;
    offer.der = "D" + feeder.substr(1);
    offer.der_class = grid::DerClass::battery;
    offer.feeder = feeder;
    offer.phase = grid::Phase::l1;
    offer.power = Watts{40'000};
    offer.available_from = floor_period(from) - hours{1};
    offer.available_until = to + hours{8};
    offer.utilisation = MicroPoundsPerMwh{250'000'000};
    offer.baseline_method = "bl01";
    return {offer};
}

Awaitable<void> into(Awaitable<Result<void>> work, std::optional<Result<void>>& result) {
    result = co_await std::move(work);
}

Awaitable<Result<void>> start_room(ControlRoom& room, UtcTime now) {
    Result<void> started = co_await room.start();
    if (!started) {
        co_return started;
    }
    grid::AuthorityEnvelope envelope;
    envelope.id = "bench";
    envelope.power_max = Watts{1'000'000};
    envelope.cost_max = MicroPounds{1'000'000'000};
    envelope.from = now - hours{1};
    envelope.until = now + hours{24};
    Caller caller{.id = "bench", .kind = "system", .role = "admin", .ip = {}, .reason = "benchmark"};
    co_return co_await room.orchestration().grant(std::move(envelope), std::move(caller));
}

class LossBench {
  public:
    LossBench(std::filesystem::path folder, int losses)
        : folder_(std::move(folder)), losses_(losses), context_(1), provider_server_(context_) {}

    Result<std::vector<double>> run() {
        for (Result<void> (LossBench::*step)() :
             {&LossBench::open_market, &LossBench::open_room, &LossBench::fill_shelf}) {
            if (const Result<void> done = (this->*step)(); !done) {
                return done.error();
            }
        }
        std::vector<double> latencies;
        for (int i = 0; i < losses_; ++i) {
            const Result<double> took = lose(i);
            if (!took) {
                return took.error();
            }
            latencies.push_back(*took);
        }
        devices_.reset();
        const Result<void> finished = room_->finish();
        return finished ? Result<std::vector<double>>(std::move(latencies)) : finished.error();
    }

  private:
    Result<void> open_market() {
        Result<net::BrokerProcess> broker = net::BrokerProcess::start(folder_ / "broker");
        if (!broker) {
            return broker.error();
        }
        broker_.emplace(std::move(*broker));
        clock_ = make_system_clock(context_);
        wall_ = make_system_wall_clock();
        Result<std::unique_ptr<store::Records>> orders = store::open_sqlite_records(folder_ / "providers.db");
        if (!orders) {
            return orders.error();
        }
        orders_ = std::move(*orders);
        Result<std::unique_ptr<store::AheadFile>> ahead =
            store::AheadFile::open(folder_ / "providers.ahead", *orders_);
        if (!ahead) {
            return ahead.error();
        }
        orders_ahead_ = std::move(*ahead);
        net::ClientSettings client;
        client.allow_private = {"127.0.0.1:*"};
        http_ = std::make_unique<net::HttpClient>(context_.get_executor(), std::move(client));
        providers_ = std::make_unique<sim::ProviderSim>(
            sim::ProviderSim::Parts{context_.get_executor(), *clock_, *wall_, in_flight_, *http_, *orders_,
                                    orders_ahead_.get()},
            sim::ProviderSimOptions{.seed = 1},
            std::vector<sim::ProviderSpec>{{.id = "bench-provider",
                                            .name = "Bench Provider",
                                            .subscriber_id = "bpp.bench.example",
                                            .faults = {}}},
            offers_on);
        providers_->mount(provider_server_);
        const Result<void> bound = provider_server_.listen("127.0.0.1", 0);
        if (bound) {
            providers_->set_base_url("http://127.0.0.1:" + std::to_string(provider_server_.port()) +
                                     "/mock-bpp");
        }
        return bound;
    }

    Result<void> open_room() {
        Result<grid::Network> network = pairs_of_feeders(losses_);
        if (!network) {
            return network.error();
        }
        ControlRoomOptions options;
        options.data_dir = folder_ / "data";
        options.network = std::move(*network);
        options.market.subscriber_id = buyer_id;
        options.market.key_id = buyer_key_id;
        for (const sim::ProviderAddress& address : providers_->addresses()) {
            options.peers.push_back(
                {address.id, address.url, address.subscriber_id, address.key_id, address.public_key});
        }
        options.orchestration.authority = grid::AuthorityLevel::act;
        options.dispatch.guard.power_per_substation_minute_max = Watts{1'000'000'000};
        options.dispatch.guard.simultaneous_starts_max = 1'000'000;
        options.allow_private = {"127.0.0.1:*"};
        options.mqtt_host = "127.0.0.1";
        options.mqtt_port = broker_->port();
        options.in_flight = &in_flight_;
        Result<std::unique_ptr<ControlRoom>> room = ControlRoom::open(context_, std::move(options));
        if (!room) {
            return room.error();
        }
        room_ = std::move(*room);
        const Result<Ed25519KeyPair> key = audit::load_or_create_key(folder_ / "data" / "keys" / "beckn.key");
        if (!key) {
            return key.error();
        }
        providers_->accept_buyer({buyer_id, buyer_key_id, key->public_key()});
        devices_ = std::make_unique<BenchDevices>(broker_->port());
        Result<void> done = run_until([&] { return devices_->are_ready() && room_->is_channel_connected(); },
                                      "the broker's answer");
        std::optional<Result<void>> started;
        spawn(context_.get_executor(), into(start_room(*room_, room_->clock().now()), started));
        done = done ? run_until([&] { return started.has_value(); }, "the start") : done;
        return done ? *started : done;
    }

    Result<void> run_until(const std::function<bool()>& condition, const std::string& what) {
        const SteadyTime deadline = steady_now() + wait_max;
        while (!condition()) {
            if (steady_now() > deadline) {
                return Error{Errc::timeout, what + " did not come within 20 s"};
            }
            context_.run_one_for(std::chrono::milliseconds{20});
        }
        return {};
    }

    /// What every feeder carries, and a plan for each.
    Result<void> fill_shelf() {
        const UtcTime at = room_->clock().now() - minutes{1};
        std::vector<telemetry::Reading> readings;
        for (int i = 0; i < losses_; ++i) {
            for (const auto& [feeder, kw] :
                 {std::pair{lost_name(i), 30.0}, std::pair{receiver_name(i), 40.0}}) {
                readings.push_back(
                    {.value = kw,
                     .interval_start = at,
                     .interval_end = at,
                     .seq = 0,
                     .point = room_->registry().find(feeder, grid::Quantity::p_kw, grid::Phase::l1),
                     .source = room_->registry().intern_source("bench"),
                     .quality = telemetry::Quality::measured});
            }
        }
        static_cast<void>(room_->monitoring().ingest(readings, steady_now()));
        room_->contingency().tick();
        return run_until([&] { return room_->contingency().as_of().has_value(); }, "the shelf");
    }

    Result<double> lose(int number) {
        Result<void> done =
            run_until([&] { return room_->idle() && http_->idle() && providers_->idle(); }, "rest");
        grid::StateEntry outage{
            .state = grid::OperationalState::outage, .since = room_->clock().now(), .source = "bench"};
        Caller caller{.id = "bench", .kind = "system", .role = "engineer", .ip = {}, .reason = "it tripped"};
        std::optional<Result<void>> is_set;
        const SteadyTime detected = steady_now();
        spawn(context_.get_executor(),
              into(room_->orchestration().set_state(lost_name(number), std::move(outage), std::move(caller)),
                   is_set));
        const auto is_told = [&] { return devices_->received(der_name(number)).has_value(); };
        done = done ? run_until(is_told, "the instruction for " + der_name(number)) : done;
        return done ? Result<double>(milliseconds_between(detected, *devices_->received(der_name(number))))
                    : Result<double>(done.error());
    }

    std::filesystem::path folder_;
    int losses_;
    asio::io_context context_;
    InFlight in_flight_;
    std::unique_ptr<DomainClock> clock_;
    std::unique_ptr<WallClock> wall_;
    std::optional<net::BrokerProcess> broker_;
    std::unique_ptr<store::Records> orders_;
    std::unique_ptr<store::AheadFile> orders_ahead_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<sim::ProviderSim> providers_;
    net::HttpServer provider_server_;
    std::unique_ptr<ControlRoom> room_;
    std::unique_ptr<BenchDevices> devices_;
};

}  // namespace

Result<json::Object> bench_shelf(const BenchShelfOptions& options) {
    json::Array results;
    bench_shelf_refresh(options.refreshes, results);
    std::string pattern = (options.dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + options.dir.string()};
    }
    // The events' coroutines refer to its parts and are still open: it stays until the process ends.
    auto* const bench = new LossBench(pattern, options.losses);
    const Result<std::vector<double>> latencies = bench->run();
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
    if (!latencies) {
        return latencies.error();
    }
    results.push_back(shelf_figure("shelf.detection_to_first_command_ms_p50", *latencies, 0.5));
    results.push_back(shelf_figure("shelf.detection_to_first_command_ms_p99", *latencies, 0.99));
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
