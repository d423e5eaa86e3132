#pragma once

// Inside of CatalogPublisher. Not for other agents.

#include "agents/catalog_publisher.hpp"
#include "agents/service_keys.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

class CatalogPublisher::Impl : public std::enable_shared_from_this<CatalogPublisher::Impl> {
  public:
    Impl(Parts parts, CatalogService service, CatalogPublisherOptions options);

    void look();
    void stop();
    [[nodiscard]] bool awaits(std::string_view message_id) const { return message_id == message_id_; }
    [[nodiscard]] const Status& status() const { return status_; }
    [[nodiscard]] bool idle() const { return !is_busy_; }

    // catalog_published.cpp: what the service says of it
    Awaitable<net::Response> on_published(net::Request request);

  private:
    /// With those that were published and are no longer there, empty: so they are taken back.
    [[nodiscard]] std::vector<beckn::Catalog> what_stands() const;
    static Awaitable<void> publish(std::shared_ptr<Impl> self, std::vector<beckn::Catalog> catalogs);
    void wake_at(UtcTime when);
    /// Sends one publication until it is taken or refused, the same bytes each time.
    Awaitable<void> send(std::vector<beckn::Catalog> catalogs);
    void tell(MessageRecord record) const;

    // catalog_published.cpp
    [[nodiscard]] std::optional<beckn::MessageError> check(const beckn::Envelope& answer, UtcTime now) const;
    void keep(const beckn::Envelope& answer);

    Parts parts_;
    CatalogService service_;
    CatalogPublisherOptions options_;
    ServiceKeys keys_;
    Status status_{.service = {}, .fault = {}, .results = {}};
    std::vector<beckn::Catalog> published_;  // as it was taken last
    std::string message_id_;                 // of the newest publication
    std::string authorization_;              // and its header
    std::uint64_t publications_ = 0;
    DomainClock::TimerId timer_ = 0;
    UtcTime next_{};  // domain time: then in any case
    bool is_busy_ = false;
    bool is_due_ = false;  // something changed meanwhile
    bool is_stopped_ = false;
};

}  // namespace headroom::agents
