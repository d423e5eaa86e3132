#include "app/broker_url.hpp"
#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "app/forecast_parts.hpp"
#include "app/live_feeds.hpp"
#include "app/mock_bpp.hpp"
#include "app/need_room.hpp"
#include "app/operator_rules.hpp"
#include "app/simulated_grid.hpp"
#include "app/story_choice.hpp"
#include "app/telemetry_sources.hpp"
#include "core/digest.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

namespace headroom::app {
namespace {

constexpr auto tick_every = std::chrono::seconds{1};
constexpr double speed_without_story = 60.0;

int complain(const Error& error) {
    std::cerr << "headroom serve: " << error.message << "\n";
    return exit_code_of(error);
}

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
        peer.goods =
            provider.sells == "computing" ? agents::PeerGoods::computing : agents::PeerGoods::flexibility;
        if (has_key) {
            std::copy(key->begin(), key->end(), peer.public_key.begin());
        }
        peers.push_back(std::move(peer));
    }
    return peers;
}

Result<desk::GridFile> read_grid_file(const std::filesystem::path& path) {
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
    for (const ProviderSettings& provider : settings.providers) {
        urls.push_back(provider.url);
    }
    std::vector<std::string> out;
    for (const std::string& text : urls) {
        if (const Result<net::Url> url = net::parse_url(text)) {
            out.push_back(url->authority());
        }
    }
    return out;
}

Result<ControlRoomOptions> real_options(const ServeCommand& command) {
    if (command.grid_file.empty()) {
        return Error{Errc::invalid,
                     "a grid file is needed: headroom serve --grid FILE (docs/formats/grid-csv.md), or "
                     "--demo for a simulated grid"};
    }
    Result<desk::GridFile> file = read_grid_file(command.grid_file);
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
        return read_grid_file(path);
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

Awaitable<void> run_start(ControlRoom& room, std::optional<Result<void>>& result) {
    result = co_await room.start();
}

Awaitable<void> tick_for_ever(ControlRoom& room) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    while (!room.is_stopping()) {
        timer.expires_after(tick_every);
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
        room.tick();
    }
}

/// The grid file read again at each SIGHUP.
Awaitable<void> reload_at_hangup(ControlRoom& room, asio::signal_set& hangup) {
    while (!room.is_stopping()) {
        auto token = asio::as_tuple(asio::use_awaitable);
        const auto [fault, number] = co_await hangup.async_wait(token);
        if (fault) {
            co_return;
        }
        Caller caller{.id = "sighup", .kind = "system", .role = "engineer", .ip = {}, .reason = "SIGHUP"};
        const Result<desk::GridChangeAnswer> change = co_await room.desk().reload_grid(std::move(caller));
        if (!change) {
            log::error("the grid file was not taken over", {{"error", change.error().message}});
            continue;
        }
        log::info("the grid file was read again",
                  {{"added", static_cast<std::int64_t>(change->added.size())},
                   {"removed", static_cast<std::int64_t>(change->removed.size())},
                   {"changed", static_cast<std::int64_t>(change->changed.size())},
                   {"limits_changed", static_cast<std::int64_t>(change->limits_changed.size())}});
    }
}

Awaitable<void> run_drain(ControlRoom& room, bool& is_drained) {
    co_await room.drain();
    is_drained = true;
}

void announce(const ControlRoom& room, const std::string& host, bool is_demo,
              const std::optional<sim::Story>& story = std::nullopt) {
    const std::string url = fmt::format("http://{}:{}/", host, room.port());
    if (story) {
        std::cout << fmt::format("{} (SIMULATED, seed {}): {}\n", story->title, story->world.seed,
                                 story->summary);
    }
    std::cout << (is_demo ? "Headroom (SIMULATED) is at " : "Headroom is at ") << url << "\n"
              << "data directory: " << room.data_dir().string() << "\n"
              << "control path: " << const_cast<ControlRoom&>(room).control_path() << "\n"
              << "stop with Ctrl-C; next: headroom audit verify --data-dir " << room.data_dir().string()
              << std::endl;
}

/// Ends the room in order; what goes wrong is said, and the exit code tells.
int shut_down(asio::io_context& context, ControlRoom& room) {
    bool is_drained = false;
    spawn(context.get_executor(), run_drain(room, is_drained));
    while (!is_drained) {
        if (context.stopped()) {
            context.restart();
        }
        context.run_one_for(std::chrono::milliseconds{50});
    }
    const Result<void> finished = room.finish();
    if (!finished) {
        return complain(finished.error());
    }
    std::cout << "stopped; the audit log is sealed and signed" << std::endl;
    return 0;
}

int serve_real(const ServeCommand& command, bool has_mock_bpp) {
    Result<ControlRoomOptions> options = real_options(command);
    if (!options) {
        return complain(options.error());
    }
    apply_settings(command.settings, *options);
    options->iec104 = command.settings.iec104;
    Result<std::shared_ptr<const flex::RuleBook>> rules = operator_rules(command.settings.rules);
    if (!rules) {
        return complain(rules.error());
    }
    options->rules = std::move(*rules);
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    // Before anything is announced: whoever reads the endpoint may ask us to stop at once.
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    MockBpp* mock = nullptr;
    if (has_mock_bpp) {
        Result<std::unique_ptr<MockBpp>> made = MockBpp::open(context, command.settings, *options);
        if (!made) {
            return complain(made.error());
        }
        mock = made->release();  // as the room, to the end of the process
    }
    NeedRoom& needs = *new NeedRoom();  // as the room, to the end of the process
    needs.prepare(*options, command.settings);
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(*options));
    if (!opened) {
        return complain(opened.error());
    }
    ControlRoom* const room = opened->release();
    if (const Result<void> known = mock != nullptr ? mock->connect(*room, command.settings) : Result<void>{};
        !known) {
        return complain(known.error());
    }
    if (const Result<void> ready = needs.connect(*room); !ready) {
        return complain(ready.error());
    }
    Result<std::unique_ptr<TelemetrySources>> made = TelemetrySources::make(command.settings, *room);
    if (!made) {
        return complain(made.error());
    }
    TelemetrySources& sources = *made->release();  // as the room, to the end of the process
    const Result<bool> restored = sources.restore();
    if (!restored) {
        return complain(restored.error());
    }
    const Result<void> warmed = *restored ? Result<void>{} : room->warm(room->clock().now());
    if (!warmed) {
        return complain(warmed.error());
    }
    bool is_reading = false;
    agents::NetworkFeeds* network_feeds = nullptr;
    std::optional<Result<void>> started;
    spawn(context.get_executor(), run_start(*room, started));
    spawn(context.get_executor(), tick_for_ever(*room));
    asio::signal_set hangup(context, SIGHUP);
    spawn(context.get_executor(), reload_at_hangup(*room, hangup));
    announce(*room, command.settings.server.host, false);
    while (!is_asked_to_stop) {
        context.run_one_for(std::chrono::milliseconds{200});
        if (started && !*started) {
            return complain(started->error());
        }
        if (needs.fault()) {
            return complain(*needs.fault());
        }
        if (started && !std::exchange(is_reading, true)) {
            // As the room, to the end of the process.
            network_feeds = open_network_feeds(command.settings.feeds, *room).release();
            if (const Result<void> reading = sources.start(); !reading) {
                return complain(reading.error());
            }
        }
    }
    if (network_feeds != nullptr) {
        network_feeds->stop();
    }
    if (is_reading) {
        sources.request_stop();
        while (!sources.is_stopped()) {
            context.run_one_for(std::chrono::milliseconds{50});
        }
    }
    return shut_down(context, *room);
}

/// A story begins when somebody looks, so that its beginning is not missed; at the latest after this.
constexpr auto wait_for_visitor = std::chrono::seconds{60};
/// While a person has to decide, domain time is wall time: ten minutes to approve are ten minutes.
constexpr double speed_while_deciding = 1.0;
constexpr auto slice = std::chrono::milliseconds{100};

bool waits_for_a_person(const ControlRoom& room) {
    const std::vector<agents::EventRecord> events = const_cast<ControlRoom&>(room).orchestration().events();
    return std::any_of(events.begin(), events.end(), [](const agents::EventRecord& record) {
        return record.state == agents::EventState::proposed && record.authority == "propose";
    });
}

/// The simulated evening at its pace, minute by minute.
class DemoPace {
  public:
    DemoPace(SimulatedGrid& grid, ControlRoom& room, double speed, const bool& is_asked_to_stop)
        : grid_(grid), room_(room), speed_(speed), is_asked_to_stop_(is_asked_to_stop) {}

    void wait_for_visitor_of(const sim::Story& story) {
        const std::uint64_t before = room_.requests();
        const SteadyTime latest = steady_now() + wait_for_visitor;
        std::cout << story.title << " begins as soon as the page is opened, or in a minute" << std::endl;
        while (!is_asked_to_stop_ && room_.requests() == before && steady_now() < latest) {
            grid_.time().run_for(slice, [&] { return is_asked_to_stop_ || room_.requests() != before; });
        }
    }

    Result<void> run() {
        while (!is_asked_to_stop_) {
            const SteadyTime begun = steady_now();
            room_.monitoring().set_raising(grid_.now() < grid_.end());
            if (grid_.now() >= grid_.end() && room_.orchestration().open_events() == 0) {
                tell_that_it_is_over();
                grid_.time().run_for(slice, [&] { return is_asked_to_stop_; });
                continue;
            }
            const Result<void> stepped = grid_.step(room_);
            if (!stepped) {
                return stepped;
            }
            rest_until_next(begun);
        }
        return {};
    }

  private:
    void rest_until_next(SteadyTime begun) {
        const std::chrono::duration<double> length(grid_.world().options().step);
        while (!is_asked_to_stop_) {
            const double speed = waits_for_a_person(room_) ? std::min(speed_, speed_while_deciding) : speed_;
            room_.desk().mode().speed = speed;
            const auto pace = std::chrono::duration_cast<std::chrono::steady_clock::duration>(length / speed);
            const auto left = pace - (steady_now() - begun);
            if (left <= std::chrono::steady_clock::duration::zero()) {
                return;
            }
            grid_.time().run_for(std::min<std::chrono::steady_clock::duration>(left, slice),
                                 [&] { return is_asked_to_stop_; });
        }
    }

    void tell_that_it_is_over() {
        if (!std::exchange(is_told_, true)) {
            std::cout << "the simulated evening in this data directory is over (" << format_utc(grid_.now())
                      << "); for a new one remove it or give another --data-dir" << std::endl;
        }
    }

    SimulatedGrid& grid_;
    ControlRoom& room_;
    double speed_;
    const bool& is_asked_to_stop_;
    bool is_told_ = false;
};

DemoCommand demo_of(const ServeCommand& command) {
    DemoCommand world = command.world;
    if (command.is_authority_told) {
        world.authority = level_of(command.settings.authority.level);
    }
    world.mqtt_url = command.settings.mqtt.url;
    world.mqtt_prefix = command.settings.mqtt.prefix;
    return world;
}

int serve_demo(const ServeCommand& command) {
    DemoCommand world = demo_of(command);
    const Result<void> told = take_story(world);
    if (!told) {
        return complain(told.error());
    }
    const std::filesystem::path data_dir = command.settings.data.dir;
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    // Before anything is announced: whoever reads the endpoint may ask us to stop at once.
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    Result<std::unique_ptr<SimulatedGrid>> opened_grid = SimulatedGrid::open(context, world, data_dir);
    if (!opened_grid) {
        return complain(opened_grid.error());
    }
    SimulatedGrid* const grid = opened_grid->release();
    ControlRoomOptions options = grid->room_options();
    const agents::MarketOptions market = options.market;
    apply_settings(command.settings, options);
    options.retraining.is_on = false;  // virtual time would stand still for minutes while a model is learnt
    options.market.subscriber_id = market.subscriber_id;
    options.market.key_id = market.key_id;
    const double speed = command.speed.value_or(world.told ? world.told->speed : speed_without_story);
    options.mode.speed = speed;
    NeedRoom& needs = *new NeedRoom();  // as the room, to the end of the process
    needs.prepare(options, command.settings);
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(options));
    if (!opened) {
        return complain(opened.error());
    }
    ControlRoom* const room = opened->release();
    Result<void> connected = grid->connect(*room);
    if (connected) {
        connected = needs.connect(*room);
    }
    if (!connected) {
        return complain(connected.error());
    }
    announce(*room, command.settings.server.host, true, world.told);
    DemoPace pace(*grid, *room, speed, is_asked_to_stop);
    if (world.told && !grid->is_resumed()) {
        pace.wait_for_visitor_of(*world.told);
    }
    const Result<void> lived = pace.run();
    if (!lived) {
        return complain(lived.error());
    }
    return shut_down(context, *room);
}

}  // namespace

int run_serve(const ServeCommand& command) {
    return command.demo ? serve_demo(command) : serve_real(command, false);
}

int run_serve_with_mock_bpp(const ServeCommand& command) {
    return command.demo ? serve_demo(command) : serve_real(command, true);
}

}  // namespace headroom::app
