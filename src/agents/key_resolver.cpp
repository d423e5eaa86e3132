#include "agents/key_resolver.hpp"

#include "beckn/registry_message.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::agents {

using beckn::KeyCache;
using beckn::KeyCandidates;
using beckn::KeyId;
using beckn::PublishedKey;
using beckn::SignatureVerdict;
using beckn::TrustRule;

KeyResolver::KeyResolver(WallClock& wall, std::vector<std::unique_ptr<KeySource>> sources,
                         KeyResolverOptions options)
    : wall_(wall), sources_(std::move(sources)), options_(std::move(options)), cache_(options_.cache) {}

beckn::KeyFinder KeyResolver::finder() const {
    return [this](const KeyId& id) { return cache_.find(id, wall_.now()); };
}

bool KeyResolver::take_question(UtcTime now) {
    if (now >= minute_ + minutes{1} || now < minute_) {
        minute_ = now;
        in_minute_ = 0;
    }
    if (open_.size() >= options_.open_max || in_minute_ >= options_.per_minute_max) {
        return false;
    }
    ++in_minute_;
    return true;
}

/// Asks the sources one after the other; the first that has the key answers for all.
Awaitable<Result<void>> KeyResolver::fetch_alone(KeyId id) {
    Error last{Errc::not_found, "no source knows the key " + id.subscriber + "|" + id.key, ""};
    bool is_sure = true;
    for (const std::unique_ptr<KeySource>& source : sources_) {
        ++fetches_;
        Result<PublishedKey> found = co_await source->fetch(id);
        if (found) {
            if (const Result<void> added = hosts_.add_registered(found->url); !added && !found->url.empty()) {
                log::warn("a participant's address cannot be called",
                          {{"subscriber", id.subscriber}, {"reason", added.error().message}});
            }
            cache_.put(id, std::move(*found), wall_.now());
            co_return Result<void>{};
        }
        if (found.error().code != Errc::not_found) {
            is_sure = false;
            last = found.error();
        }
    }
    if (is_sure) {
        cache_.put_missing(id, wall_.now());
    } else {
        log::warn("a key could not be fetched",
                  {{"key", id.subscriber + "|" + id.key}, {"reason", last.message}});
    }
    co_return last;
}

/// Of several that want one key at a time, one asks.
Awaitable<Result<void>> KeyResolver::fetch(KeyId id) {
    const Name name{id.subscriber, id.registry, id.key};
    if (const auto waiting = open_.find(name); waiting != open_.end()) {
        auto start = [this, name](auto done) {
            open_.at(name).push_back([done](bool is_found) mutable { done(is_found); });
        };
        const bool is_found = co_await await_callback<bool>(std::move(start));
        if (is_found) {
            co_return Result<void>{};
        }
        co_return Error{Errc::unavailable, "the key " + id.subscriber + "|" + id.key + " was not found", ""};
    }
    if (!take_question(wall_.now())) {
        co_return Error{Errc::unavailable, "too many keys are being asked for", ""};
    }
    open_.emplace(name, std::vector<Waiter>{});
    KeyId asked = id;
    const Result<void> fetched = co_await fetch_alone(std::move(asked));
    std::vector<Waiter> waiters = std::move(open_.at(name));
    open_.erase(name);
    for (const Waiter& waiter : waiters) {
        waiter(fetched.has_value());
    }
    co_return fetched;
}

Awaitable<Result<PublishedKey>> KeyResolver::find(KeyId id) {
    const KeyCache::State state = cache_.state(id, wall_.now());
    if (state == KeyCache::State::missing) {
        co_return Error{Errc::not_found, "no source knows the key " + id.subscriber + "|" + id.key, ""};
    }
    if (state != KeyCache::State::fresh) {
        KeyId asked = id;
        const Result<void> fetched = co_await fetch(std::move(asked));
        // A registry that is away takes no known key from us.
        if (!fetched && cache_.find(id, wall_.now()).current == nullptr) {
            co_return fetched.error();
        }
    }
    const KeyCandidates found = cache_.find(id, wall_.now());
    if (found.current == nullptr) {
        co_return Error{Errc::not_found, "no source knows the key " + id.subscriber + "|" + id.key, ""};
    }
    co_return *found.current;
}

SignatureVerdict KeyResolver::judge(const beckn::SignatureRules& rules, const beckn::SignedMessage& message,
                                    const std::string& network, Asked& asked) const {
    const UtcTime now = wall_.now();
    const PublishedKey* senders = nullptr;
    const beckn::KeyFinder keys = [this, now, &senders, &asked](const KeyId& id) {
        const auto [state, found] = cache_.look(id, now);
        senders = found.current;  // the sender's is looked for last
        asked.needs_fetch =
            asked.needs_fetch || state == KeyCache::State::absent || state == KeyCache::State::stale;
        asked.may_refetch = asked.may_refetch || cache_.may_refetch(id, now);
        return found;
    };
    SignatureVerdict verdict = beckn::verify(rules, message, keys, now);
    if (verdict.is_good() && !options_.networks.empty()) {
        std::vector<std::string> wanted = options_.networks;
        const bool is_ours = senders != nullptr && beckn::is_in_network(*senders, wanted);
        wanted = {network};
        const bool is_messages =
            network.empty() || (senders != nullptr && beckn::is_in_network(*senders, wanted));
        if (!is_ours || !is_messages) {
            verdict.broken = TrustRule::network;
            verdict.why = "the key of " + verdict.sender.subscriber + " is in no allowed network";
        }
    }
    return verdict;
}

std::optional<SignatureVerdict> KeyResolver::verify_now(const beckn::SignatureRules& rules,
                                                        const beckn::SignedMessage& message,
                                                        const std::string& network) {
    Asked asked;
    SignatureVerdict verdict = judge(rules, message, network, asked);
    if (asked.needs_fetch || (verdict.may_be_stale_key() && asked.may_refetch)) {
        return std::nullopt;
    }
    return verdict;
}

Awaitable<void> KeyResolver::prepare(std::vector<KeyId> ids) {
    for (const KeyId& id : ids) {
        KeyId asked = id;
        const Result<PublishedKey> found = co_await find(std::move(asked));
        static_cast<void>(found);  // the verdict tells what is missing
    }
}

Awaitable<bool> KeyResolver::renew(std::vector<KeyId> ids) {
    bool has_answer = false;
    for (const KeyId& id : ids) {
        if (cache_.take_refetch(id, wall_.now())) {
            KeyId asked = id;
            const Result<void> fetched = co_await fetch(std::move(asked));
            has_answer = has_answer || fetched.has_value();
        }
    }
    co_return has_answer;
}

Awaitable<SignatureVerdict> KeyResolver::verify(beckn::SignatureRules rules, beckn::SignedMessage message,
                                                std::string network) {
    const std::vector<KeyId> ids = beckn::key_ids_of(message);
    std::vector<KeyId> asked = ids;
    co_await prepare(std::move(asked));
    Asked looked_at;
    SignatureVerdict verdict = judge(rules, message, network, looked_at);
    if (!verdict.may_be_stale_key()) {
        co_return verdict;
    }
    asked = ids;
    const bool has_newer = co_await renew(std::move(asked));
    co_return has_newer ? judge(rules, message, network, looked_at) : std::move(verdict);
}

}  // namespace headroom::agents
