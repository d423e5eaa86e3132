#include "app/simulated_grid.hpp"

#include "app/broker_url.hpp"
#include "audit/key_file.hpp"
#include "core/log.hpp"
#include "sim/provider_file.hpp"
#include "sim/provider_near.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::app {
namespace {

constexpr const char* demo_buyer_id = "headroom.example";
constexpr const char* demo_buyer_key_id = "demo-1";
constexpr const char* window_provider = "grid-windows";
/// The book of peaks is kept so often; the world itself is kept at each step.
constexpr std::uint64_t steps_per_save = 10;

sim::WorldOptions world_options(const DemoCommand& command) {
    if (command.told) {
        return command.told->world;
    }
    sim::WorldOptions options;
    options.seed = command.seed;
    options.feeders = command.feeders;
    options.ders = command.ders;
    return options;
}

Awaitable<void> keep_result(Awaitable<Result<void>> work, std::optional<Result<void>>& result) {
    result = co_await std::move(work);
}

Awaitable<Result<void>> start_and_grant(ControlRoom& room, UtcTime now, bool is_first_run) {
    Result<void> started = co_await room.start();
    if (!started || !is_first_run) {
        co_return started;
    }
    grid::AuthorityEnvelope envelope;
    envelope.id = "demo";
    envelope.power_max = Watts{2'000'000};
    envelope.cost_max = MicroPounds{5'000'000'000};
    envelope.from = now - hours{24};
    envelope.until = now + hours{24 * 14};
    Caller caller{.id = "demo",
                  .kind = "system",
                  .role = "admin",
                  .ip = {},
                  .reason = "the demo grants itself authority to act on its simulated grid"};
    co_return co_await room.orchestration().grant(std::move(envelope), std::move(caller));
}

}  // namespace

SimulatedGrid::SimulatedGrid(asio::io_context& context, const DemoCommand& command,
                             std::filesystem::path data_dir)
    : context_(context),
      command_(command),
      data_dir_(std::move(data_dir)),
      sim_dir_(data_dir_ / "sim"),
      wall_(make_system_wall_clock()),
      world_(std::make_unique<sim::World>(world_options(command))),
      twin_(std::make_unique<sim::World>(world_->twin())),
      clock_(world_->now()),
      start_(command.told ? command.told->start : world_->now()),
      end_(command.told ? command.told->end
                        : world_->now() + milliseconds{std::llround(command.hours * 3'600'000.0)}),
      provider_server_(context) {
    for (const telemetry::PointKey& point : twin_->points()) {
        static_cast<void>(without_.track(twin_points_.intern(point)));
    }
}

SimulatedGrid::~SimulatedGrid() = default;

Result<std::unique_ptr<SimulatedGrid>> SimulatedGrid::open(asio::io_context& context,
                                                           const DemoCommand& command,
                                                           const std::filesystem::path& data_dir) {
    const Result<void> options = sim::check(world_options(command));
    if (!options) {
        return options.error();
    }
    std::unique_ptr<SimulatedGrid> grid(new SimulatedGrid(context, command, data_dir));
    for (const sim::SilentFrom& silent : grid->world_->options().silent_from) {
        if (!grid->world_->device_index(silent.der)) {
            return Error{Errc::invalid, "story " + command.story + ": there is no device " + silent.der +
                                            " in its world to fall silent"};
        }
    }
    for (Result<void> (SimulatedGrid::*step)() :
         {&SimulatedGrid::open_stores, &SimulatedGrid::load_book, &SimulatedGrid::open_providers}) {
        const Result<void> done = (grid.get()->*step)();
        if (!done) {
            return done.error();
        }
    }
    return grid;
}

Result<void> SimulatedGrid::open_stores() {
    std::error_code fault;
    std::filesystem::create_directories(sim_dir_, fault);
    if (fault) {
        return Error{Errc::unavailable,
                     "the folder " + sim_dir_.string() + " cannot be made: " + fault.message()};
    }
    Result<std::unique_ptr<store::Records>> devices = store::open_sqlite_records(sim_dir_ / "devices.db");
    if (!devices) {
        return devices.error();
    }
    device_records_ = std::move(*devices);
    Result<std::unique_ptr<store::Records>> providers = store::open_sqlite_records(sim_dir_ / "providers.db");
    if (!providers) {
        return providers.error();
    }
    provider_records_ = std::move(*providers);
    Result<std::unique_ptr<store::AheadFile>> ahead =
        store::AheadFile::open(sim_dir_ / "providers.ahead", *provider_records_);
    if (!ahead) {
        return ahead.error();
    }
    provider_ahead_ = std::move(*ahead);
    fleet_ = std::make_unique<sim::Fleet>(*world_, *device_records_);
    fleet_->on_silent([this](const std::string& order) { in_flight_.end("ack/" + order); });
    const Result<bool> loaded = fleet_->load();
    if (!loaded) {
        return Error{loaded.error().code, loaded.error().message + "; " + data_dir_.string() +
                                              " holds another run: remove it, or give another --data-dir"};
    }
    is_resumed_ = *loaded;
    if (is_resumed_) {
        keep_without(twin_->step(world_->now()));
        clock_.advance_to(world_->now());
    }
    return {};
}

Result<void> SimulatedGrid::load_book() {
    const Result<store::Record> kept = device_records_->get("sim_book", "peaks");
    if (!kept) {
        return kept.error().code == Errc::not_found ? Result<void>{} : Result<void>(kept.error());
    }
    const Result<json::Value> parsed = json::parse(kept->json);
    if (!parsed) {
        return parsed.error();
    }
    const json::Value* book = parsed->get("peaks");
    Result<PeakBook> peaks = book != nullptr ? PeakBook::from_json(*book) : Result<PeakBook>(PeakBook{});
    if (!peaks) {
        return peaks.error();
    }
    peaks_ = std::move(*peaks);
    accepted_before_ = static_cast<std::uint64_t>(parsed->integer("/accepted"));
    quarantined_before_ = static_cast<std::uint64_t>(parsed->integer("/quarantined"));
    return {};
}

Result<void> SimulatedGrid::save_book() {
    const json::Object body{
        {"peaks", peaks_.to_json()}, {"accepted", accepted_before_}, {"quarantined", quarantined_before_}};
    store::Batch batch;
    batch.puts.push_back({.kind = "sim_book",
                          .id = "peaks",
                          .corr = {},
                          .state = {},
                          .json = json::write(body),
                          .applied_seq = 0});
    return device_records_->write(batch);
}

Result<void> SimulatedGrid::open_providers() {
    net::ClientSettings client;
    client.allow_private = {"127.0.0.1:*"};
    http_ = std::make_unique<net::HttpClient>(context_.get_executor(), std::move(client));
    std::vector<sim::ProviderSpec> specs = world_->providers();
    for (sim::ProviderSpec& spec : specs) {
        for (const sim::SlowProvider& slow :
             command_.told ? command_.told->slow_providers : std::vector<sim::SlowProvider>{}) {
            if (slow.provider == spec.id) {
                spec.faults.answer_delay = slow.answer_delay;
            }
        }
    }
    sim::ProviderSimOptions options;
    options.seed = command_.seed;
    Result<sim::ProviderList> listed = sim::read_provider_list(sim::built_in_provider_list(), "built-in");
    if (!listed) {
        return listed.error();
    }
    const auto list = std::make_shared<const sim::ProviderList>(std::move(*listed));
    options.windows = sim::windows_of(list);
    for (sim::ProviderSpec& spec : sim::specs_of(*list)) {
        if (spec.id == window_provider) {
            specs.push_back(std::move(spec));
        }
    }
    // The world's devices know by themselves what is left of them.
    options.rules = {.shows_what_is_left = false, .holds_quotes = false};
    providers_ = std::make_unique<sim::ProviderSim>(
        sim::ProviderSim::Parts{context_.get_executor(), clock_, *wall_, in_flight_, *http_,
                                *provider_records_, provider_ahead_.get()},
        std::move(options), std::move(specs),
        sim::with_assets_near(world_->catalogue(), list, sim::locate_in_london));
    const Result<void> recovered = providers_->recover();
    if (!recovered) {
        return recovered;
    }
    providers_->mount(provider_server_);
    const Result<void> bound = provider_server_.listen("127.0.0.1", 0);
    if (!bound) {
        return bound;
    }
    providers_->set_base_url("http://127.0.0.1:" + std::to_string(provider_server_.port()) + "/mock-bpp");
    return open_broker();
}

/// The broker that was named, or a private one where mosquitto is installed.
Result<void> SimulatedGrid::open_broker() {
    if (!command_.mqtt_url.empty()) {
        const Result<std::pair<std::string, std::uint16_t>> address = broker_of(command_.mqtt_url);
        if (!address) {
            return address.error();
        }
        broker_host_ = address->first;
        broker_port_ = address->second;
        return {};
    }
    if (!command_.websocket && net::BrokerProcess::find_executable()) {
        Result<net::BrokerProcess> broker = net::BrokerProcess::start(sim_dir_ / "broker");
        if (!broker) {
            return broker.error();
        }
        broker_.emplace(std::move(*broker));
        broker_host_ = "127.0.0.1";
        broker_port_ = broker_->port();
    }
    return {};
}

ControlRoomOptions SimulatedGrid::room_options() const {
    ControlRoomOptions options;
    options.data_dir = data_dir_;
    options.network = world_->network();
    options.market.subscriber_id = demo_buyer_id;
    options.market.key_id = demo_buyer_key_id;
    for (const sim::ProviderAddress& address : providers_->addresses()) {
        agents::MarketPeer peer{.id = address.id,
                                .url = address.url,
                                .subscriber_id = address.subscriber_id,
                                .key_id = address.key_id,
                                .public_key = address.public_key};
        if (address.id == window_provider) {  // windows are known to 2.0 alone
            peer.goods = agents::PeerGoods::computing;
            peer.wire = beckn::WireVersion::v2_rc1;
            peer.signature = beckn::rules_of(beckn::SignatureProfile::onix18);
        }
        options.peers.push_back(std::move(peer));
    }
    options.orchestration.authority = command_.authority.value_or(grid::AuthorityLevel::act);
    if (command_.told) {
        options.orchestration.lead = command_.told->fire_lead;
    }
    options.orchestration.rules.margin_ppm = 120'000;  // chargers and heat pumps give less than they promise
    options.allow_private = {"127.0.0.1:*"};
    options.mqtt_host = broker_host_;
    options.mqtt_port = broker_port_;
    options.mqtt_prefix = command_.mqtt_prefix;
    options.mode = {.simulated = true,
                    .seed = command_.seed,
                    .speed = 1.0,
                    .authority = std::string(grid::to_string(options.orchestration.authority)),
                    .control_path = {},
                    .story_name = command_.told ? command_.told->name : std::string(),
                    .story_title = command_.told ? command_.told->title : std::string()};
    options.without = [this](const telemetry::PointKey& point, UtcTime from, UtcTime to) {
        return without(point, from, to);
    };
    options.mount = [this](net::HttpServer& server) { providers_->mount(server); };
    options.clock = const_cast<VirtualClock*>(&clock_);
    options.in_flight = const_cast<InFlight*>(&in_flight_);
    return options;
}

void SimulatedGrid::keep_without(const std::vector<sim::SimReading>& readings) {
    for (const sim::SimReading& reading : readings) {
        without_.add(reading.point, reading.kw, reading.start, reading.end);
    }
}

std::optional<store::SeriesBlock> SimulatedGrid::without(const telemetry::PointKey& point, UtcTime from,
                                                         UtcTime to) const {
    const telemetry::PointRef ref = twin_points_.find(point.point_id, point.quantity, point.phase);
    if (ref == telemetry::no_point) {
        return std::nullopt;
    }
    const std::vector<double> means = without_.means_kw(ref, from, to);
    store::SeriesBlock block{
        .key = point.text(), .start = std::chrono::floor<minutes>(from), .step = minutes{1}, .values = {}};
    block.values.assign(means.begin(), means.end());
    return block;
}

bool SimulatedGrid::idle() const {
    return (room_ == nullptr || room_->idle()) && providers_->idle() && http_->idle() && in_flight_.idle();
}

Result<void> SimulatedGrid::wait_until_true(const std::function<bool()>& condition, const std::string& what) {
    const SteadyTime deadline = steady_now() + std::chrono::seconds{15};
    while (!condition()) {
        if (steady_now() > deadline) {
            return Error{Errc::timeout, what + " did not happen within 15 s"};
        }
        time_->run_for(std::chrono::milliseconds{5}, condition);
    }
    return {};
}

Result<void> SimulatedGrid::connect_devices(ControlRoom& room) {
    if (!broker_host_.empty()) {
        net::MqttSettings settings;
        settings.host = broker_host_;
        settings.port = broker_port_;
        settings.client_id = "simulated-gateway";
        gateway_client_ = std::make_unique<net::MqttClient>(context_.get_executor(), std::move(settings));
        fleet_mqtt_ = std::make_unique<sim::FleetMqtt>(context_.get_executor(), *gateway_client_, *fleet_,
                                                       clock_, command_.mqtt_prefix);
        const Result<void> dialling = gateway_client_->start();
        if (!dialling) {
            return dialling;
        }
        const Result<void> connected = wait_until_true(
            [&] { return gateway_client_->connected() && room.is_channel_connected(); },
            "the connection to the broker at " + broker_host_ + ":" + std::to_string(broker_port_));
        if (!connected) {
            return connected;
        }
        std::optional<Result<void>> subscribed;
        spawn(context_.get_executor(), keep_result(fleet_mqtt_->start(), subscribed));
        const Result<void> done =
            wait_until_true([&] { return subscribed.has_value(); }, "the devices' subscription");
        return done ? *subscribed : done;
    }
    fleet_websocket_ = std::make_unique<sim::FleetWebSocket>(
        context_.get_executor(), *fleet_, clock_,
        "ws://127.0.0.1:" + std::to_string(room.port()) + "/devices/v1");
    fleet_websocket_->start();
    return wait_until_true([&] { return fleet_websocket_->is_connected() && room.is_channel_connected(); },
                           "the devices' gateway connection");
}

Result<void> SimulatedGrid::connect(ControlRoom& room) {
    room_ = &room;
    time_ = std::make_unique<VirtualTime>(context_, clock_, [this] { return idle(); });
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(data_dir_ / "keys" / "beckn.key");
    if (!key) {
        return key.error();
    }
    providers_->accept_buyer({demo_buyer_id, demo_buyer_key_id, key->public_key()});
    for (const telemetry::PointKey& point : world_->points()) {
        refs_.push_back(room.registry().intern(point));
    }
    source_ = room.registry().intern_source("simulator");
    if (!is_resumed_) {
        const Result<void> past = room.series().direct().write(world_->history());
        if (!past) {
            return past;
        }
    }
    const Result<void> warmed = room.warm(clock_.now());
    if (!warmed) {
        return warmed;
    }
    const Result<void> devices = connect_devices(room);
    if (!devices) {
        return devices;
    }
    std::optional<Result<void>> started;
    spawn(context_.get_executor(), keep_result(start_and_grant(room, clock_.now(), !is_resumed_), started));
    // What a former process left may wait for the clock, such as for the answer of a device that gives none.
    const UtcTime latest = world_->now() + world_->options().step;
    time_->settle();
    while (!started && clock_.now() < latest) {
        time_->advance_to(std::min(latest, clock_.now() + seconds{1}));
    }
    const Result<void> done =
        wait_until_true([&] { return started.has_value(); }, "the control room's start");
    return !done ? done : !*started ? *started : live_lead_in(room);
}

/// The recent past of a story: meters report, nobody looks ahead yet.
Result<void> SimulatedGrid::live_lead_in(ControlRoom& room) {
    while (world_->now() < start_) {
        const Result<void> lived = live_one_interval(room);
        if (!lived) {
            return lived;
        }
    }
    return {};
}

Result<void> SimulatedGrid::step(ControlRoom& room) {
    const Result<void> lived = live_one_interval(room);
    if (!lived) {
        return lived;
    }
    room.tick();
    time_->settle();
    return {};
}

Result<void> SimulatedGrid::live_one_interval(ControlRoom& room) {
    const UtcTime next = world_->now() + world_->options().step;
    time_->advance_to(next);
    const std::vector<sim::SimReading> with = world_->step(next);
    const std::vector<sim::SimReading> without = twin_->step(next);
    keep_without(without);
    const Result<void> kept = fleet_->keep_world();
    if (!kept) {
        return kept;
    }
    std::vector<telemetry::Reading> readings;
    readings.reserve(with.size());
    for (const sim::SimReading& reading : with) {
        readings.push_back({.value = reading.kw,
                            .interval_start = reading.start,
                            .interval_end = reading.end,
                            .seq = 0,
                            .point = refs_[reading.point],
                            .source = source_,
                            .quality = telemetry::Quality::measured});
        if (reading.kind == sim::SimReading::Kind::feeder) {
            peaks_.add_with(reading.point, reading.start, reading.end, reading.kw);
        }
    }
    for (const sim::SimReading& reading : without) {
        if (reading.kind == sim::SimReading::Kind::feeder) {
            peaks_.add_without(reading.point, reading.start, reading.end, reading.kw);
        }
    }
    const monitor::IngestCount count = room.monitoring().ingest(readings, steady_now());
    accepted_before_ += count.accepted;
    for (const std::uint64_t quarantined : count.quarantined) {
        quarantined_before_ += quarantined;
    }
    steps_ += 1;
    return steps_ % steps_per_save == 0 ? save_book() : Result<void>{};
}

}  // namespace headroom::app
