#include "app/commands.hpp"
#include "app/complaint.hpp"
#include "app/control_room.hpp"
#include "app/demo_pace.hpp"
#include "app/live_feeds.hpp"
#include "app/mock_bpp.hpp"
#include "app/need_room.hpp"
#include "app/operator_rules.hpp"
#include "app/serve_options.hpp"
#include "app/simulated_grid.hpp"
#include "app/story_choice.hpp"
#include "app/telemetry_sources.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <functional>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr auto tick_every = std::chrono::seconds{1};
/// How long a start that is asked to stop is waited for.
constexpr std::chrono::seconds start_limit{20};
constexpr double speed_without_story = 60.0;

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

Awaitable<void> drain_room(ControlRoom& room, bool& is_drained) {
    co_await room.drain();
    is_drained = true;
}

void announce_room(const ControlRoom& room, const std::string& host, bool is_demo,
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

void run_until(asio::io_context& context, const std::function<bool()>& is_done) {
    while (!is_done()) {
        if (context.stopped()) {
            context.restart();
        }
        context.run_one_for(std::chrono::milliseconds{50});
    }
}

/// Ends the room in order; what goes wrong is said, and the exit code tells. The last snapshot is taken when
/// no reading can be acknowledged any more. `sources` null: nothing is kept of the readings.
int shut_down(asio::io_context& context, ControlRoom& room, TelemetrySources* sources) {
    bool is_drained = false;
    spawn(context.get_executor(), drain_room(room, is_drained));
    run_until(context, [&] { return is_drained; });
    if (sources != nullptr) {
        sources->request_stop();
        run_until(context, [&] { return sources->is_stopped(); });
    }
    const Result<void> finished = room.finish();
    if (!finished) {
        return complain("serve", finished.error());
    }
    std::cout << "stopped; the audit log is sealed and signed" << std::endl;
    return 0;
}

int serve_real(const ServeCommand& command, bool has_mock_bpp) {
    Result<ControlRoomOptions> options = real_options(command);
    if (!options) {
        return complain("serve", options.error());
    }
    apply_settings(command.settings, *options);
    options->iec104 = command.settings.iec104;
    Result<OperatorRules> rules = operator_rules(command.settings.rules);
    if (!rules) {
        return complain("serve", rules.error());
    }
    options->rules = std::move(rules->book);
    options->envelopes = std::move(rules->envelopes);
    options->week_ahead = rules->week_ahead;
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    // Before anything is announced: whoever reads the endpoint may ask us to stop at once.
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    MockBpp* mock = nullptr;
    if (has_mock_bpp) {
        Result<std::unique_ptr<MockBpp>> made = MockBpp::open(context, command.settings, *options);
        if (!made) {
            return complain("serve", made.error());
        }
        mock = made->release();  // as the room, to the end of the process
    }
    NeedRoom& needs = *new NeedRoom();  // as the room, to the end of the process
    needs.prepare(*options, command.settings);
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(*options));
    if (!opened) {
        return complain("serve", opened.error());
    }
    ControlRoom* const room = opened->release();
    if (const Result<void> known = mock != nullptr ? mock->connect(*room, command.settings) : Result<void>{};
        !known) {
        return complain("serve", known.error());
    }
    if (const Result<void> ready = needs.connect(*room); !ready) {
        return complain("serve", ready.error());
    }
    Result<std::unique_ptr<TelemetrySources>> made = TelemetrySources::make(command.settings, *room);
    if (!made) {
        return complain("serve", made.error());
    }
    TelemetrySources& sources = *made->release();  // as the room, to the end of the process
    const Result<bool> restored = sources.restore();
    if (!restored) {
        return complain("serve", restored.error());
    }
    const Result<void> warmed = *restored ? Result<void>{} : room->warm(room->clock().now());
    if (!warmed) {
        return complain("serve", warmed.error());
    }
    bool is_reading = false;
    LiveFeeds* feeds = nullptr;
    std::optional<Result<void>> started;
    spawn(context.get_executor(), run_start(*room, started));
    spawn(context.get_executor(), tick_for_ever(*room));
    asio::signal_set hangup(context, SIGHUP);
    spawn(context.get_executor(), reload_at_hangup(*room, hangup));
    announce_room(*room, command.settings.server.host, false);
    // Readings are taken in as soon as the server listens: what was acknowledged before the start is through
    // gets into the last snapshot too.
    std::optional<SteadyTime> asked_at;
    while (!asked_at || (!started && steady_now() - *asked_at < start_limit)) {
        context.run_one_for(std::chrono::milliseconds{200});
        if (is_asked_to_stop && !asked_at) {
            asked_at = steady_now();
        }
        if (started && !*started) {
            return complain("serve", started->error());
        }
        if (needs.fault()) {
            return complain("serve", *needs.fault());
        }
        if (started && !std::exchange(is_reading, true)) {
            feeds = &LiveFeeds::open(command.settings.feeds, *room);  // as the room
            if (const Result<void> reading = sources.start(); !reading) {
                return complain("serve", reading.error());
            }
        }
    }
    if (feeds != nullptr) {
        feeds->stop();
    }
    return shut_down(context, *room, is_reading ? &sources : nullptr);
}

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
        return complain("serve", told.error());
    }
    Result<OperatorRules> rules = operator_rules(command.settings.rules);
    if (!rules) {
        return complain("serve", rules.error());
    }
    const std::filesystem::path data_dir = command.settings.data.dir;
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    // Before anything is announced: whoever reads the endpoint may ask us to stop at once.
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    Result<std::unique_ptr<SimulatedGrid>> opened_grid = SimulatedGrid::open(context, world, data_dir);
    if (!opened_grid) {
        return complain("serve", opened_grid.error());
    }
    SimulatedGrid* const grid = opened_grid->release();
    ControlRoomOptions options = grid->room_options();
    const agents::MarketOptions market = options.market;
    apply_settings(command.settings, options);
    options.rules = std::move(rules->book);
    options.envelopes = std::move(rules->envelopes);
    options.week_ahead = rules->week_ahead;
    options.retraining.is_on = false;  // virtual time would stand still for minutes while a model is learnt
    options.market.subscriber_id = market.subscriber_id;
    options.market.key_id = market.key_id;
    const double speed = command.speed.value_or(world.told ? world.told->speed : speed_without_story);
    options.mode.speed = speed;
    NeedRoom& needs = *new NeedRoom();  // as the room, to the end of the process
    needs.prepare(options, command.settings);
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(options));
    if (!opened) {
        return complain("serve", opened.error());
    }
    ControlRoom* const room = opened->release();
    Result<void> connected = grid->connect(*room);
    if (connected) {
        connected = needs.connect(*room);
    }
    if (!connected) {
        return complain("serve", connected.error());
    }
    announce_room(*room, command.settings.server.host, true, world.told);
    DemoPace pace(*grid, *room, speed, is_asked_to_stop);
    if (world.told && !grid->is_resumed()) {
        pace.wait_for_visitor_of(*world.told);
    }
    const Result<void> lived = pace.run();
    if (!lived) {
        return complain("serve", lived.error());
    }
    return shut_down(context, *room, nullptr);
}

}  // namespace

int run_serve(const ServeCommand& command) {
    return command.demo ? serve_demo(command) : serve_real(command, false);
}

int run_serve_with_mock_bpp(const ServeCommand& command) {
    return command.demo ? serve_demo(command) : serve_real(command, true);
}

}  // namespace headroom::app
