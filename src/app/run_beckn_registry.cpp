#include "app/run_beckn_registry.hpp"

#include "agents/discovery_service.hpp"
#include "agents/key_registry.hpp"
#include "agents/search_gateway.hpp"
#include "app/complaint.hpp"
#include "audit/files.hpp"
#include "audit/key_file.hpp"
#include "beckn/registry_message.hpp"
#include "core/log.hpp"

#include <boost/asio/signal_set.hpp>

#include <fcntl.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <system_error>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::uint64_t book_max = 16UL << 20U;
constexpr milliseconds registry_drain_limit = seconds{2};

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

/// What stands beside the registry in the same process, with a key of its own in the same folder.
Result<beckn::Signer> open_signer(const BecknRegistryCommand& command, const std::string& subscriber,
                                  const char* key_file) {
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(command.data_dir / key_file);
    if (!key) {
        return key.error();
    }
    return beckn::Signer{subscriber, beckn::key_name_of(key->public_key()), *key};
}

beckn::PublishedKey listed_as(const beckn::Signer& signer, beckn::ParticipantType type,
                              const std::string& domain) {
    beckn::PublishedKey listed{.subscriber = signer.subscriber, .key = signer.key_id};
    listed.signing = signer.key.public_key();
    listed.type = type;
    listed.domain = domain;
    return listed;
}

/// Names that cannot be told apart would be answered with the wrong key.
Result<void> check_names(const BecknRegistryCommand& command) {
    const auto same = [](const char* a, const char* b) {
        return Error{Errc::invalid, std::string(a) + " and " + b + " must not be the same id", ""};
    };
    if (command.gateway == command.subscriber) {
        return same("--gateway", "--subscriber");
    }
    if (command.discovery == command.subscriber) {
        return same("--discovery", "--subscriber");
    }
    if (!command.gateway.empty() && command.gateway == command.discovery) {
        return same("--gateway", "--discovery");
    }
    return {};
}

/// A line for each message of the discovery service, at the end of a file; nothing where none is named.
Result<std::function<void(const beckn::CapturedMessage&)>> capture_to(const std::filesystem::path& path) {
    std::function<void(const beckn::CapturedMessage&)> write;
    if (path.empty()) {
        return write;
    }
    const auto file = std::make_shared<std::ofstream>(path, std::ios::binary | std::ios::app);
    if (!*file) {
        return Error{Errc::unavailable, "--capture " + path.string() + " cannot be written", ""};
    }
    write = [file](const beckn::CapturedMessage& message) {
        *file << beckn::capture_line(message) << std::endl;
    };
    return write;
}

/// What stands beside the registry, and how it is listed there, by its word in the announcement.
struct Beside {
    std::unique_ptr<agents::SearchGateway> gateway;
    std::unique_ptr<agents::DiscoveryService> discovery;
    std::vector<std::pair<std::string, beckn::PublishedKey>> listed;
};

Result<Beside> open_beside(const BecknRegistryCommand& command, const agents::KeyRegistry& registry,
                           const asio::any_io_executor& executor, WallClock& wall, net::HttpClient& http) {
    Beside beside;
    if (!command.gateway.empty()) {
        const Result<beckn::Signer> signer = open_signer(command, command.gateway, "gateway.key");
        if (!signer) {
            return signer.error();
        }
        beside.listed.push_back(
            {"gateway", listed_as(*signer, beckn::ParticipantType::gateway, command.domain)});
        beside.gateway = std::make_unique<agents::SearchGateway>(agents::SearchGateway::Parts{
            .executor = executor,
            .wall = wall,
            .http = http,
            .signer = *signer,
            .keys = registry.keys(),
            .providers = [&registry](std::string_view domain) { return registry.providers(domain); }});
    }
    if (!command.discovery.empty()) {
        const Result<beckn::Signer> signer = open_signer(command, command.discovery, "discovery.key");
        auto evidence = capture_to(command.capture);
        if (!signer || !evidence) {
            return signer ? evidence.error() : signer.error();
        }
        // The registries of 1.x have no word for what it is.
        beside.listed.push_back({"discovery", listed_as(*signer, beckn::ParticipantType::unknown, {})});
        beside.discovery = std::make_unique<agents::DiscoveryService>(
            agents::DiscoveryService::Parts{.executor = executor,
                                            .wall = wall,
                                            .http = http,
                                            .signer = *signer,
                                            .keys = registry.keys(),
                                            .evidence = std::move(*evidence)});
    }
    return beside;
}

json::Object announcement(const agents::KeyRegistry& registry,
                          const std::vector<std::pair<std::string, beckn::PublishedKey>>& beside,
                          const std::string& url) {
    json::Object shown = beckn::to_json(registry.self());
    shown.set("url", url);
    for (const auto& [what, listed] : beside) {
        shown.set(what, beckn::to_json(listed));
    }
    return shown;
}

void announce_registry(const json::Value& shown, bool is_json) {
    if (is_json) {
        std::cout << json::write(shown) << std::endl;
        return;
    }
    const std::string url = shown.text("/url");
    std::cout << "registry         " << url << "\nkey              " << shown.text("/signing_public_key")
              << "\nencryption key   " << shown.text("/encr_public_key");
    for (const auto& [what, label] :
         {std::pair("/gateway", "gateway          "), std::pair("/discovery", "discovery        ")}) {
        const std::string at = what;
        if (shown.at(at) != nullptr) {
            std::cout << "\n"
                      << label << shown.text(at + "/subscriber_id") << " at " << shown.text(at + "/url")
                      << "\nits key          " << shown.text(at + "/key_id") << " "
                      << shown.text(at + "/signing_public_key");
        }
    }
    std::cout << "\nsubscribe with   headroom beckn subscribe --registry " << url << " …" << std::endl;
}

}  // namespace

int run_beckn_registry(const BecknRegistryCommand& command) {
    if (const Result<void> names = check_names(command); !names) {
        return complain("beckn registry", names.error());
    }
    const Result<Ed25519KeyPair> signing = audit::load_or_create_key(command.data_dir / "registry.key");
    const Result<Ed25519KeyPair> secret = audit::load_or_create_key(command.data_dir / "registry.key.x25519");
    if (!signing || !secret) {
        return complain("beckn registry", signing ? secret.error() : signing.error());
    }
    const std::filesystem::path book_file = command.data_dir / "registry.json";
    Result<std::vector<beckn::PublishedKey>> known = load_book(book_file);
    if (!known) {
        return complain("beckn registry", known.error());
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
    Result<Beside> opened = open_beside(command, registry, context.get_executor(), *wall, http);
    if (!opened) {
        return complain("beckn registry", opened.error());
    }
    Beside& beside = *opened;
    if (beside.gateway) {
        beside.gateway->mount(server);
    }
    if (beside.discovery) {
        beside.discovery->mount(server);
    }
    if (const Result<void> bound = server.listen(command.host, command.port); !bound) {
        return complain("beckn registry", bound.error());
    }
    const std::string url = "http://" + command.host + ":" + std::to_string(server.port());
    if (beside.discovery) {
        beside.discovery->set_url(url);
    }
    for (auto& [what, listed] : beside.listed) {
        listed.url = url;
        registry.list(listed);
    }
    announce_registry(json::Value(announcement(registry, beside.listed, url)), command.is_json);
    while (!is_asked_to_stop) {
        context.run_one();
    }
    bool is_drained = false;
    struct Ending {
        static Awaitable<void> run(net::HttpServer& server, bool& is_drained) {
            co_await server.drain(registry_drain_limit);
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
