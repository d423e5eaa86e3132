#include "agents/key_registry.hpp"
#include "app/complaint.hpp"
#include "app/run_beckn_registry.hpp"
#include "audit/key_file.hpp"
#include "beckn/registry_message.hpp"
#include "net/url.hpp"

#include <iostream>
#include <optional>
#include <utility>

namespace headroom::app {
namespace {

constexpr milliseconds subscribe_patience = seconds{15};
constexpr milliseconds pause_length{100};

Result<beckn::Signer> signer_from_file(const std::string& subscriber, const std::filesystem::path& file,
                                       const std::string& key_id) {
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(file);
    if (!key) {
        return key.error();
    }
    return beckn::Signer{subscriber, key_id.empty() ? beckn::key_name_of(key->public_key()) : key_id, *key};
}

/// What one run needs; outlives its coroutine.
struct Subscription {
    const BecknSubscribeCommand& command;
    beckn::Signer signer;
    beckn::PublishedKey self;
    beckn::X25519KeyPair encryption;
    net::HttpClient& http;
    WallClock& wall;
    std::optional<agents::KeySubscriber> subscriber = {};
    std::optional<Result<beckn::PublishedKey>> outcome = {};
};

Awaitable<Result<beckn::PublishedKey>> subscribe(Subscription& run) {
    Result<beckn::PublishedKey> registry =
        co_await agents::KeySubscriber::ask_registry(run.http, run.command.registry);
    if (!registry) {
        co_return registry.error();
    }
    if (!run.command.registry_key.empty() && to_base64(registry->signing) != run.command.registry_key) {
        co_return Error{Errc::denied, "the registry's key is not the one that was given", ""};
    }
    run.subscriber.emplace(agents::KeySubscriber::Parts{run.wall, run.http, run.signer, run.encryption},
                           run.command.registry, std::move(*registry));
    beckn::PublishedKey self = run.self;
    std::string nonce = to_hex(sha256(random_bytes(32))).substr(0, 32);
    const Result<void> asked = co_await run.subscriber->subscribe(std::move(self), std::move(nonce));
    if (!asked) {
        co_return asked.error();
    }
    const SteadyTime deadline = steady_now() + subscribe_patience;
    while (steady_now() < deadline) {
        beckn::KeyId id{run.self.subscriber, run.self.key, "ed25519"};
        Result<beckn::PublishedKey> found = co_await run.subscriber->look_up(std::move(id));
        if (found && found->signing == run.self.signing) {
            co_return found;
        }
        asio::steady_timer timer(co_await asio::this_coro::executor, pause_length);
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
    }
    co_return Error{
        Errc::timeout,
        "the registry did not list the key within 15 s: it must reach " + run.self.url + "/on_subscribe", ""};
}

}  // namespace

int run_beckn_subscribe(const BecknSubscribeCommand& command) {
    const Result<net::Url> url = net::parse_url(command.url);
    const Result<net::Url> registry = net::parse_url(command.registry);
    if (!url || !registry) {
        return complain("beckn subscribe", url ? registry.error() : url.error());
    }
    const Result<beckn::Signer> own = signer_from_file(command.subscriber, command.key_file, command.key_id);
    std::filesystem::path encryption_file = command.key_file;
    encryption_file += ".x25519";
    const Result<Ed25519KeyPair> secret = audit::load_or_create_key(encryption_file);
    if (!own || !secret) {
        return complain("beckn subscribe", own ? secret.error() : own.error());
    }
    const Result<beckn::Signer> signer =
        command.signed_by.empty()
            ? own
            : signer_from_file(command.subscriber, command.signed_by, command.signed_by_id);
    if (!signer) {
        return complain("beckn subscribe", signer.error());
    }
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    net::HttpClient http(context.get_executor(),
                         net::ClientSettings{.allow_private = {registry->authority()}});
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    const beckn::X25519KeyPair encryption = beckn::X25519KeyPair::from_secret(secret->seed()).value();
    Subscription run{.command = command,
                     .signer = *signer,
                     .self = {.subscriber = command.subscriber,
                              .key = own->key_id,
                              .signing = own->key.public_key(),
                              .encryption = encryption.public_key(),
                              .url = command.url,
                              .type = beckn::parse_participant_type(command.type),
                              .domain = command.domain},
                     .encryption = encryption,
                     .http = http,
                     .wall = *wall};
    net::HttpServer server(context);
    if (!command.is_elsewhere) {
        server.route("POST", (url->path == "/" ? std::string() : url->path) + "/on_subscribe",
                     [&run](net::Request request) -> Awaitable<net::Response> {
                         if (!run.subscriber) {
                             co_return net::problem(503, "Service Unavailable", "nothing was asked for");
                         }
                         co_return co_await run.subscriber->on_subscribe(std::move(request));
                     });
        if (const Result<void> bound =
                server.listen(url->host == "localhost" ? "127.0.0.1" : url->host, url->port);
            !bound) {
            return complain("beckn subscribe", bound.error());
        }
    }
    struct Running {
        static Awaitable<void> keep(Subscription& run) {
            Result<beckn::PublishedKey> outcome = co_await subscribe(run);
            run.outcome.emplace(std::move(outcome));
        }
    };
    spawn(context.get_executor(), Running::keep(run));
    while (!run.outcome) {
        context.run_one();
    }
    if (!*run.outcome) {
        return complain("beckn subscribe", run.outcome->error());
    }
    const json::Object shown = beckn::to_json(**run.outcome);
    std::cout << (command.is_json ? json::write(shown)
                                  : command.subscriber + " is subscribed with key " + run.self.key)
              << "\n";
    return 0;
}

}  // namespace headroom::app
