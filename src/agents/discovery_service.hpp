#pragma once

#include "beckn/capture.hpp"
#include "beckn/catalog_book.hpp"
#include "beckn/signature_verify.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

struct DiscoveryServiceOptions {
    milliseconds skew = seconds{5};
    milliseconds ttl = seconds{30};        ///< of our messages, and of theirs that name none
    std::int64_t sends_max = 3;            ///< of one callback: first send and resends of the same bytes
    milliseconds resend_backoff{200};      ///< before the first resend, then doubled
    std::size_t callbacks_open_max = 500;  ///< beyond, who asks is told to come again
    std::size_t publish_max = 2UL << 20U;  ///< bytes of a publication
    std::size_t discover_max = 64UL * 1024;
    /// Of one on_discover; the cheapest items that fit. Most participants read a mebibyte.
    std::size_t answer_max = 900UL * 1024;
    std::size_t items_max = 1000;
    beckn::CatalogRules catalogs = {};
};

/// The discovery (catalogue) service of a 2.0 network, in both of its dialects: providers publish their
/// catalogues to it, buyers and sellers discover by it, and nobody has to know anybody beforehand. Takes
/// messages of registered participants only, whose callbacks go to the address they are registered at. The
/// same bytes again have no effect. What was published lives in memory. One io_context thread.
///
/// Source: docs/formats/beckn-discovery.md.
class DiscoveryService {
  public:
    struct Parts {
        asio::any_io_executor executor;
        WallClock& wall;
        net::HttpClient& http;
        beckn::Signer signer;   ///< its own name and key
        beckn::KeyFinder keys;  ///< of participants, with their addresses
        /// Told of every message that was taken or sent.
        std::function<void(const beckn::CapturedMessage&)> evidence = {};
    };
    explicit DiscoveryService(Parts parts, DiscoveryServiceOptions options = {});
    ~DiscoveryService();
    DiscoveryService(const DiscoveryService&) = delete;
    DiscoveryService& operator=(const DiscoveryService&) = delete;

    /// Serves POST {prefix}/catalog/publish and POST and GET {prefix}/discover, and the same below
    /// {prefix}/beckn, where 2.0.0-rc1 has them. Before the server listens.
    void mount(net::HttpServer& server, const std::string& prefix = "");
    /// Our own address, as messages name it. Before the first request.
    void set_url(std::string url);
    /// Callbacks to addresses that begin with the first go to the second: a network of one machine whose
    /// messages name public addresses. Before the first request.
    void set_reach(std::vector<std::pair<std::string, std::string>> reach);
    Awaitable<net::Response> handle(beckn::Action action, net::Request request);

    [[nodiscard]] const beckn::CatalogBook& book() const;
    /// Callbacks that have not been taken or given up.
    [[nodiscard]] std::size_t open() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
