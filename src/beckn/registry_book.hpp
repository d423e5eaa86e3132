#pragma once

#include "beckn/key_record.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace headroom::beckn {

struct RegistryRules {
    milliseconds challenge_lasts = minutes{1};
    /// A subscriber's older keys go on so long after a new one was taken.
    milliseconds overlap = minutes{10};
    milliseconds nonces_last = hours{1};
    std::size_t pending_max = 256;
    std::size_t subscriptions_max = 10'000;
    std::size_t nonces_max = 20'000;
    std::size_t answers_max = 1000;  ///< of one look-up
};

/// What POST /subscribe asks for.
struct SubscribeRequest {
    PublishedKey key;
    std::string nonce;
};
/// Errors: `invalid` with the pointer of what is missing: also an address, an encryption key and a nonce are
/// needed.
[[nodiscard]] Result<SubscribeRequest> read_subscribe_request(std::string_view body);
[[nodiscard]] std::string write_subscribe_request(const SubscribeRequest& request);

/// The state of a registry: who is subscribed, and who still has to answer a challenge. Pure.
class RegistryBook {
  public:
    explicit RegistryBook(std::vector<PublishedKey> known = {}, RegistryRules rules = {});

    /// Keys that may sign a subscription: those that stand for the subscriber; while there is none, the key
    /// that is to be subscribed, which thereby shows that its owner has it.
    [[nodiscard]] KeyFinder keys_for(const SubscribeRequest& request, UtcTime now) const;

    /// Notes a request whose signature was verified; its challenge is to be answered with `expected`.
    /// Errors: `denied` for a nonce that was used before, `unavailable` when too many are under way.
    Result<void> begin(const SubscribeRequest& request, std::string expected, UtcTime now);
    /// The answer to the challenge. Errors: `not_found` when none is awaited (any more), `denied` when it is
    /// wrong; either way the request is over.
    Result<void> confirm(const std::string& subscriber, const std::string& key, std::string_view answer,
                         UtcTime now);

    /// Lists a key without a challenge, for whoever keeps this book.
    void put(PublishedKey key);

    /// What matches every member of `filter` that is known here: subscriber_id, key_id, url, type, domain.
    /// Keys whose time is over say EXPIRED.
    [[nodiscard]] std::vector<PublishedKey> lookup(const json::Value& filter, UtcTime now) const;
    [[nodiscard]] KeyCandidates find(const KeyId& id) const;
    /// To be kept in a file.
    [[nodiscard]] std::vector<PublishedKey> all() const;
    [[nodiscard]] bool is_pending(const std::string& subscriber, const std::string& key) const {
        return pending_.contains({subscriber, key});
    }

  private:
    using Name = std::pair<std::string, std::string>;  // subscriber, key
    struct Pending {
        PublishedKey key;
        std::string expected;
        UtcTime until{};
    };
    void forget(UtcTime now);

    RegistryRules rules_;
    std::map<Name, PublishedKey> keys_;
    std::map<Name, Pending> pending_;
    std::map<Name, UtcTime> nonces_;  // subscriber, nonce
};

}  // namespace headroom::beckn
