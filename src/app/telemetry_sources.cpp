#include "app/telemetry_sources.hpp"

#include "app/broker_url.hpp"
#include "core/log.hpp"

#include <chrono>
#include <future>
#include <limits>
#include <utility>

namespace headroom::app {
namespace {

/// How long a snapshot waits for the io thread and the disks before it is given up until the next.
constexpr seconds settle_limit{20};
constexpr milliseconds look_every{1};
/// How long an overload may be missing in a log that takes entries.
constexpr seconds log_limit{60};

json::Object counts_json(const agents::SourceCounts& counts) {
    json::Array quarantined;
    for (const std::uint64_t count : counts.quarantined) {
        quarantined.push_back(count);
    }
    return json::Object{{"messages", counts.messages},   {"bytes", counts.bytes},
                        {"readings", counts.readings},   {"unreadable", counts.unreadable},
                        {"accepted", counts.accepted},   {"duplicates", counts.duplicates},
                        {"conflicts", counts.conflicts}, {"quarantined", std::move(quarantined)},
                        {"missing", counts.missing}};
}

agents::SourceCounts counts_of(const json::Value& from) {
    const auto number = [&](const char* pointer) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, from.integer(pointer)));
    };
    agents::SourceCounts out{.messages = number("/messages"),
                             .bytes = number("/bytes"),
                             .readings = number("/readings"),
                             .unreadable = number("/unreadable"),
                             .accepted = number("/accepted"),
                             .duplicates = number("/duplicates"),
                             .conflicts = number("/conflicts"),
                             .quarantined = {},
                             .missing = number("/missing")};
    for (std::size_t i = 0; i < out.quarantined.size(); ++i) {
        out.quarantined[i] = number(("/quarantined/" + std::to_string(i)).c_str());
    }
    return out;
}

void tell_state(const std::string& broker, bool connected, const std::string& why) {
    if (connected) {
        log::info("readings are read from the broker", {{"broker", broker}});
    } else if (why != "stopped") {
        log::warn("no readings: no connection to the broker",
                  {{"broker", broker}, {"why", why}, {"remedy", "it is tried again by itself"}});
    }
}

Result<std::map<std::string, std::string>> options_of(const std::vector<std::string>& texts) {
    std::map<std::string, std::string> out;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return Error{Errc::invalid, "kafka.options: '" + text + "' has not the form name=value",
                         "/kafka/options"};
        }
        out[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<TelemetrySources>> TelemetrySources::make(const Settings& settings,
                                                                 ControlRoom& room) {
    std::unique_ptr<TelemetrySources> sources(new TelemetrySources(room, settings));
    if (!settings.mqtt_readings.url.empty()) {
        if (const Result<void> made = sources->make_mqtt(settings.mqtt_readings); !made) {
            return made.error();
        }
    }
    if (!settings.kafka.brokers.empty()) {
        if (const Result<void> made = sources->make_kafka(settings.kafka); !made) {
            return made.error();
        }
    }
    return sources;
}

TelemetrySources::TelemetrySources(ControlRoom& room, const Settings& settings)
    : room_(room),
      file_(room.data_dir() / "snapshots" / "monitor.snapshot"),
      overloads_(room.bus().subscribe("overloads", "snapshots")) {
    spawn(room.context().get_executor(), watch_overloads());
    std::error_code fault;  // a folder that is missing is told when the first snapshot cannot be written
    std::filesystem::create_directories(file_.parent_path(), fault);
    checkpoints_ = std::make_unique<agents::Checkpoints>(
        agents::Checkpoints::Parts{.settle = [this] { return settle(); },
                                   .save =
                                       [this](std::span<const agents::SourcePosition> positions,
                                              const std::string& text, const std::function<void()>& copied) {
                                           return room_.monitor().save(file_, positions, text, copied);
                                       },
                                   .note = [this] { return note(); }},
        seconds{settings.snapshots.every_s});
}

TelemetrySources::~TelemetrySources() {
    if (stopping_.joinable()) {
        stopping_.join();
    }
}

agents::ReadingsSink TelemetrySources::sink() {
    return {
        .ingest = [this](std::span<const telemetry::Reading> readings,
                         SteadyTime received) { return room_.monitoring().ingest(readings, received); },
        .count_quarantined =
            [this](telemetry::Quarantine reason, std::uint64_t count) {
                room_.monitoring().count_quarantined(reason, count);
            },
        .expect_changes_only = [this](std::uint16_t source) { room_.monitor().expect_changes_only(source); }};
}

std::function<UtcTime()> TelemetrySources::clock() {
    return [this] { return room_.clock().now(); };
}

Result<void> TelemetrySources::make_mqtt(const MqttReadingsSettings& settings) {
    const auto address = broker_of(settings.url, "mqtt_readings.url");
    if (!address) {
        return address.error();
    }
    agents::MqttSourceOptions options;
    options.broker.host = address->first;
    options.broker.port = address->second;
    options.broker.client_id = settings.client_id;
    options.broker.user = settings.user;
    options.broker.password = settings.password;
    options.broker.ca_file = settings.ca_file;
    options.broker.cert_file = settings.cert_file;
    options.broker.key_file = settings.key_file;
    options.broker.qos = static_cast<int>(settings.qos);
    options.broker.clean_start = settings.session_expiry_s == 0;
    options.broker.session_expiry_s = static_cast<std::uint32_t>(settings.session_expiry_s);
    options.broker.receive_maximum = static_cast<std::uint16_t>(settings.receive_maximum);
    options.broker.payload_bytes_max = static_cast<std::size_t>(settings.max_payload_bytes);
    options.topics = settings.topics;
    options.share_group = settings.share_group;
    options.checkpoints = checkpoints_.get();
    options.intake.on_change = settings.on_change;
    options.intake.source = settings.source;
    const auto told = [url = settings.url](bool connected, const std::string& why) {
        tell_state(url, connected, why);
    };
    auto made = agents::MqttSource::make(room_.registry(), sink(), clock(), std::move(options), told);
    if (!made) {
        return Error{made.error().code, "mqtt_readings: " + made.error().message, "/mqtt_readings"};
    }
    mqtt_ = std::move(*made);
    mqtt_name_ = settings.source;
    return {};
}

Result<void> TelemetrySources::make_kafka(const KafkaSettings& settings) {
    auto extra = options_of(settings.options);
    if (!extra) {
        return extra.error();
    }
    agents::KafkaSourceOptions options;
    options.broker.cluster = {.brokers = settings.brokers,
                              .client_id = "headroom",
                              .user = settings.user,
                              .password = settings.password,
                              .sasl_mechanism = settings.sasl_mechanism,
                              .tls = settings.tls,
                              .ca_file = settings.ca_file,
                              .cert_file = settings.cert_file,
                              .key_file = settings.key_file,
                              .options = std::move(*extra)};
    options.broker.topics = settings.topics;
    options.broker.group = settings.group;
    options.broker.member = settings.member;
    options.broker.cooperative = settings.cooperative;
    options.broker.from_newest = settings.from_newest;
    options.key_is_feeder = settings.key_is_feeder;
    options.name = settings.source;
    options.intake.on_change = settings.on_change;
    options.intake.source = settings.source;
    auto made =
        agents::KafkaSource::make(room_.registry(), sink(), clock(), std::move(options), checkpoints_.get());
    if (!made) {
        return Error{made.error().code, "kafka: " + made.error().message, "/kafka"};
    }
    kafka_ = std::move(*made);
    kafka_name_ = settings.source;
    return {};
}

Result<bool> TelemetrySources::restore() {
    const Result<monitor::SnapshotInfo> info = room_.monitor().restore(file_);
    if (!info) {
        if (info.error().code == Errc::not_found) {
            return false;
        }
        return info.error();
    }
    checkpoints_->restore(info->positions);
    if (const Result<json::Value> parsed = json::parse(info->note); parsed) {
        if (const json::Value* counts = parsed->get("mqtt"); counts != nullptr && mqtt_) {
            mqtt_->restore(counts_of(*counts));
        }
        if (const json::Value* counts = parsed->get("kafka"); counts != nullptr && kafka_) {
            kafka_->restore(counts_of(*counts));
        }
    }
    log::info("the monitor's state was read back",
              {{"saved_at", format_utc(info->saved_at)},
               {"points", static_cast<std::int64_t>(info->points)},
               {"positions", static_cast<std::int64_t>(info->positions.size())}});
    return true;
}

Result<void> TelemetrySources::start() {
    room_.on_refresh([this] { refresh_metrics(); });
    if (kafka_) {
        kafka_->start();
    }
    if (mqtt_) {
        if (const Result<void> started = mqtt_->start(); !started) {
            return started;
        }
    }
    checkpoints_->start();
    return {};
}

void TelemetrySources::request_stop() {
    HEADROOM_ASSERT(!stopping_.joinable());
    stopping_ = std::thread([this] { stop_all(); });
}

void TelemetrySources::stop_all() {
    if (mqtt_) {
        mqtt_->stop();
    }
    if (kafka_) {
        kafka_->stop();
    }
    checkpoints_->stop();
    static_cast<void>(checkpoints_->take("shutdown"));  // a failure is told there; the former one stands
    is_stopped_ = true;
}

Awaitable<void> TelemetrySources::watch_overloads() {
    for (;;) {
        const Result<std::vector<bus::Message>> batch = co_await overloads_->next(64);
        if (!batch || batch->empty()) {
            co_return;  // the bus is closed
        }
        for (const bus::Message& message : *batch) {
            seen_ += 1;
            if (const Result<agents::RaisedEvent> raised = agents::raised_event_of(message); raised) {
                on_their_way_.push_back(raised->overload.event);
            }
        }
        if (const Result<void> done = co_await overloads_->done(batch->back()); !done) {
            co_return;
        }
    }
}

bool TelemetrySources::has_nothing_on_its_way() {
    std::erase_if(on_their_way_, [this](const EventId& event) {
        const bool is_there = room_.orchestration().event(event).has_value();
        if (is_there) {
            unlogged_.push_back({event, steady_now()});
        }
        return is_there;
    });
    const json::Value metrics(room_.monitoring().status().metrics);
    return on_their_way_.empty() && seen_ == metrics.integer("/overloads_raised");
}

Awaitable<Result<void>> TelemetrySources::settled() {
    asio::steady_timer timer(room_.context());
    const SteadyTime until = steady_now() + settle_limit;
    while (!has_nothing_on_its_way()) {
        if (steady_now() > until) {
            co_return Error{Errc::timeout, "overloads wait for the event agent", {}};
        }
        timer.expires_after(look_every);
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
    }
    const Result<void> flushed = co_await room_.journal().flush();
    std::erase_if(unlogged_, [this](const Unlogged& one) {
        return !room_.journal().log().find_corr(one.event.value).empty();
    });
    if (!flushed) {
        for (Unlogged& one : unlogged_) {
            one.since = steady_now();
        }
        co_return flushed;
    }
    // A full disk refused them, and the agent writes them again; but nothing waits for one that never comes.
    std::erase_if(unlogged_, [](const Unlogged& one) {
        const bool is_given_up = steady_now() - one.since > log_limit;
        if (is_given_up) {
            log::error("an overload that was raised does not stand in the audit log",
                       {{"event", one.event.value}});
        }
        return is_given_up;
    });
    co_return unlogged_.empty()
        ? Result<void>{}
        : Error{
              Errc::unavailable, unlogged_.front().event.value + " does not stand in the audit log yet", {}};
}

Result<void> TelemetrySources::settle() {
    const auto promise = std::make_shared<std::promise<Result<void>>>();
    std::future<Result<void>> future = promise->get_future();
    // Behind what the batches so far have posted there.
    asio::post(room_.context(), [this, promise] {
        spawn(room_.context().get_executor(),
              [](TelemetrySources& sources,
                 std::shared_ptr<std::promise<Result<void>>> done) -> Awaitable<void> {
                  Result<void> result = co_await sources.settled();
                  done->set_value(std::move(result));
              }(*this, promise));
    });
    if (future.wait_for(settle_limit + seconds{5}) != std::future_status::ready) {
        return Error{Errc::timeout, "the control room did not come to rest in time", {}};
    }
    if (const Result<void> written = future.get(); !written) {
        return written;
    }
    return room_.series().flush_wait();
}

std::string TelemetrySources::note() const {
    json::Object out;
    if (mqtt_) {
        out.set("mqtt", counts_json(mqtt_->counts()));
    }
    if (kafka_) {
        out.set("kafka", counts_json(kafka_->counts()));
    }
    return json::write(out);
}

void TelemetrySources::refresh_metrics() {
    Metrics& metrics = room_.metrics();
    const auto take_over = [&](std::string_view name, std::string_view help, Metrics::Labels labels,
                               std::uint64_t total) {
        Metrics::Counter& counter = metrics.counter(name, help, std::move(labels));
        counter.add(total - std::min(total, counter.value()));
    };
    const auto source = [&](const std::string& name, const agents::SourceCounts& counts, bool connected) {
        take_over("headroom_source_messages_total", "Messages from a broker.", {{"source", name}},
                  counts.messages);
        const auto result = [&](const char* what, std::uint64_t total) {
            take_over("headroom_broker_readings_total", "Readings from a broker by what became of them.",
                      {{"source", name}, {"result", what}}, total);
        };
        result("accepted", counts.accepted);
        result("duplicate", counts.duplicates);
        result("conflict", counts.conflicts);
        result("quarantined", counts.quarantined_total());
        take_over("headroom_source_unreadable_messages_total",
                  "Messages that could not be read at all; each is one quarantined reading.",
                  {{"source", name}}, counts.unreadable);
        metrics
            .gauge("headroom_source_missing", "Numbers of the senders' sequences that never came.",
                   {{"source", name}})
            .set(static_cast<double>(counts.missing));
        metrics.gauge("headroom_source_connected", "1 while readings can come.", {{"source", name}})
            .set(connected ? 1.0 : 0.0);
    };
    if (mqtt_) {
        source(mqtt_name_, mqtt_->counts(), mqtt_->connection().connected);
        take_over("headroom_source_oversize_total", "Messages passed over because of their size.",
                  {{"source", mqtt_name_}}, mqtt_->connection().oversize);
    }
    if (kafka_) {
        const agents::KafkaSource::Figures figures = kafka_->figures();
        source(kafka_name_, kafka_->counts(), figures.connected);
        metrics.gauge("headroom_kafka_partitions", "Partitions held.")
            .set(static_cast<double>(figures.consumer.partitions));
        metrics.gauge("headroom_kafka_lag", "Messages that wait in the partitions held.")
            .set(figures.lag < 0 ? std::numeric_limits<double>::quiet_NaN()
                                 : static_cast<double>(figures.lag));
        metrics.gauge("headroom_kafka_brokers_up", "Brokers connected.")
            .set(static_cast<double>(figures.brokers_up));
        take_over("headroom_kafka_rebalances_total", "Rebalances seen.", {}, figures.consumer.rebalances);
        take_over("headroom_kafka_skipped_total", "Offsets that were gone from the log.", {},
                  figures.consumer.skipped);
        take_over("headroom_kafka_repeated_total", "Messages passed over: known, or of a partition given up.",
                  {}, figures.consumer.repeated);
    }
    const agents::Checkpoints::Counts counts = checkpoints_->counts();
    take_over("headroom_snapshots_total", "Snapshots by outcome.", {{"result", "written"}}, counts.taken);
    take_over("headroom_snapshots_total", "Snapshots by outcome.", {{"result", "failed"}}, counts.failed);
    metrics.gauge("headroom_snapshot_pause_seconds", "How long sources stood still for the last snapshot.")
        .set(counts.last_ms / 1000.0);
}

}  // namespace headroom::app
