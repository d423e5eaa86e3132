#pragma once

// Inside of ProviderSim: its counters, and the way of a request to its callback.

#include "beckn/codec.hpp"
#include "beckn/inbox.hpp"
#include "beckn/signature.hpp"
#include "sim/provider.hpp"
#include "sim/provider_desk.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::sim {

inline constexpr const char* order_kind = "sim_order";
inline constexpr const char* provider_key_name = "k1";

class ProviderSim::Impl : public std::enable_shared_from_this<ProviderSim::Impl> {
  public:
    Impl(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers, Catalogue catalogue)
        : parts_(std::move(parts)),
          options_(std::move(options)),
          catalogue_(std::move(catalogue)),
          writer_("provider-orders") {
        for (ProviderSpec& spec : providers) {
            const std::string id = spec.id;
            const std::string subscriber = spec.subscriber_id;
            counters_.push_back(std::make_unique<Counter>(
                Counter{ProviderDesk(std::move(spec), options_.quote_ttl),
                        {subscriber, provider_key_name, provider_key(options_.seed, id)},
                        {subscriber, provider_key_name, provider_key(options_.seed, id + "/unregistered")},
                        {}}));
        }
    }

    Result<void> recover();
    Awaitable<net::Response> handle(std::string provider, std::string action, net::Request request);
    Awaitable<Result<void>> cancel_on_its_own(std::string provider, std::string transaction,
                                              std::string reason);
    [[nodiscard]] std::vector<ProviderAddress> addresses() const;
    [[nodiscard]] std::vector<ProviderOrder> orders() const;
    Result<void> set_faults(const std::string& provider, const ProviderFaults& faults);
    void set_base_url(std::string url) { options_.base_url = std::move(url); }
    void accept_buyer(KnownBuyer buyer) { options_.buyers.push_back(std::move(buyer)); }
    [[nodiscard]] bool idle() const { return writer_.pending() == 0 && sending_ == 0; }

  private:
    /// How a callback leaves: who signs it, and where it goes.
    struct Delivery {
        std::string url;
        std::string bytes;
        std::string token;  ///< flight token of the request that it answers; empty when nobody asked
        bool twice = false;
    };

    /// One provider with its keys and the answers it has given.
    struct Counter {
        ProviderDesk desk;
        beckn::Signer signer;
        beckn::Signer stranger;                      // signs where the key is to be wrong
        std::map<std::string, std::string> answers;  // callback bytes by "action/message id"
    };

    [[nodiscard]] Counter* find(std::string_view id);
    [[nodiscard]] Counter* find_subscriber(std::string_view subscriber);
    [[nodiscard]] std::vector<Counter*> targets(const std::string& provider, const beckn::Envelope& request);
    [[nodiscard]] net::Response acknowledge(Counter& counter, const beckn::Envelope& request,
                                            const Sha256& digest);
    Awaitable<void> answer(Counter* counter, std::shared_ptr<const beckn::Envelope> request, bool is_repeat);
    Awaitable<Result<void>> write(Counter* counter, std::string transaction);
    [[nodiscard]] Result<void> put_ahead(store::Batch batch);
    Awaitable<void> deliver(Counter* counter, std::shared_ptr<const Delivery> delivery);
    Awaitable<bool> send_once(Counter* counter, std::shared_ptr<const Delivery> delivery);
    [[nodiscard]] std::string callback_bytes(const Counter& counter, beckn::Context context,
                                             beckn::Body message,
                                             std::optional<beckn::MessageError> error) const;

    Parts parts_;
    ProviderSimOptions options_;
    Catalogue catalogue_;
    std::vector<std::unique_ptr<Counter>> counters_;
    beckn::Inbox inbox_;
    std::uint64_t own_messages_ = 0;
    std::size_t sending_ = 0;
    std::atomic<std::size_t> following_{0};  ///< batches in the file ahead that the store does not have yet
    Worker writer_;
};

}  // namespace headroom::sim
