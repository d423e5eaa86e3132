#pragma once

#include "beckn/key_exchange.hpp"
#include "beckn/key_hosts.hpp"
#include "beckn/registry_book.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// So long the signature of a question to a registry, or of its challenge, is good.
inline constexpr milliseconds registry_signature_lasts = seconds{30};

struct KeyRegistryOptions {
    /// Who may be called with a challenge: "host:port" or "host:*". A subscription names an address of its
    /// owner's choice, so the list decides and not the request.
    std::vector<std::string> allow;
    bool needs_signed_lookups = false;  ///< else anybody may ask for public keys
    milliseconds skew = seconds{5};
    beckn::RegistryRules rules = {};
};

/// The registry of a network: POST /lookup, and POST /subscribe with a challenge to the subscriber's
/// /on_subscribe. With it a network runs without the internet. One io_context thread.
class KeyRegistry {
  public:
    struct Parts {
        asio::any_io_executor executor;
        WallClock& wall;
        net::HttpClient& http;
        beckn::Signer signer;             ///< signs challenges
        beckn::X25519KeyPair encryption;  ///< encrypts them
    };
    KeyRegistry(Parts parts, KeyRegistryOptions options, std::vector<beckn::PublishedKey> known = {});
    ~KeyRegistry();
    KeyRegistry(const KeyRegistry&) = delete;
    KeyRegistry& operator=(const KeyRegistry&) = delete;

    /// Serves POST {prefix}/lookup and POST {prefix}/subscribe. Before the server listens.
    void mount(net::HttpServer& server, const std::string& prefix = "");
    /// Called with all subscriptions each time one was made or changed.
    void on_change(std::function<void(const std::vector<beckn::PublishedKey>&)> action);
    /// Its own keys, as /lookup tells them too.
    [[nodiscard]] beckn::PublishedKey self() const;
    /// Lists a key without a challenge: one that this process has itself.
    void list(beckn::PublishedKey key);
    /// The keys of its participants, for as long as it lives.
    [[nodiscard]] beckn::KeyFinder keys() const;
    /// Who sells under a domain, as /lookup says it, subscribed now.
    [[nodiscard]] std::vector<beckn::PublishedKey> providers(std::string_view domain) const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// A participant's side: asks a registry to list its key, and answers the challenge.
class KeySubscriber {
  public:
    struct Parts {
        WallClock& wall;
        net::HttpClient& http;
        beckn::Signer signer;             ///< the key to be listed, or one that is listed already
        beckn::X25519KeyPair encryption;  ///< reads the challenge
    };
    /// `registry`: its keys, from a place that is trusted; only what it signed is decrypted.
    KeySubscriber(Parts parts, std::string registry_url, beckn::PublishedKey registry);

    /// The registry's keys as it tells them itself. For networks where its address is trusted.
    [[nodiscard]] static Awaitable<Result<beckn::PublishedKey>> ask_registry(net::HttpClient& http,
                                                                             std::string registry_url);

    /// Sends POST /subscribe. Errors: `denied`, `invalid` as the registry says; those of the client.
    Awaitable<Result<void>> subscribe(beckn::PublishedKey self, std::string nonce);
    /// Serves POST …/on_subscribe: {challenge} → {answer}.
    Awaitable<net::Response> on_subscribe(net::Request request);
    /// What the registry says of a key now. Errors: `not_found`.
    Awaitable<Result<beckn::PublishedKey>> look_up(beckn::KeyId id);

  private:
    Parts parts_;
    std::string registry_url_;
    beckn::PublishedKey registry_;
};

}  // namespace headroom::agents
