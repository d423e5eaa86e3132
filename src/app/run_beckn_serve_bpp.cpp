#include "app/run_beckn_serve_bpp.hpp"

#include "app/complaint.hpp"
#include "app/run_folder.hpp"
#include "core/json.hpp"

#include <fmt/format.h>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr const char* bpp_prefix = "/mock-bpp";
constexpr auto provider_drain_limit = seconds{5};

void announce_provider(const ProviderHouse& house, const std::vector<sim::ProviderAddress>& addresses,
                       const std::string& url, bool is_json) {
    if (is_json) {
        json::Array list;
        for (const sim::ProviderAddress& address : addresses) {
            list.push_back(json::Object{{"id", address.id},
                                        {"name", address.name},
                                        {"subscriber_id", address.subscriber_id},
                                        {"key_id", address.key_id},
                                        {"public_key", to_base64(address.public_key)},
                                        {"url", address.url}});
        }
        std::cout << json::write(json::Object{
                         {"simulated", true}, {"url", url}, {"seed", house.seed()}, {"providers", list}})
                  << std::endl;
        return;
    }
    std::cout << fmt::format("Beckn providers (SIMULATED, seed {}): {}\nat {}\n", house.seed(), house.title(),
                             url);
    for (const sim::ProviderAddress& address : addresses) {
        std::cout << fmt::format("\n{}\n  url         {}\n  subscriber  {}\n  key         {} {}\n",
                                 address.name, address.url, address.subscriber_id, address.key_id,
                                 to_base64(address.public_key));
    }
    std::cout << "\nstop with Ctrl-C" << std::endl;
}

Awaitable<void> drain_provider(net::HttpServer& server, bool& is_drained) {
    co_await server.drain(provider_drain_limit);
    is_drained = true;
}

}  // namespace

int run_beckn_serve_bpp(const BecknServeBppCommand& command) {
    if (command.prints_catalogue) {
        std::cout << sim::built_in_provider_list();
        return 0;
    }
    ProviderHouseOptions options = command.house;
    options.wire = beckn::parse_wire_version(command.dialect).value_or(beckn::WireVersion::v11);
    options.ttl = seconds{command.ttl_s};
    options.quote_ttl = seconds{command.quote_ttl_s};
    for (const std::string& text : command.buyers) {
        Result<sim::KnownBuyer> buyer = parse_buyer(text);
        if (!buyer) {
            return complain("beckn serve-bpp", buyer.error());
        }
        options.buyers.push_back(std::move(*buyer));
    }
    for (const std::string& text : command.gateways) {
        Result<sim::KnownBuyer> gateway = parse_buyer(text);
        if (!gateway) {
            return complain("beckn serve-bpp", gateway.error());
        }
        options.gateways.push_back(std::move(*gateway));
    }
    std::vector<agents::CatalogService> services;
    for (const std::string& text : command.services) {
        Result<agents::CatalogService> service = parse_service(text, options.wire);
        if (!service) {
            return complain("beckn serve-bpp", service.error());
        }
        services.push_back(std::move(*service));
    }
    if (command.dies_in_a_crash) {
        options.crash = [] { static_cast<void>(std::raise(SIGKILL)); };
    }
    if (options.is_open) {
        std::cerr << "signatures are not looked at: whoever reaches this port can order\n";
    } else if (options.buyers.empty()) {
        std::cerr << "no buyer is known, so every message will be refused; name one with --buyer\n";
    }
    const RunFolder folder(options.data_dir);
    options.data_dir = folder.path();
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    Result<std::unique_ptr<ProviderHouse>> opened = ProviderHouse::open(context, std::move(options));
    if (!opened) {
        return complain("beckn serve-bpp", opened.error());
    }
    ProviderHouse* const house = opened->release();
    net::HttpServer& server = *new net::HttpServer(context);
    house->mount(server, bpp_prefix);
    const Result<void> bound = server.listen(command.host, command.port);
    if (!bound) {
        return complain("beckn serve-bpp", bound.error());
    }
    const std::string url = fmt::format("http://{}:{}{}", command.host, server.port(), bpp_prefix);
    house->providers().set_base_url(url);
    announce_provider(*house, house->providers().addresses(), url, command.is_json);
    house->publish(services);
    while (!is_asked_to_stop) {
        context.run_one_for(std::chrono::milliseconds{200});
    }
    bool is_drained = false;
    spawn(context.get_executor(), drain_provider(server, is_drained));
    while (!is_drained) {
        context.run_one_for(std::chrono::milliseconds{50});
    }
    return 0;
}

}  // namespace headroom::app
