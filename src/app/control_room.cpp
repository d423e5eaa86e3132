#include "app/control_room.hpp"

#include "agents/event_rules.hpp"
#include "app/broker_watch.hpp"
#include "app/forecast_parts.hpp"
#include "app/operator_rules.hpp"
#include "app/process_memory.hpp"
#include "app/scenario_parts.hpp"
#include "audit/key_file.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::app {
namespace {

/// Long enough for the day and week rings and a baseline's look-back.
constexpr auto warm_days = std::chrono::days{29};
constexpr milliseconds room_drain_limit = seconds{5};

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
    keep_memory_at_hand();
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
    orchestration_->set_rules(
        {options_.rules,
         [this](const risk::Overload& overload) {
             agents::LimitForecast live = agents::limit_forecast(registry_, *monitor_, overload);
             return live.rows_w.empty() ? week_ahead_->forecast(overload) : live;
         },
         feeds_->board(), [this](const risk::Overload& overload) { return week_ahead_->renew(overload); },
         options_.monitor.rules, options_.week_ahead});
    week_ahead_ = std::make_unique<agents::WeekAhead>(
        agents::WeekAhead::Parts{executor, *clock_, *series_, options_.network, registry_, *monitor_,
                                 *orchestration_},
        agents::WeekAheadOptions{.rules = options_.week_ahead,
                                 .risk = options_.monitor.rules,
                                 .region = options_.retraining.train.region});
    settlement_ = std::make_unique<agents::AuditSettlement>(
        agents::AuditSettlement::Parts{executor, *clock_, *journal_, *series_, *orchestration_,
                                       options_.network},
        agents::SettlementOptions{});
    settlement_->start();
    monitoring_->on_breach([this](const EventId& event) { orchestration_->breach(event); });
    journal_->on_entry([this](const audit::Entry& entry) { tell_monitor(entry); });
    Result<std::unique_ptr<agents::Retraining>> retraining =
        open_retraining(options_.data_dir / "models", options_.retraining,
                        {executor, *clock_, *journal_, *series_, options_.network, *monitor_, registry_});
    if (!retraining) {
        return retraining.error();
    }
    retraining_ = std::move(*retraining);
    const Result<void> desk = open_desk();
    return desk ? open_sources() : desk;
}

/// What the monitor has to know of events: a window that it did not raise itself, or that has moved or grown,
/// so that it does not raise the same trouble again, and one that is gone, so that it does.
void ControlRoom::tell_monitor(const audit::Entry& entry) {
    const bool is_moved = entry.type == "event.state" &&
                          (entry.body.find("extended_to") != nullptr || entry.body.find("window") != nullptr);
    const bool is_from_outlook = entry.type == "constraint.raised" && entry.body.find("horizon") != nullptr;
    const bool is_ended = entry.type == "event.closed" || entry.type == "order.ended";
    if (!is_moved && !is_from_outlook && !is_ended) {
        return;
    }
    const std::optional<agents::EventRecord> record = orchestration_->event(EventId{entry.corr});
    if (!record) {
        return;
    }
    if (!is_ended) {
        monitor_->adopt_open(record->id(), record->overload.limit, record->overload.start,
                             record->overload.end);
    } else if (record->outcome == "cleared" && record->overload.start > clock_->now()) {
        // A window that is long over: it is let go with the next tick.
        monitor_->adopt_open(record->overload.event, record->overload.limit, UtcTime{}, UtcTime{});
    }
}

void ControlRoom::tick() {
    monitoring_->tick();
    quality_->tick();
    trust_.monitoring->tick();
    if (started_) {
        retraining_->tick();
        week_ahead_->tick();
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
    OperatorRules rules{options_.rules, options_.envelopes};
    const Result<void> kept = co_await keep_envelopes(*orchestration_, options_.network, std::move(rules));
    if (!kept) {
        co_return kept;
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
           retraining_->idle() && week_ahead_->idle();
}

Awaitable<void> ControlRoom::drain() {
    stopping_ = true;
    if (iec104_) {
        iec104_->stop();
    }
    retraining_->stop();
    week_ahead_->stop();
    co_await server_.drain(room_drain_limit);
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
