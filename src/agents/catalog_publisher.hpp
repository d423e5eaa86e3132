#pragma once

#include "agents/key_resolver.hpp"
#include "agents/message_record.hpp"
#include "beckn/envelope.hpp"
#include "beckn/key_record.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {

/// The discovery service that is published to.
struct CatalogService {
    std::string subscriber_id;
    std::string url;                        ///< base: POST {url}/catalog/publish
    std::vector<beckn::PublishedKey> keys;  ///< that are known of it; others come from `KeyResolver`
    std::string public_url = {};            ///< what messages call it, where that is not `url`
    beckn::WireVersion wire = beckn::WireVersion::v2_lts;
    beckn::SignatureRules signature = beckn::rules_of(beckn::SignatureProfile::nfh004);
};

struct CatalogPublisherOptions {
    std::string url;     ///< our bpp_uri: results come to POST {url}/catalog/on_publish
    std::string domain;  ///< may be empty
    milliseconds ttl{seconds{30}};
    milliseconds skew{seconds{5}};
    /// Domain time: what did not change is told anew, because services forget. A catalog that names no end is
    /// good for three times as long, so that it does not outlive its publisher by much.
    milliseconds again{minutes{5}};
    milliseconds after_failure{seconds{30}};  ///< domain time until the next try
    std::int64_t sends_max = 3;
    milliseconds resend_backoff{milliseconds{100}};  ///< steady time
    milliseconds send_deadline{seconds{5}};
    std::size_t body_max = 256UL * 1024;  ///< bytes of a result
};

/// Keeps the catalogues of one of our sides (a provider's offers, the operator's needs) published at one
/// discovery service of 2.0: when it starts, whenever they change, and from time to time. One publication is
/// under way at a time; what changes meanwhile goes into the next. A catalogue that is no longer there is
/// taken back. One io_context thread.
///
/// Source: docs/formats/beckn-discovery.md.
class CatalogPublisher {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        net::HttpClient& http;
        beckn::Signer signer;         ///< our bpp_id and key
        KeyResolver* keys = nullptr;  ///< of the service, where a registry knows them
        /// What is to be published now, each with an id of its own.
        std::function<std::vector<beckn::Catalog>()> catalogs;
        /// Told of every message that went out or came in.
        std::function<void(MessageRecord)> evidence = {};
    };
    /// Where the newest publication stands.
    struct Status {
        std::string service;
        UtcTime at{};              ///< wall time of the message; `UtcTime{}` before the first
        bool is_taken = false;     ///< acknowledged
        bool is_answered = false;  ///< its results have come
        std::string fault;         ///< why not
        std::vector<beckn::PublishResult> results;
    };

    CatalogPublisher(Parts parts, CatalogService service, CatalogPublisherOptions options);
    ~CatalogPublisher();
    CatalogPublisher(const CatalogPublisher&) = delete;
    CatalogPublisher& operator=(const CatalogPublisher&) = delete;

    /// Publishes, unless what stands there is what was published last. From any handler of the executor.
    void look();
    /// Serves POST {url}/catalog/on_publish.
    Awaitable<net::Response> on_published(net::Request request);
    /// Whether `message_id` is that of our newest publication, so that a result is for us.
    [[nodiscard]] bool awaits(std::string_view message_id) const;
    [[nodiscard]] const Status& status() const;
    [[nodiscard]] bool idle() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
