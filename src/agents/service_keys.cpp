#include "agents/service_keys.hpp"

#include <utility>

namespace headroom::agents {

Awaitable<beckn::SignatureVerdict> ServiceKeys::verify(beckn::SignatureRules rules,
                                                       beckn::SignedMessage message) {
    std::vector<beckn::KeyId> ids = beckn::key_ids_of(message);
    const bool may_ask = registry_ != nullptr && !ids.empty() && ids.front().subscriber == subscriber_;
    if (may_ask) {
        std::vector<beckn::KeyId> asked = ids;
        co_await registry_->prepare(std::move(asked));
    }
    const beckn::KeyFinder keys = [this](const beckn::KeyId& id) { return find(id); };
    beckn::SignatureVerdict verdict = beckn::verify(rules, message, keys, wall_.now());
    if (!verdict.is_good() && verdict.may_be_stale_key() && may_ask) {
        const bool is_renewed = co_await registry_->renew(std::move(ids));
        if (is_renewed) {
            verdict = beckn::verify(rules, message, keys, wall_.now());
        }
    }
    co_return verdict;
}

beckn::KeyCandidates ServiceKeys::find(const beckn::KeyId& id) const {
    if (registry_ != nullptr) {
        const beckn::KeyCandidates found = registry_->finder()(id);
        if (found.current != nullptr) {
            return found;
        }
    }
    for (const beckn::PublishedKey& key : known_) {
        if (key.subscriber == id.subscriber && (key.key.empty() || key.key == id.key)) {
            return {.current = &key};
        }
    }
    return {};
}

Ed25519PublicKey ServiceKeys::key_of(const beckn::SignatureVerdict& verdict) const {
    const beckn::KeyCandidates found =
        find(beckn::KeyId{.subscriber = verdict.sender.subscriber, .key = verdict.sender.key});
    const bool is_former = verdict.by_former_key && found.former != nullptr;
    return found.current == nullptr ? Ed25519PublicKey{}
           : is_former              ? found.former->signing
                                    : found.current->signing;
}

}  // namespace headroom::agents
