#include "agents/market_impl.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// What is known of the peers: who they are, whether they are left alone, how their clocks go.

namespace headroom::agents {

using beckn::BreakerEvent;
using beckn::BreakerState;

namespace {

std::string_view role_of(const MarketPeer& peer) {
    if (is_discovery(peer)) {
        return "discovery";
    }
    return peer.goods == PeerGoods::search ? "gateway" : peer.is_found ? "found" : "provider";
}

}  // namespace

const MarketPeer* Market::Impl::find_peer(std::string_view id) const {
    for (const MarketPeer& peer : peers_) {
        if (peer.id == id) {
            return &peer;
        }
    }
    return nullptr;
}

const MarketPeer* Market::Impl::find_sender(std::string_view subscriber, std::string_view key) const {
    for (const MarketPeer& peer : peers_) {
        // Which key counts is the registry's to say, where there is one: keys are replaced there.
        const bool is_key = parts_.keys != nullptr || peer.key_id.empty() || peer.key_id == key;
        if (peer.subscriber_id == subscriber && is_key) {
            return &peer;
        }
    }
    return nullptr;
}

bool Market::Impl::is_of_peer(std::string_view authorization) const {
    const std::vector<beckn::KeyId> ids = beckn::key_ids_of({.authorization = authorization, .body = {}});
    return std::any_of(ids.begin(), ids.end(),
                       [&](const beckn::KeyId& id) { return find_sender(id.subscriber, id.key) != nullptr; });
}

bool Market::Impl::may_ask(const MarketPeer& peer) {
    beckn::Breaker& breaker = peer_states_[peer.id].breaker;
    auto [next, may] =
        beckn::step(std::move(breaker), BreakerEvent::ask, parts_.clock.now(), options_.breaker);
    breaker = std::move(next);
    return may;
}

void Market::Impl::note_success(const MarketPeer& peer) {
    beckn::Breaker& breaker = peer_states_[peer.id].breaker;
    if (breaker.state != BreakerState::closed) {
        log::info("a provider is asked again", {{"provider", peer.id}});
    }
    breaker =
        beckn::step(std::move(breaker), BreakerEvent::success, parts_.clock.now(), options_.breaker).first;
}

void Market::Impl::note_failure(const MarketPeer& peer, const std::string& fault) {
    beckn::Breaker& breaker = peer_states_[peer.id].breaker;
    const BreakerState before = breaker.state;
    breaker = beckn::step(std::move(breaker), BreakerEvent::failure, parts_.clock.now(), options_.breaker,
                          clean_text(fault))
                  .first;
    if (breaker.state == BreakerState::open && before != BreakerState::open) {
        log::warn("a provider is left alone for a while", {{"provider", peer.id},
                                                           {"failures", std::to_string(breaker.failures)},
                                                           {"until", format_utc(breaker.open_until)},
                                                           {"why", breaker.last_fault}});
    }
}

void Market::Impl::note_outcome(const Outgoing& out, bool is_heard) {
    using beckn::OutboxState;
    const OutboxState state = out.entry.state;
    if (is_heard || state == OutboxState::refused || state == OutboxState::closed) {
        note_success(*out.peer);
    } else {
        const std::string fault = beckn::describe(out.entry.error);
        note_failure(*out.peer,
                     fault.empty()
                         ? "no " + std::string(beckn::to_string(beckn::callback_of(out.entry.action)))
                         : fault);
    }
}

std::string Market::Impl::why_left_alone(const MarketPeer& peer) const {
    const auto found = peer_states_.find(peer.id);
    if (found == peer_states_.end()) {
        return {};
    }
    const beckn::Breaker& breaker = found->second.breaker;
    std::string why = "left alone until " + format_utc(breaker.open_until) + " after " +
                      std::to_string(breaker.failures) + " failures";
    return breaker.last_fault.empty() ? why : why + ": " + breaker.last_fault;
}

/// Signatures and times to live hang on the clocks of both sides.
void Market::Impl::watch_clock(const MarketPeer& peer, UtcTime received, UtcTime timestamp) {
    const std::optional<milliseconds> drift =
        peer_states_[peer.id].drift.observe(received, timestamp, options_.drift_alarm);
    if (drift) {
        const bool is_behind = *drift > milliseconds{0};
        const std::int64_t length = is_behind ? drift->count() : -drift->count();
        raise_alarm("clock_drift",
                    "the clock of provider " + peer.id + " is " + std::to_string(length) + " ms " +
                        (is_behind ? "behind" : "ahead of") + " ours, or its messages are so late",
                    EventId{});
    }
}

net::Response Market::Impl::health() const {
    json::Array endpoints;
    for (const char* action : {"on_search", "on_discover", "on_select", "on_init", "on_confirm", "on_status",
                               "on_update", "on_cancel", "on_track", "on_support", "on_rating"}) {
        endpoints.emplace_back(options_.callback_url + "/" + action);
    }
    json::Array providers;
    std::size_t left_alone = 0;
    for (const MarketPeer& peer : peers_) {
        const auto found = peer_states_.find(peer.id);
        const PeerState state = found == peer_states_.end() ? PeerState{} : found->second;
        const std::optional<milliseconds> drift = state.drift.estimate();
        json::Object item = json::object({{"id", peer.id},
                                          {"dialect", beckn::to_string(peer.wire)},
                                          {"role", role_of(peer)},
                                          {"breaker", beckn::to_string(state.breaker.state)},
                                          {"failures_in_a_row", state.breaker.failures},
                                          {"silent_searches_in_a_row", state.silent_searches},
                                          {"clock_drift_alarm", state.drift.is_alarmed()}});
        if (state.breaker.state != BreakerState::closed) {
            item.set("left_alone_until", format_utc(state.breaker.open_until));
            ++left_alone;
        }
        if (drift) {
            item.set("clock_drift_ms", drift->count());
        }
        providers.emplace_back(std::move(item));
    }
    const auto owed = std::count_if(runs_.begin(), runs_.end(),
                                    [](const auto& item) { return item.second->saga.cancel_owed; });
    const bool is_degraded = owed > 0 || (left_alone > 0 && left_alone == peers_.size());
    return net::json_response(200, json::Object{{"status", is_degraded ? "degraded" : "healthy"},
                                                {"bap_id", options_.subscriber_id},
                                                {"bap_uri", options_.callback_url},
                                                {"endpoints", std::move(endpoints)},
                                                {"providers", std::move(providers)},
                                                {"cancels_owed", static_cast<std::int64_t>(owed)}});
}

}  // namespace headroom::agents
