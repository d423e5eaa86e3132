#pragma once

#include "beckn/key_hosts.hpp"
#include "beckn/key_record.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

struct SearchGatewayOptions {
    milliseconds skew = seconds{5};
    milliseconds ttl = seconds{30};     ///< of searches that name none
    std::int64_t sends_max = 3;         ///< to one provider: first send and resends of the same bytes
    milliseconds resend_backoff{200};   ///< before the first resend, then doubled
    std::size_t providers_max = 1000;   ///< of one search
    std::size_t sends_open_max = 2000;  ///< over all searches; beyond, a search is told to come again
};

/// The gateway (BG) of a 1.x network: a search of a registered buyer goes on to every provider that is
/// registered for its domain, byte for byte, under the buyer's own signature and, beside it, the gateway's in
/// X-Gateway-Authorization. Providers answer the buyer themselves. The same bytes again have no effect.
/// One io_context thread.
///
/// Source: BECKN-006; docs/formats/beckn-trust.md.
class SearchGateway {
  public:
    /// The providers that are registered for a domain now.
    using Directory = std::function<std::vector<beckn::PublishedKey>(std::string_view domain)>;
    struct Parts {
        asio::any_io_executor executor;
        WallClock& wall;
        net::HttpClient& http;
        beckn::Signer signer;   ///< signs what is handed on
        beckn::KeyFinder keys;  ///< of buyers
        Directory providers;
    };
    explicit SearchGateway(Parts parts, SearchGatewayOptions options = {});
    ~SearchGateway();
    SearchGateway(const SearchGateway&) = delete;
    SearchGateway& operator=(const SearchGateway&) = delete;

    /// Serves POST {prefix}/search. Before the server listens.
    void mount(net::HttpServer& server, const std::string& prefix = "");
    Awaitable<net::Response> on_search(net::Request request);
    /// Sends that have not ended.
    [[nodiscard]] std::size_t open() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
