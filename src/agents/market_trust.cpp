#include "agents/market_impl.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// Signatures: ours on requests and answers, theirs on callbacks and answers, each by the peer's profile.

namespace headroom::agents {

namespace {

/// One callback is tried against so many requests of ours that it may answer.
constexpr std::size_t requests_tried_max = 8;

}  // namespace

beckn::SignatureRules Market::Impl::signature_rules(const MarketPeer* peer) const {
    beckn::SignatureRules rules =
        peer != nullptr ? peer->signature : beckn::rules_of(beckn::SignatureProfile::beckn006);
    rules.skew = options_.skew;
    // Where nothing is known of gateways, callbacks come from the provider itself.
    rules.takes_gateway = rules.takes_gateway && gateway() != nullptr;
    return rules;
}

beckn::KeyFinder Market::Impl::key_finder(bool takes_strangers) const {
    return [this, takes_strangers](const beckn::KeyId& id) -> beckn::KeyCandidates {
        const MarketPeer* peer = find_sender(id.subscriber, id.key);
        if (peer == nullptr) {
            return takes_strangers && parts_.keys != nullptr ? parts_.keys->finder()(id)
                                                             : beckn::KeyCandidates{};
        }
        if (parts_.keys != nullptr) {
            beckn::KeyCandidates found = parts_.keys->finder()(id);
            if (found.current != nullptr) {
                return found;
            }
        }
        if (!peer->has_key) {
            return {};
        }
        const auto key = keys_.find(peer->id);
        return key == keys_.end() ? beckn::KeyCandidates{} : beckn::KeyCandidates{.current = &key->second};
    };
}

void Market::Impl::set_bytes(Outgoing& out, std::string bytes) {
    out.sha256 = sha256_hex(bytes);
    out.entry.bytes = std::move(bytes);
}

void Market::Impl::sign(Outgoing& out) const {
    out.at = parts_.wall.now();
    out.authorization =
        beckn::sign(signature_rules(out.peer), signer_, out.at, options_.ttl, out.entry.bytes);
}

/// By its signature a callback of 2.0 names the request that it answers.
void Market::Impl::note_signature(const Outgoing& out) {
    if (out.peer->signature.callback_binding != beckn::RequestBinding::none) {
        correlator_.add_authorization(out.entry.message_id, out.authorization);
    }
}

/// What a peer's synchronous answer is worth as evidence. A bad signature on it is a warning about the peer's
/// trust; the answer itself still counts.
void Market::Impl::judge_answer(Outgoing& out, const net::ClientResponse& response) const {
    out.answer_signature = std::string(response.headers.get("Signature"));
    if (out.answer_signature.empty()) {
        return;
    }
    const beckn::SignatureVerdict verdict =
        beckn::verify_ack(signature_rules(out.peer), out.answer_signature, response.body, out.authorization,
                          key_finder(), parts_.wall.now());
    out.answer_verdict = verdict.is_good() ? "good" : "refused: " + verdict.why;
    if (!verdict.is_good()) {
        log::warn("the signature of an answer does not hold; the answer counts all the same",
                  {{"provider", out.peer->id}, {"why", clean_text(verdict.why)}});
    }
}

/// Strangers' key ids make nobody ask: only those of peers, and of who may answer a search of ours.
Awaitable<void> Market::Impl::verify_sender(const net::Request& request, Received& received) {
    auto self = shared_from_this();
    std::vector<beckn::KeyId> ids;
    if (parts_.keys != nullptr) {
        ids = beckn::key_ids_of({.authorization = received.authorization,
                                 .body = request.body,
                                 .gateway_authorization = received.gateway_authorization});
        const bool takes_strangers = may_be_found(request, received);
        std::erase_if(ids, [&](const beckn::KeyId& id) {
            return !takes_strangers && find_sender(id.subscriber, id.key) == nullptr;
        });
    }
    if (!ids.empty()) {
        std::vector<beckn::KeyId> wanted = ids;
        co_await parts_.keys->prepare(std::move(wanted));
    }
    received.verdict = judge_sender(request, received);
    if (!ids.empty() && !received.verdict->is_good() && received.verdict->may_be_stale_key()) {
        const bool has_newer = co_await parts_.keys->renew(std::move(ids));
        if (has_newer) {
            received.verdict = judge_sender(request, received);
        }
    }
}

beckn::SignatureVerdict Market::Impl::judge_sender(const net::Request& request, Received& received) const {
    beckn::SignedMessage message{.authorization = received.authorization,
                                 .body = request.body,
                                 .gateway_authorization = received.gateway_authorization,
                                 .digest = request.headers.get("Digest")};
    const MarketPeer* claimed = nullptr;
    for (const beckn::KeyId& id : beckn::key_ids_of(message)) {
        claimed = find_sender(id.subscriber, id.key);
    }
    const bool is_stranger = claimed == nullptr && may_be_found(request, received);
    const beckn::SignatureRules rules = signature_rules(is_stranger ? gateway() : claimed);
    if ((claimed != nullptr || is_stranger) && beckn::is_bound(received.authorization)) {
        std::vector<std::string> requests = correlator_.authorizations_named_in(
            request.body, claimed != nullptr ? claimed->subscriber_id : std::string(), requests_tried_max);
        if (!received.kept_request.empty()) {
            requests.push_back(received.kept_request);
        }
        for (std::string& authorization : requests) {
            message.request_authorization = authorization;
            beckn::SignatureVerdict verdict = beckn::verify(rules, message, key_finder(), received.at);
            if (verdict.is_good()) {
                received.signed_for = std::move(authorization);
                return verdict;
            }
        }
        message.request_authorization = {};
    }
    return beckn::verify(rules, message, key_finder(is_stranger), received.at);
}

Ed25519PublicKey Market::Impl::key_of(const beckn::SignatureVerdict& verdict, const MarketPeer& peer) const {
    if (parts_.keys == nullptr) {
        return peer.public_key;
    }
    const beckn::KeyCandidates found =
        key_finder()(beckn::KeyId{.subscriber = verdict.sender.subscriber, .key = verdict.sender.key});
    const beckn::PublishedKey* key = verdict.by_former_key ? found.former : found.current;
    return key == nullptr ? peer.public_key : key->signing;
}

/// A bound callback to a request of an earlier process: the request's signature is in the evidence.
Awaitable<std::string> Market::Impl::kept_authorization(std::shared_ptr<const std::string> body) {
    const auto self = shared_from_this();
    const beckn::Decoded decoded = beckn::decode(*body, {.bytes = options_.body_max});
    if (!decoded.envelope) {
        co_return std::string();
    }
    const Result<store::Record> kept =
        co_await parts_.journal.records().get("beckn_message", decoded.envelope->context.message_id + ".out");
    if (!kept) {
        co_return std::string();
    }
    const Result<json::Value> evidence = json::parse(kept->json);
    co_return evidence ? evidence->text("/authorization") : std::string();
}

std::string Market::Impl::answer_signature(const Received& received) const {
    return received.peer == nullptr
               ? std::string()
               : beckn::sign_ack(signature_rules(received.peer), signer_, parts_.wall.now(), received.answer,
                                 received.authorization);
}

}  // namespace headroom::agents
