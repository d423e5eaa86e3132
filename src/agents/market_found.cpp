#include "agents/market_impl.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <utility>

// Providers that answer a search which a gateway has handed on. Nobody names them beforehand: the registry
// says who they are, where they listen and which key is theirs, and they are kept, so that a contract with
// them outlives the process.

namespace headroom::agents {

namespace {

constexpr const char* found_kind = "beckn_found_provider";
constexpr std::size_t found_max = 1000;
constexpr std::size_t short_id_max = 64;

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
        if (peer.goods == PeerGoods::search) {
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
    const Result<net::Url> url = net::parse_url(key == nullptr ? std::string_view() : key->url);
    const bool can_be_called = url && (url->scheme == "http" || url->scheme == "https");
    if (key == nullptr || key->type != beckn::ParticipantType::bpp || !can_be_called) {
        return nullptr;
    }
    if (named != nullptr) {
        move_found(*named, key->url);
        return named;
    }
    const MarketPeer* const by = gateway();
    if (by == nullptr || found_ >= found_max) {
        return nullptr;
    }
    MarketPeer peer{.id = short_id_of(sender.subscriber),
                    .url = key->url,
                    .subscriber_id = sender.subscriber,
                    .key_id = {}};
    if (find_peer(peer.id) != nullptr) {
        peer.id = "found-" + sha256_hex(sender.subscriber).substr(0, 16);
    }
    peer.wire = by->wire;
    peer.signature = by->signature;
    peer.has_key = false;
    peer.is_found = true;
    log::info("a provider was found through a gateway",
              {{"provider", peer.id}, {"subscriber", peer.subscriber_id}, {"url", peer.url}});
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

}  // namespace headroom::agents
