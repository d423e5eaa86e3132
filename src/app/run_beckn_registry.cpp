#include "app/run_beckn_registry.hpp"

#include "agents/key_registry.hpp"
#include "agents/search_gateway.hpp"
#include "app/commands.hpp"
#include "audit/files.hpp"
#include "audit/key_file.hpp"
#include "beckn/registry_message.hpp"
#include "core/log.hpp"

#include <boost/asio/signal_set.hpp>

#include <fcntl.h>

#include <csignal>
#include <iostream>
#include <optional>
#include <system_error>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::uint64_t book_max = 16UL << 20U;
constexpr milliseconds drain_limit = seconds{2};

int complain(const Error& error) {
    std::cerr << "headroom beckn registry: " << error.message << "\n";
    return exit_code_of(error);
}

Result<std::vector<beckn::PublishedKey>> load_book(const std::filesystem::path& path) {
    const Result<std::string> text = audit::read_file(path, book_max);
    if (!text) {
        return text.error().code == Errc::not_found
                   ? Result<std::vector<beckn::PublishedKey>>(std::vector<beckn::PublishedKey>{})
                   : text.error();
    }
    return beckn::read_subscriptions(*text);
}

/// A whole new file takes the place of the old one.
Result<void> save_book(const std::filesystem::path& path, const std::vector<beckn::PublishedKey>& keys) {
    json::Array list;
    for (const beckn::PublishedKey& key : keys) {
        list.push_back(beckn::to_json(key));
    }
    const std::string text = json::write_pretty(std::move(list));
    std::filesystem::path temporary = path;
    temporary += ".tmp";
    const Result<audit::File> file = audit::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (!file) {
        return file.error();
    }
    int error = audit::write_all(audit::system_files(), file->descriptor(), text, 0);
    error = error == 0 ? audit::system_files().sync(file->descriptor()) : error;
    error = error == 0 ? audit::system_files().rename(temporary, path) : error;
    return error == 0 ? Result<void>{} : audit::file_error("keeping", path, error);
}

/// The gateway beside the registry, with a key of its own in the same folder.
Result<std::unique_ptr<agents::SearchGateway>> open_gateway(const BecknRegistryCommand& command,
                                                            const agents::KeyRegistry& registry,
                                                            const asio::any_io_executor& executor,
                                                            WallClock& wall, net::HttpClient& http,
                                                            beckn::PublishedKey& listed) {
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(command.data_dir / "gateway.key");
    if (!key) {
        return key.error();
    }
    listed.subscriber = command.gateway;
    listed.key = beckn::key_name_of(key->public_key());
    listed.signing = key->public_key();
    listed.type = beckn::ParticipantType::gateway;
    listed.domain = command.domain;
    return std::make_unique<agents::SearchGateway>(agents::SearchGateway::Parts{
        .executor = executor,
        .wall = wall,
        .http = http,
        .signer = {listed.subscriber, listed.key, *key},
        .keys = registry.keys(),
        .providers = [&registry](std::string_view domain) { return registry.providers(domain); }});
}

json::Object announcement(const agents::KeyRegistry& registry, const beckn::PublishedKey& gateway,
                          const std::string& url) {
    json::Object shown = beckn::to_json(registry.self());
    shown.set("url", url);
    if (!gateway.subscriber.empty()) {
        shown.set("gateway", beckn::to_json(gateway));
    }
    return shown;
}

void announce(const json::Value& shown, bool is_json) {
    if (is_json) {
        std::cout << json::write(shown) << std::endl;
        return;
    }
    const std::string url = shown.text("/url");
    std::cout << "registry         " << url << "\nkey              " << shown.text("/signing_public_key")
              << "\nencryption key   " << shown.text("/encr_public_key");
    if (shown.get("gateway") != nullptr) {
        std::cout << "\ngateway          " << shown.text("/gateway/subscriber_id") << " at "
                  << shown.text("/gateway/url") << "\nits key          "
                  << shown.text("/gateway/signing_public_key");
    }
    std::cout << "\nsubscribe with   headroom beckn subscribe --registry " << url << " …" << std::endl;
}

}  // namespace

int run_beckn_registry(const BecknRegistryCommand& command) {
    const Result<Ed25519KeyPair> signing = audit::load_or_create_key(command.data_dir / "registry.key");
    const Result<Ed25519KeyPair> secret = audit::load_or_create_key(command.data_dir / "registry.key.x25519");
    if (!signing || !secret) {
        return complain(signing ? secret.error() : signing.error());
    }
    const std::filesystem::path book_file = command.data_dir / "registry.json";
    Result<std::vector<beckn::PublishedKey>> known = load_book(book_file);
    if (!known) {
        return complain(known.error());
    }
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    const std::vector<std::string> allow =
        command.allow.empty() ? std::vector<std::string>{"127.0.0.1:*", "localhost:*"} : command.allow;
    net::HttpClient http(context.get_executor(), net::ClientSettings{.allow_private = allow});
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    agents::KeyRegistry registry(
        {.executor = context.get_executor(),
         .wall = *wall,
         .http = http,
         .signer = {command.subscriber, beckn::key_name_of(signing->public_key()), *signing},
         .encryption = beckn::X25519KeyPair::from_secret(secret->seed()).value()},
        {.allow = allow, .needs_signed_lookups = command.needs_signed_lookups}, std::move(*known));
    registry.on_change([&book_file](const std::vector<beckn::PublishedKey>& keys) {
        if (const Result<void> saved = save_book(book_file, keys); !saved) {
            log::error("the registry's book could not be kept", {{"reason", saved.error().message}});
        }
    });
    net::HttpServer server(context);
    registry.mount(server);
    std::unique_ptr<agents::SearchGateway> gateway;
    beckn::PublishedKey gateway_key;
    if (!command.gateway.empty()) {
        auto opened = open_gateway(command, registry, context.get_executor(), *wall, http, gateway_key);
        if (!opened) {
            return complain(opened.error());
        }
        gateway = std::move(*opened);
        gateway->mount(server);
    }
    if (const Result<void> bound = server.listen(command.host, command.port); !bound) {
        return complain(bound.error());
    }
    const std::string url = "http://" + command.host + ":" + std::to_string(server.port());
    if (gateway) {
        gateway_key.url = url;
        registry.list(gateway_key);
    }
    announce(json::Value(announcement(registry, gateway_key, url)), command.is_json);
    while (!is_asked_to_stop) {
        context.run_one();
    }
    bool is_drained = false;
    struct Ending {
        static Awaitable<void> run(net::HttpServer& server, bool& is_drained) {
            co_await server.drain(drain_limit);
            is_drained = true;
        }
    };
    spawn(context.get_executor(), Ending::run(server, is_drained));
    while (!is_drained) {
        context.run_one();
    }
    return 0;
}

}  // namespace headroom::app
