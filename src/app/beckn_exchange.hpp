#pragma once

#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/signature_verify.hpp"
#include "core/async.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::app {

/// The other side of an exchange.
struct Correspondent {
    std::string subscriber_id;
    std::string key_id;
    Ed25519PublicKey public_key{};
    std::string url;         ///< where requests are posted, behind it the action
    std::string public_url;  ///< what bpp_uri says; empty: `url`
};

/// Our own side.
struct ExchangeOptions {
    std::string subscriber_id = "headroom.example";
    std::string key_id;
    Ed25519KeyPair key;
    beckn::WireVersion wire = beckn::WireVersion::v11;
    std::string domain = "deg:flexibility";
    std::string public_url;  ///< what bap_uri says; empty: the listener's address
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  ///< of the listener for callbacks; 0 takes a free one
    milliseconds ttl = seconds{30};
    milliseconds wait = seconds{10};  ///< for a callback
    std::vector<std::string> allow_private{"127.0.0.1:*", "localhost:*", "[::1]:*"};
};

/// A callback as it came.
struct ReceivedCallback {
    beckn::Envelope envelope;
    std::string raw;
    std::string trust_fault;  ///< why its signature is not believed; empty when it is
};

/// What became of one request.
struct ExchangeResult {
    beckn::Ack ack;
    std::vector<ReceivedCallback> callbacks;  ///< several only where telemetry comes in pages
    std::string request;                      ///< its bytes
};

/// One buyer's requests, each with its callbacks, over real sockets and without any memory: for the command
/// line and for captures. Control rooms use agents::Market.
class BecknExchange {
  public:
    BecknExchange(asio::io_context& context, ExchangeOptions options);
    BecknExchange(const BecknExchange&) = delete;
    BecknExchange& operator=(const BecknExchange&) = delete;

    /// Opens the listener for callbacks. Errors: as `HttpServer::listen`.
    [[nodiscard]] Result<void> listen();
    /// Where callbacks arrive: "http://127.0.0.1:41234/beckn".
    [[nodiscard]] const std::string& address() const { return address_; }

    /// Sends one signed request and waits for what answers it. A NACK and a missing callback are results.
    /// Errors: `unavailable` when the other side cannot be reached, `invalid` for a body that the dialect has
    /// no words for.
    Awaitable<Result<ExchangeResult>> ask(Correspondent peer, beckn::Action action, beckn::Body body,
                                          std::string transaction, std::string message_id);

    /// Every message of both sides in the order in which it crossed the wire, as lines of evidence.
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  private:
    /// A request that is out.
    struct Open {
        Correspondent peer;
        std::string authorization;
        std::vector<ReceivedCallback> callbacks;
        std::unique_ptr<asio::steady_timer> wake;
    };
    Awaitable<net::Response> take(net::Request request);
    [[nodiscard]] static beckn::KeyFinder keys_of(const Correspondent& peer);
    [[nodiscard]] std::string trust_fault_of(const Open& open, const beckn::Envelope& envelope,
                                             const net::Request& request) const;
    /// A peer that answers at once puts the callback into its synchronous answer.
    void take_at_once(Open& open, const std::string& message_id, const net::ClientResponse& response);
    Awaitable<void> wait_for_callbacks(std::string message_id);
    void keep(std::string_view action, const std::string& raw, const std::string& authorization,
              const Ed25519PublicKey& key, const std::string& request_authorization);

    asio::io_context& context_;
    ExchangeOptions options_;
    beckn::Signer signer_;
    beckn::SignatureRules rules_;
    std::unique_ptr<WallClock> wall_;
    net::HttpClient http_;
    net::HttpServer server_;
    std::string address_;
    std::map<std::string, Open> open_;  // by message id
    std::vector<std::string> lines_;
};

/// The profile by which a dialect is signed where nothing else was agreed.
[[nodiscard]] beckn::SignatureRules usual_rules(beckn::WireVersion version);

/// Runs the context until `work` is done.
template <class T>
T run_here(asio::io_context& context, Awaitable<T> work) {
    std::optional<T> result;
    auto into = [&result](Awaitable<T> inner) -> Awaitable<void> { result = co_await std::move(inner); };
    spawn(context.get_executor(), into(std::move(work)));
    while (!result) {
        if (context.stopped()) {
            context.restart();
        }
        context.run_one_for(std::chrono::milliseconds{100});
    }
    return std::move(*result);
}

}  // namespace headroom::app
