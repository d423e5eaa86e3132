#include "app/control_room.hpp"

#include "agents/projection.hpp"
#include "api/credentials.hpp"
#include "api/routes.hpp"
#include "app/broker_watch.hpp"
#include "app/forecast_parts.hpp"
#include "app/iec104_stations.hpp"
#include "app/quality_wiring.hpp"
#include "app/scenario_parts.hpp"
#include "audit/key_file.hpp"
#include "core/log.hpp"
#include "dispatch/channels/mqtt.hpp"
#include "dispatch/channels/websocket.hpp"

#include <limits>
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
    settlement_ = std::make_unique<agents::AuditSettlement>(
        agents::AuditSettlement::Parts{executor, *clock_, *journal_, *series_, *orchestration_},
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

/// Where readings come from besides the doors.
Result<void> ControlRoom::open_sources() {
    Result<std::vector<agents::Iec104Station>> stations =
        iec104_stations(options_.iec104, options_.network, registry_);
    if (!stations) {
        return stations.error();
    }
    if (!stations->empty()) {
        iec104_ = open_iec104(context_.get_executor(), *orchestration_, *monitoring_, registry_, *clock_,
                              *quality_, std::move(*stations));
    }
    return {};
}

void ControlRoom::tick() {
    monitoring_->tick();
    quality_->tick();
    trust_.monitoring->tick();
    if (started_) {
        retraining_->tick();
    }
}

/// Minutes are kept of feeders first and of resources as far as there is room.
void ControlRoom::track_minutes() {
    for (const bool is_feeder : {true, false}) {
        for (telemetry::PointRef point = 0; point < registry_.size(); ++point) {
            const telemetry::PointKey& key = registry_.key(point);
            if (key.quantity == grid::Quantity::p_kw &&
                (options_.network.feeder(key.point_id) != nullptr) == is_feeder) {
                static_cast<void>(minutes_.track(point));
            }
        }
    }
}

/// Everybody on the io thread looks elements up by id when needed and keeps none over a wait. The monitor's
/// threads may be in the middle of a batch: they get a copy of their own, before the former network goes.
void ControlRoom::adopt(grid::Network network) {
    auto monitored = std::make_unique<grid::Network>(network);
    monitor_->apply(*monitored);
    monitored_ = std::move(monitored);
    options_.network = std::move(network);
    quality_->rebuild();
    trust_.monitoring->rebuild();
    track_minutes();
}

Result<void> ControlRoom::open_desk() {
    track_minutes();
    monitoring_->on_used([this](std::span<const telemetry::Reading> readings,
                                std::span<const std::uint32_t> used, const monitor::IngestCount& count) {
        minutes_.add(readings, used);
        sources_.add(readings, used, count);
        quality_->add_batch(readings, used, count);
    });
    feed_series(*series_, options_.series,
                {context_.get_executor(), *clock_, *journal_, *monitor_, registry_, minutes_});
    quality_ = std::make_unique<desk::Quality>(
        desk::Quality::Parts{options_.network, registry_, *monitor_, *clock_});
    watch_quality(*monitoring_, *quality_);
    Result<TrustParts> trust = open_trust({*clock_, options_.network, registry_, *monitor_, *journal_,
                                           *series_, *monitoring_, *orchestration_, records_->direct()});
    if (!trust) {
        return trust.error();
    }
    trust_ = std::move(*trust);
    Result<CopilotParts> copilot =
        open_copilot(options_.data_dir, options_.llm, {context_.get_executor(), *http_, *journal_, *wall_});
    if (!copilot) {
        return copilot.error();
    }
    copilot_ = std::move(*copilot);
    Result<ScenarioParts> scenarios = open_scenarios(context_.get_executor(), *wall_, *journal_,
                                                     options_.network, options_.data_dir, options_.scenarios);
    if (!scenarios) {
        return scenarios.error();
    }
    scenarios_ = std::make_unique<ScenarioParts>(std::move(*scenarios));
    on_refresh([this] { refresh_copilot_metrics(metrics_, *copilot_.copilot); });
    options_.mode.control_path = control_path_;
    desk_ = std::make_unique<desk::Desk>(
        desk::Parts{context_.get_executor(),
                    *clock_,
                    *wall_,
                    options_.network,
                    registry_,
                    *monitor_,
                    *monitoring_,
                    *orchestration_,
                    *settlement_,
                    *market_,
                    *dispatch_,
                    *journal_,
                    *series_,
                    minutes_,
                    sources_,
                    *quality_,
                    *trust_.monitoring,
                    *retraining_,
                    *programmes_,
                    options_.without,
                    static_cast<double>(options_.monitor.rules.alarm_quantile_ppm) / 1e6,
                    options_.read_grid,
                    [this](grid::Network network) { adopt(std::move(network)); },
                    copilot_.knowledge.get(),
                    copilot_.copilot.get(),
                    options_.rules},
        options_.mode);
    return {};
}

void ControlRoom::add_metrics() {
    metrics_
        .gauge("headroom_build_info", "Version of this process; always 1.", {{"version", HEADROOM_VERSION}})
        .set(1.0);
    server_.observe([this](const net::RouteInfo* route, int status, double seconds) {
        Metrics::Histogram*& histogram = request_histograms_[{route, status}];
        if (histogram == nullptr) {
            histogram = &metrics_.histogram("http_server_request_duration_seconds",
                                            "Time from a request's header to the end of its answer.",
                                            {{"method", route != nullptr ? route->method : "other"},
                                             {"route", route != nullptr ? route->pattern : "none"},
                                             {"status", std::to_string(status)}});
        }
        histogram->observe(seconds);
        requests_ += 1;
    });
    journal_->on_entry([this](const audit::Entry& entry) {
        metrics_.counter("headroom_audit_entries_total", "Entries written to the audit log.").add();
        if (entry.type == "dispatch.order.ack" || entry.type == "dispatch.order.nack" ||
            entry.type == "dispatch.order.timeout") {
            metrics_
                .counter("headroom_dispatch_instructions_total", "Instructions by what became of them.",
                         {{"result", entry.type.substr(entry.type.rfind('.') + 1)}})
                .add();
        }
        if (entry.type == "alarm.raised" || entry.type == "guard.refused") {
            metrics_.counter("headroom_alarm_transitions_total", "Alarms raised.", {{"state", "raised"}})
                .add();
        }
    });
}

/// What is counted elsewhere is taken over when somebody asks.
void ControlRoom::refresh_metrics() {
    for (const auto& refresh : refreshers_) {
        refresh();
    }
    metrics_.gauge("headroom_feeders", "Feeders in the network.")
        .set(static_cast<double>(options_.network.feeders().size()));
    metrics_.gauge("headroom_http_connections", "Open connections, WebSockets included.")
        .set(static_cast<double>(server_.connections()));
    const json::Object status = desk_->status();
    metrics_.gauge("headroom_telemetry_age_seconds", "Age of the newest reading of any feeder, domain time.")
        .set(json::Value(status).number("/data_age_s", std::numeric_limits<double>::quiet_NaN()));
    for (const auto& [name, count] : status.find("counts")->as_object()->members()) {
        metrics_
            .gauge("headroom_feeders_by_headroom", "Feeders by the headroom of their tightest phase.",
                   {{"headroom", name}})
            .set(count.as_double().value_or(0.0));
    }
    metrics_.gauge("headroom_events_open", "Events that are not over.")
        .set(static_cast<double>(orchestration_->open_events()));
    metrics_.gauge("headroom_audit_writable", "1 while the audit log takes entries.")
        .set(journal_->healthy() ? 1.0 : 0.0);
    refresh_quality_metrics(metrics_, *quality_);
    refresh_trust_metrics(metrics_, *trust_.monitoring);
    const monitor::IngestCount totals = monitoring_->totals();
    const auto take_over = [this](std::string_view result, std::uint64_t total) {
        Metrics::Counter& counter =
            metrics_.counter("headroom_ingest_messages_total", "Readings by what became of them.",
                             {{"result", std::string(result)}});
        counter.add(total - counter.value());
    };
    add_series_metrics(metrics_, *series_);
    take_over("accepted", totals.accepted);
    take_over("duplicate", totals.duplicates);
    take_over("conflict", totals.conflicts);
    for (std::size_t i = 0; i < totals.quarantined.size(); ++i) {
        take_over(telemetry::to_string(static_cast<telemetry::Quarantine>(i)), totals.quarantined[i]);
    }
}

std::vector<std::string> ControlRoom::not_ready() const {
    std::vector<std::string> reasons;
    if (!started_) {
        reasons.emplace_back("starting: what a former run left is being taken up");
    }
    if (stopping_) {
        reasons.emplace_back("stopping");
    }
    if (!journal_->healthy()) {
        reasons.emplace_back("the audit log takes no entries: nothing new is started (full or failed disk?)");
    }
    return reasons;
}

void ControlRoom::add_routes() {
    add_metrics();
    api::add_routes(server_,
                    api::Door{.desk = [this]() -> desk::Desk& { return *desk_; },
                              .monitoring = [this]() -> agents::GridMonitoring& { return *monitoring_; },
                              .market = [this]() -> agents::Market& { return *market_; },
                              .scenarios = [this]() -> desk::Scenarios& { return *scenarios_->scenarios; },
                              .registry = registry_,
                              .metrics = metrics_,
                              .clock = *clock_,
                              .wall = *wall_,
                              .records = [this]() -> agents::RecordStore& { return *records_; },
                              .still_in = still_in_,
                              .refresh_metrics = [this] { refresh_metrics(); },
                              .not_ready = [this] { return not_ready(); },
                              .is_stopping = [this] { return stopping_; }});
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
    for (const agents::EventRecord& record : *events) {
        monitor_->adopt_open(record.id(), record.overload.limit, record.overload.start, record.overload.end);
    }
    if (!events->empty()) {
        log::info("events of a former run go on", {{"events", static_cast<std::int64_t>(events->size())}});
    }
    trust_.monitoring->align_marks();
    spawn(context_.get_executor(), agents::consume_overloads(*bus_, *orchestration_));
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
