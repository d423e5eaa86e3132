#include "agents/projection.hpp"
#include "api/credentials.hpp"
#include "app/control_room.hpp"
#include "app/forecast_parts.hpp"
#include "audit/key_file.hpp"
#include "core/log.hpp"
#include "dispatch/channels/mqtt.hpp"
#include "dispatch/channels/websocket.hpp"

#include <utility>

// What a control room stands on: stores, log, channel to the devices, door and keys.

namespace headroom::app {

Result<void> ControlRoom::open_stores() {
    Result<std::unique_ptr<store::DataDir>> data = store::DataDir::open(options_.data_dir);
    if (!data) {
        return data.error();
    }
    data_ = std::move(*data);
    Result<std::unique_ptr<store::Records>> records =
        store::open_sqlite_records(options_.data_dir / "records.db");
    if (!records) {
        return records.error();
    }
    Result<std::unique_ptr<store::AheadFile>> ahead =
        store::AheadFile::open(options_.data_dir / "records.ahead", **records);
    if (!ahead) {
        return ahead.error();
    }
    records_ = std::make_unique<agents::RecordStore>(std::move(*records), std::move(*ahead));
    Result<std::unique_ptr<agents::SeriesStore>> series =
        open_series(options_.data_dir / "series.db", options_.series);
    if (!series) {
        return series.error();
    }
    series_ = std::move(*series);
    return {};
}

Result<void> ControlRoom::open_log() {
    Result<Ed25519KeyPair> key = audit::load_or_create_key(options_.data_dir / "keys" / "audit.key");
    if (!key) {
        return key.error();
    }
    audit::LogOptions log_options{.dir = options_.data_dir / "audit",
                                  .origin = options_.origin,
                                  .key = std::move(*key),
                                  .wall_clock = *wall_};
    Result<std::unique_ptr<audit::Log>> log = audit::Log::open(std::move(log_options));
    if (!log) {
        return log.error();
    }
    log_ = std::move(*log);
    Result<audit::BlobStore> blobs = audit::BlobStore::open(options_.data_dir / "blobs");
    if (!blobs) {
        return blobs.error();
    }
    blobs_ = std::make_unique<audit::BlobStore>(std::move(*blobs));
    const auto read = [this](std::uint64_t seq) { return log_->read(seq); };
    const Result<std::uint64_t> applied =
        agents::catch_up(read, log_->durable_size(), records_->direct(),
                         [this](const std::string& sha256) { return blobs_->get(sha256); });
    if (!applied) {
        return applied.error();
    }
    if (*applied > 1) {
        log::info("records caught up with the audit log", {{"entries", *applied}});
    }
    return {};
}

Result<void> ControlRoom::open_channel() {
    const asio::any_io_executor executor = context_.get_executor();
    net::ClientSettings client;
    client.allow_private = options_.allow_private;
    http_ = std::make_unique<net::HttpClient>(context_.get_executor(), std::move(client));
    bus_ = bus::make_in_process_bus(executor);
    overloads_ = agents::subscribe_to_overloads(*bus_);
    journal_ = std::make_unique<agents::Journal>(executor, *log_, *blobs_, *records_);
    options_.monitor.half_hours = half_hours_for(options_.network, options_.monitor.half_hours);
    monitor_ = std::make_unique<monitor::Monitor>(options_.network, registry_, options_.monitor);
    monitoring_ = std::make_unique<agents::GridMonitoring>(agents::GridMonitoring::Parts{
        executor, *clock_, *bus_, *series_, options_.network, registry_, *monitor_});
    if (options_.mqtt_host.empty()) {
        auto channel = dispatch::make_websocket_channel(executor, *clock_);
        dispatch::serve_gateways(server_, "/devices/v1", *channel);
        channel_ = std::move(channel);
        control_path_ = "websocket";
    } else {
        net::MqttSettings settings;
        settings.host = options_.mqtt_host;
        settings.port = options_.mqtt_port;
        settings.client_id = "headroom-core";
        mqtt_ = std::make_unique<net::MqttClient>(executor, std::move(settings));
        channel_ = dispatch::make_mqtt_channel(executor, *mqtt_, options_.mqtt_prefix, *clock_, *wall_);
        control_path_ = "mqtt";
    }
    return {};
}

/// Who may come in; without anybody to ask for, only this computer itself.
Result<void> ControlRoom::open_door() {
    Result<std::unique_ptr<desk::identity::Identity>> identity =
        desk::identity::Identity::open({context_.get_executor(), *wall_, *journal_, options_.data_dir});
    if (!identity) {
        return identity.error();
    }
    identity_ = std::move(*identity);
    options_.door.is_loopback = api::is_loopback_address(options_.host);
    if (!options_.door.is_loopback && !identity_->is_required()) {
        return Error{Errc::denied,
                     "on " + options_.host +
                         " everybody on the network could give orders, for there are no users and no keys. "
                         "Remedy: headroom user add NAME --role admin --password-file FILE --data-dir " +
                         options_.data_dir.string() + ", or listen on 127.0.0.1",
                     {}};
    }
    still_in_ = api::add_session_door(server_, *identity_, options_.door);
    return {};
}

/// Resolver of the providers' keys, where a file or a registry is configured.
Result<void> ControlRoom::open_keys(const Ed25519KeyPair& own) {
    std::vector<std::unique_ptr<agents::KeySource>> sources;
    if (!options_.keys.file.empty()) {
        Result<std::unique_ptr<agents::KeySource>> file = agents::make_key_file(options_.keys.file);
        if (!file) {
            return Error{file.error().code, "beckn.key_file: " + file.error().message};
        }
        sources.push_back(std::move(*file));
    }
    if (!options_.keys.url.empty()) {
        const beckn::Signer signer{options_.market.subscriber_id, options_.market.key_id, own};
        sources.push_back(options_.keys.is_dedi
                              ? agents::make_dedi_keys({.url = options_.keys.url}, *http_)
                              : agents::make_lookup_keys({.url = options_.keys.url}, *http_, *wall_, signer));
    }
    if (!sources.empty()) {
        keys_ = std::make_unique<agents::KeyResolver>(
            *wall_, std::move(sources), agents::KeyResolverOptions{.networks = options_.keys.networks});
    }
    return {};
}

}  // namespace headroom::app
