#pragma once

#include "agents/key_source.hpp"
#include "beckn/key_cache.hpp"
#include "beckn/key_hosts.hpp"
#include "beckn/signature_verify.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::agents {

struct KeyResolverOptions {
    beckn::KeyCacheRules cache = {};
    /// A key counts only when it is in one of these networks; empty: membership is not looked at.
    std::vector<std::string> networks = {};
    /// Questions to sources that may be open at once and that may be begun in a minute: strangers' key ids
    /// must not make us flood a registry.
    std::size_t open_max = 32;
    std::size_t per_minute_max = 600;
};

/// Knows participants' keys: asks its sources in their order, keeps what they answered, asks again when a
/// signature fails that a new key may mend. One io_context thread.
class KeyResolver {
  public:
    KeyResolver(WallClock& wall, std::vector<std::unique_ptr<KeySource>> sources,
                KeyResolverOptions options = {});

    /// The key of an id, from memory or from a source. Errors: as `KeySource`; `unavailable` also beyond the
    /// bounds of questions.
    Awaitable<Result<beckn::PublishedKey>> find(beckn::KeyId id);

    /// Verifies a message, fetching keys as needed. `network` is the message's own (2.0; may be empty): the
    /// key must be a member of it too, when networks are looked at. What `message` points to lives until the
    /// coroutine ends.
    Awaitable<beckn::SignatureVerdict> verify(beckn::SignatureRules rules, beckn::SignedMessage message,
                                              std::string network = {});
    /// The same, when every key is at hand and nothing needs to be asked; nothing otherwise.
    [[nodiscard]] std::optional<beckn::SignatureVerdict> verify_now(const beckn::SignatureRules& rules,
                                                                    const beckn::SignedMessage& message,
                                                                    const std::string& network = {});
    /// For callers that verify by `finder` themselves. First: fetches keys that are not at hand.
    Awaitable<void> prepare(std::vector<beckn::KeyId> ids);
    /// And when a signature failed that a newer key may mend: asks for it. Whether any was answered.
    Awaitable<bool> renew(std::vector<beckn::KeyId> ids);
    /// Keys at hand, for what never waits.
    [[nodiscard]] beckn::KeyFinder finder() const;
    /// Hosts of participants that were found; the caller adds its own.
    [[nodiscard]] beckn::KeyHosts& hosts() { return hosts_; }
    /// Questions that went to sources so far.
    [[nodiscard]] std::uint64_t fetches() const { return fetches_; }

  private:
    using Waiter = std::function<void(bool)>;
    using Name = std::tuple<std::string, std::string, std::string>;

    Awaitable<Result<void>> fetch(beckn::KeyId id);
    Awaitable<Result<void>> fetch_alone(beckn::KeyId id);
    [[nodiscard]] bool take_question(UtcTime now);
    /// What was looked at while a message was judged.
    struct Asked {
        bool needs_fetch = false;  ///< a key is not at hand, or due to be asked for again
        bool may_refetch = false;  ///< a source may be asked for a newer key
    };
    [[nodiscard]] beckn::SignatureVerdict judge(const beckn::SignatureRules& rules,
                                                const beckn::SignedMessage& message,
                                                const std::string& network, Asked& asked) const;

    WallClock& wall_;
    std::vector<std::unique_ptr<KeySource>> sources_;
    KeyResolverOptions options_;
    beckn::KeyCache cache_;
    beckn::KeyHosts hosts_;
    std::map<Name, std::vector<Waiter>> open_;  // who waits for the answer to a question that is out
    UtcTime minute_{};
    std::size_t in_minute_ = 0;
    std::uint64_t fetches_ = 0;
};

}  // namespace headroom::agents
