#include "app/commands.hpp"
#include "app/control_room.hpp"
#include "app/simulated_grid.hpp"
#include "core/digest.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <boost/asio/signal_set.hpp>

#include <cmath>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

namespace headroom::app {
namespace {

constexpr auto tick_every = std::chrono::seconds{1};

int complain(const Error& error) {
    std::cerr << "headroom serve: " << error.message << "\n";
    return exit_code_of(error);
}

std::int64_t ppm(double share) {
    return std::llround(share * 1e6);
}

risk::RiskRules rules_of(const RiskSettings& settings) {
    risk::RiskRules rules;
    rules.alarm_quantile_ppm = ppm(settings.alarm_quantile);
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

Result<std::vector<agents::MarketPeer>> peers_of(const BecknSettings& settings) {
    std::vector<agents::MarketPeer> peers;
    for (const ProviderSettings& provider : settings.providers) {
        const Result<std::string> key = from_base64(provider.public_key);
        if (!key || key->size() != Ed25519PublicKey{}.size()) {
            return Error{
                Errc::invalid,
                "beckn.providers: the public key of " + provider.id.value + " is not 32 bytes in base64",
                "/beckn/providers"};
        }
        agents::MarketPeer peer{.id = provider.id.value,
                                .url = provider.url,
                                .subscriber_id = provider.subscriber_id,
                                .key_id = {}};
        std::copy(key->begin(), key->end(), peer.public_key.begin());
        peers.push_back(std::move(peer));
    }
    return peers;
}

/// "mqtt://host:1883" → host and port.
Result<std::pair<std::string, std::uint16_t>> broker_of(const std::string& url) {
    constexpr std::string_view scheme = "mqtt://";
    if (!url.starts_with(scheme)) {
        return Error{Errc::invalid, "mqtt.url must begin with mqtt://, it is '" + url + "'", "/mqtt/url"};
    }
    const std::string rest = url.substr(scheme.size());
    const std::size_t colon = rest.rfind(':');
    const std::string host = rest.substr(0, colon);
    int port = 1883;
    if (colon != std::string::npos) {
        const std::string digits = rest.substr(colon + 1);
        const bool is_number = !digits.empty() && digits.size() <= 5 &&
                               digits.find_first_not_of("0123456789") == std::string::npos;
        port = is_number ? std::stoi(digits) : 0;
    }
    if (host.empty() || port < 1 || port > 65535) {
        return Error{Errc::invalid, "mqtt.url names no host and port: '" + url + "'", "/mqtt/url"};
    }
    return std::pair{host, static_cast<std::uint16_t>(port)};
}

Result<ControlRoomOptions> real_options(const ServeCommand& command) {
    if (command.grid_file.empty()) {
        return Error{Errc::invalid,
                     "a grid file is needed: headroom serve --grid FILE (docs/formats/grid-csv.md), or "
                     "--demo for a simulated grid"};
    }
    std::ifstream file(command.grid_file, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return Error{Errc::unavailable, "the grid file " + command.grid_file.string() + " cannot be read"};
    }
    Result<grid::Network> network = grid::read_grid_csv(text.str(), command.grid_file.filename().string());
    if (!network) {
        return Error{network.error().code, network.error().message +
                                               ". Nothing of the file was taken. Remedy: mend what is named "
                                               "(docs/formats/grid-csv.md), then start again"};
    }
    Result<std::vector<agents::MarketPeer>> peers = peers_of(command.settings.beckn);
    if (!peers) {
        return peers.error();
    }
    ControlRoomOptions options;
    options.network = std::move(*network);
    options.peers = std::move(*peers);
    options.market.subscriber_id = command.settings.beckn.subscriber_id;
    options.market.key_id = command.settings.beckn.key_id;
    options.orchestration.authority = level_of(command.settings.authority.level);
    options.mode = {.simulated = false,
                    .seed = 0,
                    .speed = 1.0,
                    .authority = std::string(to_string(command.settings.authority.level)),
                    .control_path = {}};
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
    options.monitor.rules = rules_of(settings.risk);
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
        room.monitoring().tick();
    }
}

Awaitable<void> run_drain(ControlRoom& room, bool& is_drained) {
    co_await room.drain();
    is_drained = true;
}

void announce(const ControlRoom& room, const std::string& host, bool is_demo) {
    const std::string url = fmt::format("http://{}:{}/", host, room.port());
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

int serve_real(const ServeCommand& command) {
    Result<ControlRoomOptions> options = real_options(command);
    if (!options) {
        return complain(options.error());
    }
    apply_settings(command.settings, *options);
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    // Before anything is announced: whoever reads the endpoint may ask us to stop at once.
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(*options));
    if (!opened) {
        return complain(opened.error());
    }
    ControlRoom* const room = opened->release();
    const Result<void> warmed = room->warm(room->clock().now());
    if (!warmed) {
        return complain(warmed.error());
    }
    std::optional<Result<void>> started;
    spawn(context.get_executor(), run_start(*room, started));
    spawn(context.get_executor(), tick_for_ever(*room));
    announce(*room, command.settings.server.host, false);
    while (!is_asked_to_stop) {
        context.run_one_for(std::chrono::milliseconds{200});
        if (started && !*started) {
            return complain(started->error());
        }
    }
    return shut_down(context, *room);
}

int serve_demo(const ServeCommand& command) {
    DemoCommand world = command.world;
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
    options.market.subscriber_id = market.subscriber_id;
    options.market.key_id = market.key_id;
    options.mode.speed = command.speed;
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(options));
    if (!opened) {
        return complain(opened.error());
    }
    ControlRoom* const room = opened->release();
    const Result<void> connected = grid->connect(*room);
    if (!connected) {
        return complain(connected.error());
    }
    announce(*room, command.settings.server.host, true);
    if (grid->now() >= grid->end()) {
        std::cout << "the simulated evening in this data directory is over; for a new one remove it or give "
                     "another --data-dir"
                  << std::endl;
    }
    const auto pace =
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(
            std::chrono::duration<double>(grid->world().options().step).count() / command.speed));
    while (!is_asked_to_stop) {
        const SteadyTime begun = steady_now();
        room->monitoring().set_raising(grid->now() < grid->end());
        const bool is_over = grid->now() >= grid->end() && room->orchestration().open_events() == 0;
        if (!is_over) {
            const Result<void> stepped = grid->step(*room);
            if (!stepped) {
                return complain(stepped.error());
            }
        }
        const auto left = pace - (steady_now() - begun);
        grid->time().run_for(
            is_over ? std::chrono::steady_clock::duration(std::chrono::milliseconds{200}) : left,
            [&] { return is_asked_to_stop; });
    }
    return shut_down(context, *room);
}

}  // namespace

int run_serve(const ServeCommand& command) {
    return command.demo ? serve_demo(command) : serve_real(command);
}

}  // namespace headroom::app
