#include "app/need_room.hpp"

#include "agents/kept_apart.hpp"
#include "agents/key_source.hpp"
#include "agents/need_meters.hpp"
#include "api/challenge_door.hpp"
#include "api/need_door.hpp"
#include "api/publication_door.hpp"
#include "audit/key_file.hpp"
#include "beckn/need_catalog.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::streamsize key_file_max = 16 << 20;

/// Addresses in a key file of the operator's own: whoever wrote them there means them, private ones too.
std::vector<std::string> hosts_in(const std::string& path) {
    std::vector<std::string> hosts;
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file || file.tellg() > key_file_max) {
        return hosts;  // whoever reads the keys says what is wrong
    }
    file.seekg(0);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const Result<json::Value> list = json::parse(text);
    for (const json::Value& entry : list && list->as_array() != nullptr ? *list->as_array() : json::Array{}) {
        if (const Result<net::Url> url = net::parse_url(entry.text("/url"))) {
            hosts.push_back(url->authority());
        }
    }
    return hosts;
}

/// Providers that the settings name may come as aggregators too.
std::vector<agents::KnownAggregator> known_in(const BecknSettings& settings) {
    std::vector<agents::KnownAggregator> known;
    for (const ProviderSettings& provider : settings.providers) {
        const Result<std::string> key = from_base64(provider.public_key);
        if (key && key->size() == Ed25519PublicKey{}.size()) {
            agents::KnownAggregator one{
                .subscriber_id = provider.subscriber_id, .key_id = provider.key_id, .url = provider.url};
            std::copy(key->begin(), key->end(), one.public_key.begin());
            known.push_back(std::move(one));
        }
    }
    return known;
}

/// By the grid as it stands, and without what trust keeps apart.
Awaitable<agents::VerifiedDelivery> verify_order(ControlRoom& room, beckn::NeedOrder order,
                                                 flex::Performance shown) {
    const flex::IntervalGrid awarded_w = order.awarded_w.value_or(flex::IntervalGrid{});
    std::set<std::string> ders;
    for (const flex::MeterSeries& meter : shown.meters) {
        if (room.network().der(meter.meter) != nullptr) {
            ders.insert(meter.meter);
        }
    }
    const agents::IsKeptApart is_apart =
        co_await agents::kept_apart(room.series(), std::move(ders), awarded_w.start, awarded_w.end());
    co_return agents::verified_delivery(order.transaction(), shown, awarded_w, room.network(), is_apart);
}

}  // namespace

void NeedRoom::prepare(ControlRoomOptions& options, const Settings& settings) {
    settings_ = settings.beckn;
    settings_.subscriber_id = options.market.subscriber_id;
    settings_.key_id = options.market.key_id;
    host_ = settings.server.host;
    options.mount = [this, before = std::move(options.mount)](net::HttpServer& server) {
        if (before) {
            before(server);
        }
        const auto wall = std::shared_ptr<WallClock>(make_system_wall_clock());
        const auto once = std::make_shared<api::Idempotency>(
            [this, wall]() -> agents::RecordStore& { return room_->records(); }, *wall);
        api::add_needs(server,
                       {.needs = [this] { return market(); },
                        .network = [this]() -> const grid::Network& { return room_->network(); },
                        .now = [this] { return room_->clock().now(); }},
                       once);
        api::add_challenges(server, [this] { return challenges_.get(); });
        api::add_publications(server, [this] {
            std::vector<agents::CatalogPublisher*> all;
            for (const auto& publisher : publishers_) {
                all.push_back(publisher.get());
            }
            return all;
        });
    };
}

/// The key that the registry encrypts for lies where `headroom beckn keygen --data-dir` puts it.
Result<void> NeedRoom::answer_challenges(ControlRoom& room, const beckn::Signer& signer) {
    const Result<Ed25519KeyPair> secret =
        audit::load_or_create_key(room.data_dir() / "keys" / "beckn.key.x25519");
    if (!secret) {
        return secret.error();
    }
    const beckn::X25519KeyPair encryption = beckn::X25519KeyPair::from_secret(secret->seed()).value();
    challenges_ = std::make_unique<agents::ChallengeAnswers>(
        agents::KeySubscriber::Parts{room.wall(), *http_, signer, encryption}, settings_.registry_url);
    return {};
}

Result<void> NeedRoom::connect(ControlRoom& room) {
    room_ = &room;
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(room.data_dir() / "keys" / "beckn.key");
    if (!key) {
        return key.error();
    }
    const std::string address = "http://" + host_ + ":" + std::to_string(room.port()) + "/beckn";
    agents::NeedMarketOptions options{.subscriber_id = settings_.subscriber_id,
                                      .key_id = settings_.key_id,
                                      .name = settings_.subscriber_id,
                                      .url = address};
    options.ttl = seconds{settings_.ttl_s};
    net::ClientSettings client;
    std::vector<std::unique_ptr<agents::KeySource>> sources;
    if (!settings_.key_file.empty()) {
        client.allow_private = hosts_in(settings_.key_file);
        options.hosts = client.allow_private;
        Result<std::unique_ptr<agents::KeySource>> file = agents::make_key_file(settings_.key_file);
        if (!file) {
            return Error{file.error().code, "beckn.key_file: " + file.error().message};
        }
        sources.push_back(std::move(*file));
    }
    for (const ProviderSettings& provider : settings_.providers) {
        if (const Result<net::Url> url = net::parse_url(provider.url)) {
            client.allow_private.push_back(url->authority());
        }
    }
    if (const Result<net::Url> url = net::parse_url(settings_.registry_url)) {
        client.allow_private.push_back(url->authority());
    }
    http_ = std::make_unique<net::HttpClient>(room.context().get_executor(), std::move(client));
    if (!settings_.registry_url.empty()) {
        const beckn::Signer signer{settings_.subscriber_id, settings_.key_id, *key};
        const bool is_dedi = settings_.registry_kind == "dedi";
        sources.push_back(
            is_dedi ? agents::make_dedi_keys({.url = settings_.registry_url}, *http_)
                    : agents::make_lookup_keys({.url = settings_.registry_url}, *http_, room.wall(), signer));
        if (const Result<void> ready = is_dedi ? Result<void>{} : answer_challenges(room, signer); !ready) {
            return ready.error();
        }
    }
    if (!sources.empty()) {
        keys_ = std::make_unique<agents::KeyResolver>(
            room.wall(), std::move(sources),
            agents::KeyResolverOptions{.networks = settings_.registry_networks});
    }
    market_ = std::make_unique<agents::NeedMarket>(
        agents::NeedMarket::Parts{
            room.context().get_executor(), room.clock(), room.wall(), room.in_flight(), *http_,
            room.journal(), *key, keys_.get(), agents::measure_from_series(room.series()),
            [&room](const beckn::PublishedNeed& need, const beckn::NeedSellers& sellers) {
                return room.orchestration().money_for(need, sellers);
            },
            [&room](beckn::NeedOrder order, flex::Performance shown) {
                return verify_order(room, std::move(order), std::move(shown));
            },
            [&room](agents::VerifiedDelivery delivery) { room.settlement().lay(std::move(delivery)); }},
        std::move(options), known_in(settings_));
    open_dispatch(room);
    open_publishers(room, {settings_.subscriber_id, settings_.key_id, *key}, address);
    spawn(room.context().get_executor(), take_up());
    return {};
}

/// Enrolments name providers as the settings do, contracts by their names in the network.
void NeedRoom::open_dispatch(ControlRoom& room) {
    auto book = [&room]() -> const flex::ProgrammeBook& { return room.desk().parts().programmes.book(); };
    auto subscriber_of = [this](const std::string& provider) {
        for (const ProviderSettings& one : settings_.providers) {
            if (one.id.value == provider) {
                return one.subscriber_id;
            }
        }
        return std::string();
    };
    dispatch_ = std::make_unique<agents::NeedDispatch>(agents::NeedDispatch::Parts{
        .executor = room.context().get_executor(),
        .clock = room.clock(),
        .dispatch = room.dispatch(),
        .board = [this] { return is_ready_ ? &market_->board() : nullptr; },
        .network = [&room]() -> const grid::Network& { return room.network(); },
        .state = [&room](const std::string& asset) { return room.orchestration().states().of(asset); },
        .der_load_kw = room.monitoring().views().der_load_kw,
        .may_use = agents::may_use_by(std::move(book), std::move(subscriber_of))});
    market_->on_change([this] { tell_change(); });
}

/// A discovery service of the network answers for our needs too: only 2.0.0 has words for them.
void NeedRoom::open_publishers(ControlRoom& room, const beckn::Signer& signer, const std::string& address) {
    for (const ProviderSettings& provider : settings_.providers) {
        const auto wire = beckn::parse_wire_version(provider.dialect);
        if (provider.sells != "search" || wire != beckn::WireVersion::v2_lts || signer.subscriber.empty()) {
            continue;
        }
        agents::CatalogService service{
            .subscriber_id = provider.subscriber_id, .url = provider.url, .keys = {}};
        service.signature = beckn::rules_of(
            beckn::parse_signature_profile(provider.signature).value_or(beckn::SignatureProfile::onix18));
        const Result<std::string> key = from_base64(provider.public_key);
        if (key && key->size() == Ed25519PublicKey{}.size()) {
            beckn::PublishedKey known{.subscriber = provider.subscriber_id, .key = provider.key_id};
            std::copy(key->begin(), key->end(), known.signing.begin());
            service.keys.push_back(std::move(known));
        }
        auto needs = [this]() -> std::vector<beckn::Catalog> {
            beckn::Catalog open = beckn::open_needs(market_->board(), "", room_->clock().now());
            return open.needs.empty() ? std::vector<beckn::Catalog>{}
                                      : std::vector<beckn::Catalog>{std::move(open)};
        };
        auto evidence = [&room](agents::MessageRecord record) {
            room.journal().records().note({.puts = {to_record(record)}, .removes = {}, .applied_seq = {}});
            room.journal().note(to_draft(record));
        };
        publishers_.push_back(std::make_unique<agents::CatalogPublisher>(
            agents::CatalogPublisher::Parts{room.context().get_executor(), room.clock(), room.wall(), *http_,
                                            signer, keys_.get(), std::move(needs), std::move(evidence)},
            std::move(service),
            agents::CatalogPublisherOptions{
                .url = address, .domain = settings_.domain, .ttl = seconds{settings_.ttl_s}}));
    }
}

void NeedRoom::tell_change() {
    dispatch_->look();
    for (const auto& publisher : publishers_) {
        publisher->look();
    }
}

Awaitable<void> NeedRoom::take_up() {
    const Result<void> recovered = co_await market_->recover();
    if (!recovered) {
        fault_ = recovered.error();
        log::error("needs of a former run cannot be read", {{"error", recovered.error().message}});
        co_return;
    }
    is_ready_ = true;
    room_->orchestration().count_need_orders([this] { return market_->contracts(); });
    tell_change();
}

}  // namespace headroom::app
