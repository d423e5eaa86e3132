#include "agents/market_impl.hpp"
#include "beckn/key_hosts.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <set>
#include <utility>

// Providers that are found by a search: they answer one that a gateway of 1.x has handed on, or their
// catalogs stand in the answer of a discovery service of 2.0. Nobody names them beforehand: the registry says
// who they are, where they listen and which key is theirs, and they are kept, so that a contract with them
// outlives the process.

namespace headroom::agents {

namespace {

constexpr const char* found_kind = "beckn_found_provider";
constexpr std::size_t found_max = 1000;
constexpr std::size_t short_id_max = 64;
/// Participants of one answer that the registry is asked about.
constexpr std::size_t discovered_max = 200;

/// The subscriber's own id where it is fit to be one of ours, else one that is made from it.
std::string short_id_of(const std::string& subscriber) {
    const auto is_fit = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '.' || letter == '-' || letter == '_';
    };
    const bool is_usable = subscriber.size() <= short_id_max &&
                           std::all_of(subscriber.begin(), subscriber.end(), is_fit) &&
                           !subscriber.starts_with('.') && !subscriber.starts_with('-');
    return is_usable ? subscriber : "found-" + sha256_hex(subscriber).substr(0, 16);
}

store::Record found_record(const MarketPeer& peer) {
    return {.kind = found_kind,
            .id = peer.id,
            .corr = {},
            .state = {},
            .json = json::write(json::Object{{"id", peer.id},
                                             {"url", peer.url},
                                             {"subscriber_id", peer.subscriber_id},
                                             {"dialect", beckn::to_string(peer.wire)},
                                             {"signature", beckn::to_string(peer.signature.profile)}}),
            .applied_seq = 0};
}

}  // namespace

const MarketPeer* Market::Impl::gateway() const {
    for (const MarketPeer& peer : peers_) {
        if (peer.goods == PeerGoods::search && !is_discovery(peer)) {
            return &peer;
        }
    }
    return nullptr;
}

/// A stranger is looked up only when he knows the id of a message that a gateway has from us, and only while
/// the search lasts.
bool Market::Impl::may_be_found(const net::Request& request, const Received& received) const {
    return parts_.keys != nullptr && received.action == beckn::to_string(beckn::Action::on_search) &&
           correlator_.names_open_to_all(request.body);
}

const MarketPeer* Market::Impl::find_or_learn(const beckn::VerifiedSender& sender) {
    const MarketPeer* const named = find_sender(sender.subscriber, sender.key);
    if (named != nullptr && !named->is_found) {
        return named;
    }
    if (parts_.keys == nullptr) {
        return nullptr;
    }
    const beckn::PublishedKey* key =
        parts_.keys->finder()(beckn::KeyId{.subscriber = sender.subscriber, .key = sender.key}).current;
    return key == nullptr ? nullptr : learn(*key, named, gateway());
}

/// Whom the registry lists as a provider that can be called is a peer from now on: `named`, or one that is
/// made for him after the manners of `by`, through whom he was found.
const MarketPeer* Market::Impl::learn(const beckn::PublishedKey& key, const MarketPeer* named,
                                      const MarketPeer* by) {
    const Result<net::Url> url = net::parse_url(key.url);
    const bool can_be_called = url && (url->scheme == "http" || url->scheme == "https");
    if (key.type != beckn::ParticipantType::bpp || !can_be_called) {
        return nullptr;
    }
    if (named != nullptr) {
        move_found(*named, key.url);
        return named;
    }
    if (by == nullptr || found_ >= found_max) {
        return nullptr;
    }
    MarketPeer peer{
        .id = short_id_of(key.subscriber), .url = key.url, .subscriber_id = key.subscriber, .key_id = {}};
    if (find_peer(peer.id) != nullptr) {
        peer.id = "found-" + sha256_hex(key.subscriber).substr(0, 16);
    }
    peer.wire = by->wire;
    peer.signature = by->signature;
    peer.has_key = false;
    peer.is_found = true;
    log::info("a provider was found by a search",
              {{"provider", peer.id}, {"subscriber", peer.subscriber_id}, {"url", peer.url}, {"by", by->id}});
    post({found_record(peer)});
    ++found_;
    return &peers_.emplace_back(std::move(peer));
}

/// A provider listens elsewhere now, says the registry.
void Market::Impl::move_found(const MarketPeer& peer, const std::string& url) {
    const auto found =
        std::find_if(peers_.begin(), peers_.end(), [&peer](const MarketPeer& one) { return &one == &peer; });
    if (found->url != url) {
        found->url = url;
        post({found_record(*found)});
    }
}

Awaitable<Result<void>> Market::Impl::recover_found() {
    auto self = shared_from_this();
    const Result<std::vector<store::Record>> kept =
        co_await parts_.journal.records().list(found_kind, "", found_max);
    if (!kept) {
        co_return kept.error();
    }
    for (const store::Record& record : *kept) {
        const Result<json::Value> read = json::parse(record.json);
        if (!read) {
            co_return Error{Errc::corrupt, "provider " + record.id + ": " + read.error().message, ""};
        }
        MarketPeer peer{.id = read->text("/id"),
                        .url = read->text("/url"),
                        .subscriber_id = read->text("/subscriber_id"),
                        .key_id = {}};
        const auto wire = beckn::parse_wire_version(read->text("/dialect"));
        const auto profile = beckn::parse_signature_profile(read->text("/signature"));
        if (!wire || !profile || peer.id != record.id) {
            co_return Error{Errc::corrupt, "the record of provider " + record.id + " cannot be read", ""};
        }
        if (find_peer(peer.id) != nullptr) {
            continue;  // it is configured by now
        }
        peer.wire = *wire;
        peer.signature = beckn::rules_of(*profile);
        peer.has_key = false;
        peer.is_found = true;
        peers_.push_back(std::move(peer));
        ++found_;
    }
    co_return Result<void>{};
}

/// One of many answers to a search that a gateway has handed on: how many will come, nobody knows.
void Market::Impl::take_found(SearchRun& run, std::size_t gateway, const Callback& callback) {
    SearchAnswer answer{.provider = callback.peer->id,
                        .answered = !callback.envelope.error,
                        .fault = {},
                        .latency_ms = milliseconds_between(run.sent[gateway], steady_now())};
    if (callback.envelope.error) {
        answer.fault = clean_text(beckn::describe(*callback.envelope.error));
    } else {
        note_success(*callback.peer);
        answer.fault = clean_text(take_items(run, callback));
        SearchAnswer& handed_on = run.result.answers[gateway];
        if (!handed_on.answered) {
            handed_on.answered = true;
            handed_on.latency_ms = answer.latency_ms;
            peer_states_[handed_on.provider].silent_searches = 0;
        }
    }
    run.found.insert_or_assign(callback.peer->id, std::move(answer));
    if (options_.enough_ppm > 0 && covers(run, options_.enough_ppm)) {
        end_wait(run);
    }
}

/// A discovery service answers for many. Of those that nobody knows yet the registry is asked; it alone makes
/// a host callable, not the service.
Awaitable<void> Market::Impl::learn_discovered(std::shared_ptr<const Callback> callback) {
    auto self = shared_from_this();
    std::set<std::string> asked;
    for (const beckn::Catalog& catalog : beckn::catalogs_of(callback->envelope.message)) {
        const bool is_new = !catalog.bpp_id.empty() && asked.insert(catalog.bpp_id).second;
        if (!is_new || parts_.keys == nullptr || asked.size() > discovered_max) {
            continue;
        }
        const MarketPeer* const named = find_sender(catalog.bpp_id, "");
        if (named == nullptr || named->is_found) {
            beckn::KeyId any{.subscriber = catalog.bpp_id, .key = {}};
            static_cast<void>(co_await parts_.keys->find(std::move(any)));  // `discovered` sees what there is
        }
    }
}

const MarketPeer* Market::Impl::discovered(const beckn::Catalog& catalog, const MarketPeer& service) {
    const MarketPeer* const named = find_sender(catalog.bpp_id, "");
    if (named != nullptr && !named->is_found) {
        return named->goods == PeerGoods::search ? nullptr : named;
    }
    if (parts_.keys == nullptr || catalog.bpp_id.empty()) {
        return nullptr;
    }
    const beckn::PublishedKey* key =
        parts_.keys->finder()(beckn::KeyId{.subscriber = catalog.bpp_id, .key = {}}).current;
    const bool is_his = key != nullptr && key->subscriber == catalog.bpp_id &&
                        (catalog.bpp_uri.empty() || beckn::is_below(catalog.bpp_uri, key->url));
    return is_his ? learn(*key, named, &service) : nullptr;
}

/// The one answer of a discovery service, with the catalogs of many providers.
void Market::Impl::take_discovered(SearchRun& run, std::size_t index, const Callback& callback) {
    if (callback.envelope.error) {
        settle(run, index, false, beckn::describe(*callback.envelope.error));
        return;
    }
    note_success(*callback.peer);
    std::string faults = callback.faults;
    for (const beckn::Catalog& catalog : beckn::catalogs_of(callback.envelope.message)) {
        Callback part;
        part.peer = discovered(catalog, *callback.peer);
        if (part.peer == nullptr) {
            faults += faults.empty() ? "" : "; ";
            faults += "the catalogue of " + (catalog.bpp_id.empty() ? "nobody" : catalog.bpp_id) +
                      " is left out: no provider of that name is registered at its address";
            continue;
        }
        part.envelope.message = catalog;
        SearchAnswer answer{.provider = part.peer->id,
                            .answered = true,
                            .fault = clean_text(take_items(run, part)),
                            .latency_ms = milliseconds_between(run.sent[index], steady_now())};
        run.found.insert_or_assign(part.peer->id, std::move(answer));
    }
    settle(run, index, true, std::move(faults));
}

}  // namespace headroom::agents
