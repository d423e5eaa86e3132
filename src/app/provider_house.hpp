#pragma once

#include "agents/catalog_publisher.hpp"
#include "beckn/wire_version.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"
#include "sim/provider.hpp"
#include "sim/provider_file.hpp"
#include "sim/world.hpp"
#include "store/ahead_file.hpp"
#include "store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {

/// Bytes of a file about providers, at most: a catalogue, or its faults.
inline constexpr std::size_t provider_file_bytes_max = 16UL << 20U;

struct ProviderHouseOptions {
    std::filesystem::path data_dir;        ///< order book; made when it is not there
    std::string catalogue;                 ///< a file; "sim": of a simulated world; empty: the built-in one
    std::filesystem::path faults;          ///< a fault file; may be empty
    std::vector<std::string> fault_rules;  ///< "drop=0.2", on top of the file's
    std::uint64_t seed = 7;
    bool has_seed = false;  ///< given by hand, so that a fault file's seed does not count
    beckn::WireVersion wire = beckn::WireVersion::v11;
    std::vector<sim::KnownBuyer> buyers;
    std::vector<sim::KnownBuyer> gateways;
    bool is_open = false;
    std::string public_url;
    std::vector<std::pair<std::string, std::string>> reach;
    milliseconds ttl = seconds{30};
    milliseconds quote_ttl = minutes{5};
    std::vector<std::string> allow_private{"127.0.0.1:*", "localhost:*", "[::1]:*"};
    std::function<void()> crash;
    DomainClock* clock = nullptr;  ///< the system's when null
};

/// "subscriber|key id|public key in base64", and behind another bar where its callbacks may go.
/// Errors: `invalid` naming the part.
[[nodiscard]] Result<sim::KnownBuyer> parse_buyer(const std::string& text);

/// The same with the address at the end: a discovery service, spoken to in 2.0.0-rc1 where `wire` is that,
/// else in 2.0.0. Errors: `invalid` naming the part.
[[nodiscard]] Result<agents::CatalogService> parse_service(const std::string& text, beckn::WireVersion wire);

/// Simulated providers with everything that they need: catalogue, faults, order book, a way out.
class ProviderHouse {
  public:
    /// Errors: those of the files, naming line and key; `unavailable` for a folder that cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<ProviderHouse>> open(asio::io_context& context,
                                                                     ProviderHouseOptions options);
    ~ProviderHouse();
    ProviderHouse(const ProviderHouse&) = delete;
    ProviderHouse& operator=(const ProviderHouse&) = delete;

    [[nodiscard]] sim::ProviderSim& providers() { return *providers_; }
    /// Serves the providers, and POST {prefix}/{provider}/catalog/on_publish. Before the server listens.
    void mount(net::HttpServer& server, const std::string& prefix);
    /// Once the providers know their address: publishes their catalogues to these services, and again
    /// whenever they change. Once.
    void publish(const std::vector<agents::CatalogService>& services);
    /// Every catalogue's newest publication has been answered.
    [[nodiscard]] bool is_published() const;
    [[nodiscard]] const std::string& title() const { return title_; }
    [[nodiscard]] std::uint64_t seed() const { return options_.seed; }
    [[nodiscard]] bool idle() const { return providers_->idle() && http_->idle(); }

  private:
    explicit ProviderHouse(ProviderHouseOptions options) : options_(std::move(options)) {}
    Result<void> open_book();
    Result<void> open_providers(asio::io_context& context);
    /// One provider's catalogue at one service.
    struct Publication {
        std::string provider;
        std::unique_ptr<agents::CatalogPublisher> publisher;
    };
    Awaitable<net::Response> on_published(net::Request request);

    asio::any_io_executor executor_;
    ProviderHouseOptions options_;
    std::string title_;
    std::unique_ptr<WallClock> wall_;
    std::unique_ptr<DomainClock> clock_;
    InFlight in_flight_;
    std::shared_ptr<sim::World> world_;
    std::unique_ptr<store::Records> records_;
    std::unique_ptr<store::AheadFile> ahead_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<sim::ProviderSim> providers_;
    std::vector<Publication> publications_;
};

}  // namespace headroom::app
