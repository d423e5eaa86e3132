#pragma once

// Inside of CatalogPublisher. Not for other agents.

#include "agents/key_resolver.hpp"
#include "beckn/signature_verify.hpp"

#include <string>
#include <vector>

namespace headroom::agents {

/// The keys of one service: those that are known beforehand, and those that a registry has of it. Nobody is
/// looked up for a stranger.
class ServiceKeys {
  public:
    /// `registry` may be nothing.
    ServiceKeys(std::string subscriber, std::vector<beckn::PublishedKey> known, KeyResolver* registry,
                WallClock& wall)
        : subscriber_(std::move(subscriber)), known_(std::move(known)), registry_(registry), wall_(wall) {}

    /// What `message` points to lives until the coroutine ends.
    Awaitable<beckn::SignatureVerdict> verify(beckn::SignatureRules rules, beckn::SignedMessage message);
    /// The key that a good signature was verified with.
    [[nodiscard]] Ed25519PublicKey key_of(const beckn::SignatureVerdict& verdict) const;

  private:
    [[nodiscard]] beckn::KeyCandidates find(const beckn::KeyId& id) const;

    std::string subscriber_;
    std::vector<beckn::PublishedKey> known_;
    KeyResolver* registry_;
    WallClock& wall_;
};

}  // namespace headroom::agents
