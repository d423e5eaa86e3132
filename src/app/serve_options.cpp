#include "app/serve_options.hpp"

#include "app/broker_url.hpp"
#include "app/forecast_parts.hpp"
#include "core/digest.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

namespace headroom::app {
namespace {

std::int64_t ppm(double share) {
    return std::llround(share * 1e6);
}

risk::RiskRules rules_of(const RiskSettings& settings) {
    risk::RiskRules rules;
    rules.alarm_quantile_ppm = settings.alarm_quantile > 0.0
                                   ? risk::carried_quantile_ppm(settings.alarm_quantile)
                                   : risk::alarm_quantile_of_costs(settings.missed_overload_gbp_per_kwh,
                                                                   settings.needless_purchase_gbp_per_kwh);
    rules.live_persistence = settings.live_persistence;
    rules.live_window = settings.live_window;
    rules.instant_ppm = ppm(settings.instant_loading);
    rules.clear_ppm = ppm(settings.clear_loading);
    rules.clear_readings = settings.clear_readings;
    rules.live_horizon_periods = settings.live_horizon_periods;
    rules.forecast_horizon_periods = settings.forecast_horizon_periods;
    return rules;
}

agents::PartialPolicy partial_policy(PartialChoice choice) {
    switch (choice) {
        case PartialChoice::keep:
            return agents::PartialPolicy::keep;
        case PartialChoice::top_up:
            return agents::PartialPolicy::top_up;
        case PartialChoice::compensate:
            return agents::PartialPolicy::compensate;
    }
    return agents::PartialPolicy::top_up;
}

agents::PeerGoods goods_of(std::string_view sells) {
    if (sells == "search") {
        return agents::PeerGoods::search;
    }
    return sells == "computing" ? agents::PeerGoods::computing : agents::PeerGoods::flexibility;
}

Result<std::vector<agents::MarketPeer>> peers_of(const BecknSettings& settings) {
    std::vector<agents::MarketPeer> peers;
    for (const ProviderSettings& provider : settings.providers) {
        const bool has_key =
            !provider.public_key.empty();  // without one the registry has it: see the settings
        const Result<std::string> key = from_base64(provider.public_key);
        if (has_key && (!key || key->size() != Ed25519PublicKey{}.size())) {
            return Error{
                Errc::invalid,
                "beckn.providers: the public key of " + provider.id.value + " is not 32 bytes in base64",
                "/beckn/providers"};
        }
        agents::MarketPeer peer{.id = provider.id.value,
                                .url = provider.url,
                                .subscriber_id = provider.subscriber_id,
                                .key_id = provider.key_id};
        // Both words were checked with the settings.
        peer.wire = beckn::parse_wire_version(provider.dialect).value_or(beckn::WireVersion::v11);
        peer.signature =
            beckn::rules_of(beckn::parse_signature_profile(provider.signature)
                                .value_or(beckn::is_v2(peer.wire) ? beckn::SignatureProfile::onix18
                                                                  : beckn::SignatureProfile::beckn006));
        peer.has_key = has_key;
        peer.goods = goods_of(provider.sells);
        if (has_key) {
            std::copy(key->begin(), key->end(), peer.public_key.begin());
        }
        peers.push_back(std::move(peer));
    }
    return peers;
}

Result<desk::GridFile> read_served_grid(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return Error{Errc::unavailable, "the grid file " + path.string() + " cannot be read"};
    }
    desk::GridFile file{.name = path.filename().string(), .text = text.str(), .sha256 = {}, .network = {}};
    Result<grid::Network> network = grid::read_grid_csv(file.text, file.name);
    if (!network) {
        return Error{network.error().code, network.error().message +
                                               ". Nothing of the file was taken. Remedy: mend what is named "
                                               "(docs/formats/grid-csv.md)"};
    }
    file.sha256 = sha256_hex(file.text);
    file.network = std::move(*network);
    return file;
}

/// Addresses of one's own network that the settings name: whoever wrote them there means them.
std::vector<std::string> own_hosts(const BecknSettings& settings) {
    std::vector<std::string> urls{settings.registry_url};
    bool has_gateway = false;
    for (const ProviderSettings& provider : settings.providers) {
        urls.push_back(provider.url);
        has_gateway = has_gateway || goods_of(provider.sells) == agents::PeerGoods::search;
    }
    std::vector<std::string> out;
    // Of who answers through a gateway only the registry knows the address: beside a registry on a machine of
    // one's own network, the others on that machine may be called.
    if (const Result<net::Url> registry = net::parse_url(settings.registry_url); registry && has_gateway) {
        const std::string authority = registry->authority();
        out.push_back(authority.substr(0, authority.rfind(':')) + ":*");
    }
    for (const std::string& text : urls) {
        if (const Result<net::Url> url = net::parse_url(text)) {
            out.push_back(url->authority());
        }
    }
    return out;
}

}  // namespace

grid::AuthorityLevel level_of(StartLevel level) {
    switch (level) {
        case StartLevel::shadow:
            return grid::AuthorityLevel::shadow;
        case StartLevel::propose:
            return grid::AuthorityLevel::propose;
        case StartLevel::act:
            return grid::AuthorityLevel::act;
    }
    return grid::AuthorityLevel::shadow;
}

Result<ControlRoomOptions> real_options(const ServeCommand& command) {
    if (command.grid_file.empty()) {
        return Error{Errc::invalid,
                     "a grid file is needed: headroom serve --grid FILE (docs/formats/grid-csv.md), or "
                     "--demo for a simulated grid"};
    }
    Result<desk::GridFile> file = read_served_grid(command.grid_file);
    if (!file) {
        return Error{file.error().code, file.error().message + ", then start again"};
    }
    Result<std::vector<agents::MarketPeer>> peers = peers_of(command.settings.beckn);
    if (!peers) {
        return peers.error();
    }
    ControlRoomOptions options;
    options.network = std::move(file->network);
    options.read_grid = [path = std::filesystem::absolute(command.grid_file)] {
        return read_served_grid(path);
    };
    options.peers = std::move(*peers);
    options.keys = {.file = command.settings.beckn.key_file,
                    .url = command.settings.beckn.registry_url,
                    .is_dedi = command.settings.beckn.registry_kind == "dedi",
                    .networks = command.settings.beckn.registry_networks};
    options.allow_private = own_hosts(command.settings.beckn);
    options.market.subscriber_id = command.settings.beckn.subscriber_id;
    options.market.key_id = command.settings.beckn.key_id;
    options.orchestration.authority = level_of(command.settings.authority.level);
    options.mode = {.simulated = false,
                    .seed = 0,
                    .speed = 1.0,
                    .authority = std::string(to_string(command.settings.authority.level)),
                    .control_path = {},
                    .story_name = {},
                    .story_title = {}};
    if (!command.settings.mqtt.url.empty()) {
        const Result<std::pair<std::string, std::uint16_t>> broker = broker_of(command.settings.mqtt.url);
        if (!broker) {
            return broker.error();
        }
        options.mqtt_host = broker->first;
        options.mqtt_port = broker->second;
        options.mqtt_prefix = command.settings.mqtt.prefix;
    }
    return options;
}

void apply_settings(const Settings& settings, ControlRoomOptions& options) {
    options.data_dir = settings.data.dir;
    options.host = settings.server.host;
    options.port = static_cast<std::uint16_t>(settings.server.port);
    options.door.cors_origins = settings.server.cors_origins;
    options.door.names = settings.server.names;
    options.door.is_behind_https = settings.server.behind_https;
    options.limits.body_bytes = static_cast<std::size_t>(settings.server.max_body_bytes);
    options.limits.header_bytes = static_cast<std::size_t>(settings.server.max_header_bytes);
    options.limits.idle_timeout = seconds{settings.server.idle_timeout_s};
    options.limits.connections = static_cast<std::size_t>(settings.server.max_connections);
    options.market.domain = settings.beckn.domain;
    options.market.ttl = seconds{settings.beckn.ttl_s};
    options.market.search_window = milliseconds{settings.beckn.search_window_ms};
    options.market.strict_ttl = settings.beckn.strict_ttl;
    options.market.enough_ppm = settings.beckn.enough_percent * 10'000;
    options.orchestration.partial = partial_policy(settings.beckn.when_partial);
    options.orchestration.partial_least_ppm = settings.beckn.partial_least_percent * 10'000;
    options.monitor.rules = rules_of(settings.risk);
    options.monitor.shards = static_cast<std::size_t>(settings.monitor.shards);
    options.monitor.horizons_per_refresh = static_cast<std::size_t>(settings.monitor.horizons_per_refresh);
    options.monitor.half_hours = static_cast<std::size_t>(settings.monitor.half_hours);
    options.llm = settings.llm;
    options.series = series_options(settings);
    options.retraining = retraining_options(settings.forecast);
    options.scenarios = {.scenario = settings.scenario, .feeds = settings.feeds};
}

}  // namespace headroom::app
