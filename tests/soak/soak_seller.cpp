#include "core/async.hpp"
#include "net/http_server.hpp"
#include "sim/provider.hpp"
#include "soak/soak.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>

namespace headroom::soak {

int run_seller(const Plan& plan) {
    asio::io_context context;
    const std::unique_ptr<DomainClock> clock = make_system_clock(context);
    InFlight in_flight;
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    net::HttpClient http(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
    const std::filesystem::path folder = plan.dir / "seller";
    std::filesystem::create_directories(folder);
    auto orders = store::open_sqlite_records(folder / "orders.db");
    if (!orders) {
        std::cerr << "seller: " << orders.error().message << "\n";
        return 1;
    }
    auto ahead = store::AheadFile::open(folder / "orders.ahead", **orders);
    if (!ahead) {
        std::cerr << "seller: " << ahead.error().message << "\n";
        return 1;
    }
    sim::ProviderSimOptions options;
    options.seed = plan.seed;
    options.ttl = message_ttl;
    options.buyers = {{buyer_id, buyer_key_id, buyer_key().public_key()}};
    options.base_url = "http://127.0.0.1:" + std::to_string(plan.seller_port) + "/bpp";
    sim::ProviderSim sellers({context.get_executor(), *clock, *wall, in_flight, http, **orders, ahead->get()},
                             std::move(options), provider_specs(plan), offers_of);
    if (const Result<void> recovered = sellers.recover(); !recovered) {
        std::cerr << "seller: " << recovered.error().message << "\n";
        return 1;
    }
    net::HttpServer server(context);
    sellers.mount(server, "/bpp");
    if (const Result<void> bound = server.listen("127.0.0.1", plan.seller_port); !bound) {
        std::cerr << "seller: " << bound.error().message << "\n";
        return 1;
    }
    asio::signal_set signals(context, SIGTERM);
    signals.async_wait([&context](const boost::system::error_code&, int) { context.stop(); });
    context.run();
    return 0;
}

}  // namespace headroom::soak
