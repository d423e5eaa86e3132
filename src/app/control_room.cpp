#include "app/control_room.hpp"

#include "agents/event_rules.hpp"
#include "agents/projection.hpp"
#include "api/credentials.hpp"
#include "app/broker_watch.hpp"
#include "app/forecast_parts.hpp"
#include "app/scenario_parts.hpp"
#include "audit/key_file.hpp"
#include "core/log.hpp"
#include "dispatch/channels/mqtt.hpp"
#include "dispatch/channels/websocket.hpp"

#include <utility>

namespace headroom::app {
namespace {

/// Long enough for the day and week rings and a baseline's look-back.
constexpr auto warm_days = std::chrono::days{29};
constexpr milliseconds drain_limit = seconds{5};

}  // namespace

ControlRoom::ControlRoom(asio::io_context& context, ControlRoomOptions options)
    : context_(context),
      options_(std::move(options)),
      wall_(make_system_wall_clock()),
      server_(context, options_.limits) {
    if (options_.clock == nullptr) {
        own_clock_ = make_system_clock(context_);
    }
    clock_ = options_.clock != nullptr ? options_.clock : own_clock_.get();
    in_flight_ = options_.in_flight != nullptr ? options_.in_flight : &own_in_flight_;
}

ControlRoom::~ControlRoom() {
    if (bus_) {
        bus_->close();
    }
}

Result<std::unique_ptr<ControlRoom>> ControlRoom::open(asio::io_context& context,
                                                       ControlRoomOptions options) {
    std::unique_ptr<ControlRoom> room(new ControlRoom(context, std::move(options)));
    for (Result<void> (ControlRoom::*step)() :
         {&ControlRoom::open_stores, &ControlRoom::open_log, &ControlRoom::open_channel,
          &ControlRoom::open_door, &ControlRoom::listen}) {
        const Result<void> done = (room.get()->*step)();
        if (!done) {
            return done.error();
        }
    }
    return room;
}

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

Result<void> ControlRoom::listen() {
    add_routes();
    if (options_.mount) {
        options_.mount(server_);
    }
    if (mqtt_) {
        watch_broker(*mqtt_, "mqtt://" + options_.mqtt_host + ":" + std::to_string(options_.mqtt_port));
        const Result<void> connecting = mqtt_->start();
        if (!connecting) {
            return connecting;
        }
    }
    const Result<void> bound = server_.listen(options_.host, options_.port);
    if (!bound) {
        return bound.error();
    }
    const std::string url = "http://" + options_.host + ":" + std::to_string(server_.port());
    if (options_.market.callback_url.empty()) {
        options_.market.callback_url = url + "/beckn";
    }
    const Result<void> written = data_->write_endpoint(json::Object{
        {"url", url}, {"host", options_.host}, {"port", server_.port()}, {"control_path", control_path_}});
    if (!written) {
        return written;
    }
    Result<Ed25519KeyPair> key = audit::load_or_create_key(options_.data_dir / "keys" / "beckn.key");
    if (!key) {
        return key.error();
    }
    const asio::any_io_executor executor = context_.get_executor();
    if (Result<void> opened = open_keys(*key); !opened) {
        return opened;
    }
    market_ =
        std::make_unique<agents::Market>(agents::Market::Parts{executor, *clock_, *wall_, *in_flight_, *http_,
                                                               *journal_, std::move(*key), keys_.get()},
                                         options_.market, options_.peers);
    dispatch_ = std::make_unique<agents::DispatchAgent>(
        agents::DispatchAgent::Parts{executor, *clock_, *wall_, *in_flight_, *journal_, *channel_},
        options_.dispatch);
    programmes_ =
        std::make_unique<agents::Programmes>(agents::Programmes::Parts{*clock_, *journal_, options_.network});
    if (Result<void> restored = programmes_->restore(records_->direct()); !restored) {
        return restored;
    }
    orchestration_ = std::make_unique<agents::FlexOrchestration>(
        agents::FlexOrchestration::Parts{executor, *clock_, *journal_, *market_, *dispatch_, options_.network,
                                         monitoring_->views(), programmes_.get()},
        options_.orchestration);
    orchestration_->set_rules({options_.rules,
                               [this](const risk::Overload& overload) {
                                   return agents::limit_forecast(registry_, *monitor_, overload);
                               },
                               feeds_->board()});
    settlement_ = std::make_unique<agents::AuditSettlement>(
        agents::AuditSettlement::Parts{executor, *clock_, *journal_, *series_, *orchestration_,
                                       options_.network},
        agents::SettlementOptions{});
    settlement_->start();
    monitoring_->on_breach([this](const EventId& event) { orchestration_->breach(event); });
    journal_->on_entry([this](const audit::Entry& entry) {
        // A window that grew is told to the monitor, so that it does not raise the same trouble again.
        if (entry.type != "event.state" || entry.body.find("extended_to") == nullptr) {
            return;
        }
        if (const std::optional<agents::EventRecord> record = orchestration_->event(EventId{entry.corr})) {
            monitor_->adopt_open(record->id(), record->overload.limit, record->overload.start,
                                 record->overload.end);
        }
    });
    Result<std::unique_ptr<agents::Retraining>> retraining =
        open_retraining(options_.data_dir / "models", options_.retraining,
                        {executor, *clock_, *journal_, *series_, options_.network, *monitor_});
    if (!retraining) {
        return retraining.error();
    }
    retraining_ = std::move(*retraining);
    const Result<void> desk = open_desk();
    return desk ? open_sources() : desk;
}

void ControlRoom::tick() {
    monitoring_->tick();
    quality_->tick();
    trust_.monitoring->tick();
    if (started_) {
        retraining_->tick();
        contingency_->tick();
    }
}

Result<void> ControlRoom::warm(UtcTime now) {
    const UtcTime from = floor_period(now) - warm_days;
    const Result<std::vector<std::string>> keys = series_->direct().keys();
    if (!keys) {
        return keys.error();
    }
    std::size_t points = 0;
    for (telemetry::PointRef point = 0; point < registry_.size(); ++point) {
        const std::string key = registry_.key(point).text();
        const Result<store::SeriesBlock> block = series_->direct().read(key, from, floor_period(now));
        if (block) {
            monitor_->warm(point, *block);
            points += 1;
        } else if (block.error().code != Errc::not_found) {
            return block.error();
        }
    }
    if (points > 0) {
        monitor_->train(now);
    }
    log::info("half-hours read back", {{"points", static_cast<std::int64_t>(points)}});
    return {};
}

Awaitable<Result<void>> ControlRoom::start() {
    const Result<void> market = co_await market_->recover();
    if (!market) {
        co_return market;
    }
    const Result<std::vector<agents::DispatchOutcome>> instructions = co_await dispatch_->recover();
    if (!instructions) {
        co_return instructions.error();
    }
    const Result<std::vector<agents::EventRecord>> events = co_await orchestration_->recover();
    if (!events) {
        co_return events.error();
    }
    if (const Result<void> shelf = co_await contingency_->recover(); !shelf) {
        co_return shelf.error();
    }
    if (const Result<void> delivered = co_await settlement_->recover(); !delivered) {
        co_return delivered.error();
    }
    for (const agents::EventRecord& record : *events) {
        monitor_->adopt_open(record.id(), record.overload.limit, record.overload.start, record.overload.end);
    }
    if (!events->empty()) {
        log::info("events of a former run go on", {{"events", static_cast<std::int64_t>(events->size())}});
    }
    trust_.monitoring->align_marks();
    spawn(context_.get_executor(), agents::consume_overloads(std::move(overloads_), *orchestration_));
    if (iec104_) {
        iec104_->start();
    }
    started_ = true;
    co_return Result<void>{};
}

bool ControlRoom::idle() const {
    return journal_->idle() && records_->idle() && series_->idle() && http_->idle() && in_flight_->idle() &&
           retraining_->idle();
}

Awaitable<void> ControlRoom::drain() {
    stopping_ = true;
    if (iec104_) {
        iec104_->stop();
    }
    retraining_->stop();
    co_await server_.drain(drain_limit);
    identity_->finish();
    static_cast<void>(co_await journal_->flush());
}

Result<void> ControlRoom::finish() {
    stopping_ = true;
    bus_->close();
    journal_->push_out();
    finish_series(*series_);
    return log_->seal_and_close();
}

}  // namespace headroom::app
