#pragma once

// Inside of ProviderSim: its counters, and the way of a request to its callback.

#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/inbox.hpp"
#include "beckn/signature.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_profile.hpp"
#include "sim/provider.hpp"
#include "sim/provider_desk.hpp"
#include "store/followed_records.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::sim {

inline constexpr const char* order_kind = "sim_order";
inline constexpr const char* provider_key_name = "k1";

class ProviderSim::Impl : public std::enable_shared_from_this<ProviderSim::Impl> {
  public:
    Impl(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers, Catalogue catalogue);

    Result<void> recover();
    Awaitable<net::Response> handle(std::string provider, std::string action, net::Request request);
    Awaitable<Result<void>> cancel_on_its_own(std::string provider, std::string transaction,
                                              std::string reason);
    Awaitable<Result<void>> reduce_on_its_own(std::string provider, std::string transaction,
                                              std::int64_t share_ppm);
    [[nodiscard]] std::vector<ProviderAddress> addresses() const;
    [[nodiscard]] std::vector<ProviderOrder> orders() const;
    /// GET {prefix}/providers and GET {prefix}/{provider}/orders/{order}
    [[nodiscard]] net::Response list_providers() const;
    [[nodiscard]] net::Response show_order(const std::string& provider, const std::string& order) const;
    Result<void> set_faults(const std::string& provider, const ProviderFaults& faults);
    [[nodiscard]] Result<beckn::Catalog> catalog_of(const std::string& provider);
    void on_change(std::function<void(const std::string&)> handler) { changed_ = std::move(handler); }
    void set_base_url(std::string url) { options_.base_url = std::move(url); }
    void accept_buyer(KnownBuyer buyer) { options_.buyers.push_back(std::move(buyer)); }
    [[nodiscard]] bool idle() { return orders_.idle() && sending_ == 0; }
    void finish_writing() { orders_.drain(); }

  private:
    /// How a callback leaves: who signs it, and where it goes.
    struct Delivery {
        std::string url;
        std::string bytes;
        std::string token;  ///< flight token of the request that it answers; empty when nobody asked
        bool twice = false;
        bool by_stranger = false;   ///< signed with a key that nobody knows
        milliseconds clock_off{0};  ///< of the signature's clock
        beckn::WireVersion version = beckn::WireVersion::v11;
        std::string request_authorization;  ///< of the request that it answers, to which 2.0 binds it
    };

    /// One provider with its keys and the answers it has given.
    struct Counter {
        ProviderDesk desk;
        beckn::Signer signer;
        beckn::Signer stranger;  // signs where the key is to be wrong
        std::unordered_map<std::string, std::vector<std::string>>
            answers;                                // callbacks by "action/message id"
        std::map<std::string, std::int64_t> sends;  // of messages that meet a fault of their first sends
    };

    /// A request that has been verified and read, at one provider.
    struct Received {
        Counter* counter = nullptr;
        std::shared_ptr<const beckn::Envelope> envelope;
        DrawnFaults drawn;
        bool is_repeat = false;
        std::string authorization;
        std::string signer;      ///< "subscriber|key"; empty when signatures are not looked at
        bool is_silent = false;  ///< acknowledged in a way that says: no callback will follow
        bool is_taken = false;   ///< acknowledged, and no NACK

        [[nodiscard]] const beckn::Context& context() const { return envelope->context; }
        [[nodiscard]] std::string key() const;  ///< "action/message id"
    };

    [[nodiscard]] Counter* find(std::string_view id);
    /// In 2.0 a catalog says its own id and whose it is.
    void name_catalog(const ProviderSpec& spec, beckn::Catalog& catalog) const;
    [[nodiscard]] Counter* find_subscriber(std::string_view subscriber);
    [[nodiscard]] std::vector<Counter*> targets(const std::string& provider, const beckn::Envelope& request);

    // provider_receive.cpp: from bytes to an acknowledged request
    [[nodiscard]] std::optional<net::Response> refuse_stranger(const net::Request& request,
                                                               const Counter* own,
                                                               beckn::VerifiedSender& sender) const;
    [[nodiscard]] std::optional<net::Response> refuse_message(const beckn::Envelope& request,
                                                              beckn::Action wanted,
                                                              const beckn::VerifiedSender& sender) const;
    /// `signer` is the key by which the sender is known, when signatures are looked at.
    [[nodiscard]] net::Response nack(beckn::WireVersion version, const beckn::AckSubject& subject,
                                     beckn::MessageError error, const std::string& signer) const;
    [[nodiscard]] net::Response nack(const beckn::Envelope& request, beckn::MessageError error,
                                     const std::string& signer) const;
    void sign_answer(const Received& received, net::Response& response) const;
    [[nodiscard]] beckn::WireVersion usual_dialect(const Counter* own) const;
    [[nodiscard]] net::Response acknowledge(Received& received, const Sha256& digest);
    [[nodiscard]] bool fails_this_send(Received& received, FaultKind kind);

    // provider_answer.cpp: from a request to its callback
    Awaitable<void> answer(Received received);
    /// The callbacks; none when the order book cannot be written or the process dies over it.
    Awaitable<std::vector<std::string>> make_answer(std::shared_ptr<const Received> received);
    [[nodiscard]] std::vector<std::string> bytes_of(const Received& received,
                                                    ProviderDesk::Reply reply) const;
    [[nodiscard]] milliseconds delay_of(const Received& received) const;
    void crash(Counter& counter);
    Awaitable<void> think_again(std::shared_ptr<const Received> received);
    Awaitable<Result<void>> tell_unasked(Counter* counter, std::string transaction, beckn::Action action,
                                         beckn::Order order);
    [[nodiscard]] std::string own_url(const ProviderSpec& spec) const;
    [[nodiscard]] Result<std::string> callback_bytes(const Counter& counter, beckn::Envelope envelope,
                                                     const DrawnFaults& drawn) const;

    // provider_send.cpp: out over the wire
    [[nodiscard]] std::string callback_url(const beckn::Context& context, beckn::WireVersion version) const;
    [[nodiscard]] static beckn::SignatureRules callback_rules(beckn::WireVersion version);
    [[nodiscard]] bool may_reach(const beckn::Context& context) const;
    Awaitable<void> deliver(Counter* counter, std::shared_ptr<const Delivery> delivery);
    Awaitable<bool> send_once(Counter* counter, std::shared_ptr<const Delivery> delivery);

    // provider_store.cpp: the order book on disk
    Awaitable<Result<void>> write(Counter* counter, std::string transaction);

    Parts parts_;
    ProviderSimOptions options_;
    Catalogue catalogue_;
    std::function<void(const std::string&)> changed_;
    std::vector<std::unique_ptr<Counter>> counters_;
    beckn::Inbox inbox_;
    std::uint64_t own_messages_ = 0;
    std::size_t sending_ = 0;
    store::FollowedRecords orders_;
};

}  // namespace headroom::sim
