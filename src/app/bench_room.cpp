#include "app/bench_room.hpp"

#include "app/bench_buyer.hpp"
#include "audit/key_file.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace headroom::app {
namespace {

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

}  // namespace

Awaitable<void> into(Awaitable<Result<void>> work, std::optional<Result<void>>& result) {
    result = co_await std::move(work);
}

BenchRoom::BenchRoom(std::filesystem::path folder, seconds patience)
    : folder_(std::move(folder)), patience_(patience), context_(1), provider_server_(context_) {}

Result<void> BenchRoom::open(grid::Network network) {
    Result<void> opened = open_market();
    return opened ? open_room(std::move(network)) : opened;
}

Result<void> BenchRoom::open_market() {
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
        providers_->set_base_url("http://127.0.0.1:" + std::to_string(provider_server_.port()) + "/mock-bpp");
    }
    return bound;
}

Result<void> BenchRoom::open_room(grid::Network network) {
    ControlRoomOptions options;
    options.data_dir = folder_ / "data";
    options.network = std::move(network);
    options.market.subscriber_id = bench_buyer_id;
    options.market.key_id = bench_buyer_key_id;
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
    providers_->accept_buyer({bench_buyer_id, bench_buyer_key_id, key->public_key()});
    devices_ = std::make_unique<BenchDevices>(broker_->port());
    Result<void> done = run_until([&] { return devices_->are_ready() && room_->is_channel_connected(); },
                                  "the broker's answer");
    std::optional<Result<void>> started;
    spawn(context_.get_executor(), into(start_room(*room_, room_->clock().now()), started));
    done = done ? run_until([&] { return started.has_value(); }, "the start") : done;
    return done ? *started : done;
}

Result<void> BenchRoom::run_until(const std::function<bool()>& condition, const std::string& what) {
    const SteadyTime deadline = steady_now() + patience_;
    while (!condition()) {
        if (steady_now() > deadline) {
            return Error{Errc::timeout, fmt::format("{} did not come within {} s", what, patience_.count())};
        }
        context_.run_one_for(std::chrono::milliseconds{20});
    }
    return {};
}

Result<void> BenchRoom::rest() {
    return run_until([this] { return room_->idle() && http_->idle() && providers_->idle(); }, "rest");
}

Result<void> BenchRoom::finish() {
    devices_.reset();
    return room_->finish();
}

}  // namespace headroom::app
