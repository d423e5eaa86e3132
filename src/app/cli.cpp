#include "app/cli.hpp"

#include "app/cli_parts.hpp"
#include "app/cli_plan.hpp"
#include "app/cli_shelf.hpp"
#include "app/cli_table.hpp"
#include "app/commands.hpp"
#include "app/mock_bpp.hpp"
#include "audit/cli.hpp"
#include "core/log.hpp"
#include "core/settings.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace headroom::app {
namespace {

/// The story, and the world of one's own, which has none.
void add_world_flags(CLI::App& command, DemoCommand& world) {
    auto* story = command.add_option("--story", world.story,
                                     "Story to tell: cold_thursday, none (a plain day), or a file");
    auto* seed = command
                     .add_option("--seed", world.seed,
                                 "Seed of the simulated world; the same seed gives the same decisions")
                     ->capture_default_str();
    auto* feeders = command.add_option("--feeders", world.feeders, "LV feeders of the simulated world")
                        ->check(CLI::Range(3, 5000))
                        ->capture_default_str();
    auto* hours_given = command.add_option("--hours", world.hours, "Simulated hours")
                            ->check(CLI::Range(0.5, 72.0))
                            ->capture_default_str();
    command.add_flag("--websocket", world.websocket,
                     "Use the built-in device channel even where mosquitto is installed");
    command.parse_complete_callback([&world, story, seed, feeders, hours_given] {
        world.has_seed = seed->count() > 0;
        world.has_feeders = feeders->count() > 0;
        world.has_hours = hours_given->count() > 0;
        if (story->count() > 0 && world.story.empty()) {
            throw CLI::ValidationError("--story: names no story");
        }
        if (story->count() > 0 && world.story != "none" &&
            (world.has_seed || world.has_feeders || world.has_hours)) {
            throw CLI::ValidationError(
                "--story: a story has its own world, --seed, --feeders and --hours make another; leave them "
                "out, or --story");
        }
    });
}

void add_serve(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("serve", "Run the control room");
    static ServeCommand options;
    static SettingsFlags flags;
    static int port = -1;
    static std::string host;
    static std::string data_dir;
    static std::string authority;
    static std::vector<std::string> cors_origins;
    static std::string mqtt_url;
    static bool has_mock_bpp = false;
    flags.add_to(*command);
    command->add_flag("--demo", options.demo,
                      "With a simulated grid, devices and providers, all labelled as simulated");
    command
        ->add_option("--speed", options.speed,
                     "Simulated seconds per second, a ceiling (default: the story's, or 60)")
        ->check(CLI::Range(0.1, 100000.0));
    command
        ->add_option("--grid", options.grid_file,
                     "Grid file (CSV, docs/formats/grid-csv.md); needed without --demo")
        ->check(CLI::ExistingFile);
    command->add_flag(
        "--mock-bpp", has_mock_bpp,
        "Serve simulated providers at /mock-bpp too, labelled as simulated (the demo always does)");
    command->add_option("--port", port, "TCP port (server.port, 8000); 0 takes a free one")
        ->check(CLI::Range(0, 65535));
    command->add_option("--host", host, "Address to listen on (server.host, 127.0.0.1)")
        ->type_name("ADDRESS");
    command
        ->add_option(
            "--cors-origin", cors_origins,
            "Origin of pages elsewhere that may use the API, such as https://screens.example; may be "
            "repeated (server.cors_origins)")
        ->type_name("ORIGIN");
    command->add_option("--data-dir", data_dir, "Folder of everything that is kept (data.dir, headroom-data)")
        ->type_name("DIR");
    command->add_option("--mqtt", mqtt_url, "Broker for the devices, mqtt://host:port (mqtt.url)")
        ->type_name("URL");
    command->set_version_flag("--version", std::string("headroom ") + HEADROOM_VERSION);
    command
        ->add_option("--authority", authority,
                     "How far it goes by itself (authority.level, shadow; act on a simulated grid)")
        ->check(CLI::IsMember({"shadow", "propose", "act"}));
    add_world_flags(*command, options.world);
    command->footer(
        "Example:\n  headroom serve --demo\n  headroom serve --grid grid.csv --data-dir /var/lib/headroom");
    command->callback([&action, command] {
        for (const char* only_simulated : {"--speed", "--story", "--seed", "--feeders", "--hours"}) {
            if (!options.demo && command->count(only_simulated) > 0) {
                throw CLI::ValidationError(std::string(only_simulated) +
                                           " is for a simulated grid: add --demo");
            }
        }
        const DemoCommand& world = options.world;
        if (world.story.empty() && !world.has_seed && !world.has_feeders && !world.has_hours) {
            options.world.story = "cold_thursday";
        }
        action = [] {
            SettingsFlags with = flags;
            if (port >= 0) {
                with.overrides.push_back("server.port=" + std::to_string(port));
            }
            for (const auto& [key, value] : {std::pair{"server.host", host},
                                             {"data.dir", data_dir},
                                             {"authority.level", authority},
                                             {"mqtt.url", mqtt_url}}) {
                if (!value.empty()) {
                    with.overrides.push_back(std::string(key) + "=" + value);
                }
            }
            if (!cors_origins.empty()) {
                json::Array list(cors_origins.begin(), cors_origins.end());
                with.overrides.push_back("server.cors_origins=" + json::write(std::move(list)));
            }
            Result<LoadedSettings> loaded = load_settings(with.sources());
            if (!loaded) {
                std::cerr << loaded.error().message << "\n";
                return exit_usage;
            }
            for (const std::string& note : loaded->notes) {
                log::warn("a setting has no effect", {{"setting", note}});
            }
            const auto level = loaded->origins.find("authority.level");
            options.is_authority_told = level != loaded->origins.end() && level->second != "default";
            options.settings = std::move(loaded->settings);
            log::set_level(options.settings.log.level);
            return has_mock_bpp ? run_serve_with_mock_bpp(options) : run_serve(options);
        };
    });
}

void add_demo(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand(
        "demo", "Run a simulated evening from reading to settled dispatch, over real sockets");
    static DemoCommand options;
    command
        ->add_flag("--once", options.once,
                   "Once, as fast as it goes, without a page; print the result and end. For a page: headroom "
                   "serve --demo")
        ->required();
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->add_option("--ders", options.ders, "DERs of the simulated world")
        ->check(CLI::Range(4, 20000))
        ->capture_default_str();
    command
        ->add_option("--data-dir", options.data_dir,
                     "Keep the data there; run again with it to go on after a kill")
        ->type_name("DIR");
    add_world_flags(*command, options);
    command->footer("Example:\n  headroom demo --once --json --seed 7 | jq .events[0]");
    command->callback([&action] { action = [] { return run_demo_once(options); }; });
}

void add_replay(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand(
        "replay",
        "Run a file of readings through the stages, or make an event's decisions again from the log");
    static ReplayReadingsCommand readings;
    static ReplayEventCommand event;
    static bool is_json = false;
    auto* file = command
                     ->add_option("--readings", readings.readings,
                                  "File of readings (CSV, plain or gzip); the format is recognised")
                     ->check(CLI::ExistingFile);
    command->add_option("--grid", readings.grid, "Grid file (CSV) with ratings")
        ->check(CLI::ExistingFile)
        ->needs(file);
    command
        ->add_option("--rating-percentile", readings.rating_percentile,
                     "Without a grid file: limits at this percentile of the readings")
        ->check(CLI::Range(1.0, 100.0))
        ->capture_default_str();
    command->add_option("EVENT", event.event, "Event id, such as ev-20270114-7K2M9QXA")->excludes(file);
    command->add_option("--data-dir", event.data_dir, "Data directory that holds the event (headroom-data)")
        ->type_name("DIR");
    command->add_flag("--json", is_json, "One JSON object on stdout");
    command->footer(
        "Example:\n  headroom replay --readings lv_feeders_10min.csv.gz --json\n  headroom replay "
        "ev-20270114-7K2M9QXA --data-dir headroom-data");
    command->callback([&action] {
        if (readings.readings.empty() && event.event.empty()) {
            throw CLI::RequiredError("either --readings FILE or an EVENT");
        }
        action = [] {
            readings.is_json = is_json;
            event.is_json = is_json;
            if (!readings.readings.empty()) {
                return run_replay_readings(readings);
            }
            if (event.data_dir.empty()) {
                event.data_dir = DataSettings{}.dir;
            }
            return run_replay_event(event);
        };
    });
}

void add_audit(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand(
        "audit", "Check and read the audit log; works beside a running server and never writes");
    command->require_subcommand(1);
    command->footer("Example:\n  headroom audit verify --data-dir headroom-data");
    static std::string dir = DataSettings{}.dir;
    static bool is_json = false;
    static std::uint64_t seq = 0;
    static std::string event;
    static audit::VerifyCommand verify;
    const auto shared = [](CLI::App& sub) {
        sub.add_option("--data-dir", dir, "Data directory")->capture_default_str()->type_name("DIR");
        sub.add_flag("--json", is_json, "JSON on stdout");
    };
    auto* check = command->add_subcommand("verify", "Check every record, root and signature");
    shared(*check);
    check->add_option("--vkey", verify.vkey_file, "Public key file to trust instead of the directory's own")
        ->check(CLI::ExistingFile);
    check
        ->add_option("--checkpoint", verify.older_file,
                     "An older checkpoint, kept elsewhere, to be consistent with")
        ->check(CLI::ExistingFile);
    check->footer(
        "Exit: 0 ok, 1 mismatch, 2 usage, 3 signature, 4 inconsistent, 5 missing, 6 format.\nExample:\n  "
        "headroom "
        "audit verify --data-dir headroom-data --json");
    check->callback([&action] {
        action = [] {
            verify.dir = dir;
            verify.is_json = is_json;
            return audit::run_verify(verify, std::cout, std::cerr);
        };
    });
    auto* prove =
        command->add_subcommand("prove", "Print the proof of one entry against the newest checkpoint");
    shared(*prove);
    prove->add_option("SEQ", seq, "Number of the entry")->required();
    prove->footer("Example:\n  headroom audit prove 42 --data-dir headroom-data");
    prove->callback(
        [&action] { action = [] { return audit::run_prove(dir, seq, is_json, std::cout, std::cerr); }; });
    auto* show = command->add_subcommand("show", "Print everything that was written down about an event");
    shared(*show);
    show->add_option("EVENT", event, "Event id")->required();
    show->footer("Example:\n  headroom audit show ev-20270114-7K2M9QXA --data-dir headroom-data");
    show->callback(
        [&action] { action = [] { return audit::run_show(dir, event, is_json, std::cout, std::cerr); }; });
    auto* exported = command->add_subcommand("export", "Print every entry as one line of JSON, oldest first");
    exported->add_option("--data-dir", dir, "Data directory")->capture_default_str()->type_name("DIR");
    exported->footer(
        "Example:\n  headroom audit export --data-dir headroom-data | jq -c .type | sort | uniq -c");
    exported->callback([&action] { action = [] { return audit::run_export(dir, std::cout, std::cerr); }; });
    auto* checkpoint = command->add_subcommand("checkpoint", "Print the newest signed checkpoint");
    shared(*checkpoint);
    checkpoint->footer("Example:\n  headroom audit checkpoint --data-dir headroom-data > kept-elsewhere");
    checkpoint->callback(
        [&action] { action = [] { return audit::run_checkpoint(dir, is_json, std::cout, std::cerr); }; });
}

void add_bench(CLI::App& app, Action& action) {
    auto* command = app.add_subcommand("bench",
                                       "Measure this machine: loop, audit, stages, http, monitor, ingest, "
                                       "query, forecast, scenario, beckn, knowledge, plan or copilot");
    static BenchCommand options;
    command
        ->add_option(
            "NAME", options.name,
            "loop: reading received to command at the device. audit: the log on this disk. stages: "
            "readings per second. http: requests per second and processor time of each. monitor: "
            "the hot path with --points feeders. ingest: readings per second from outside. query: charts "
            "of ten million stored points, and what is stored per second. forecast: a tick of 100,000 "
            "feeders, one feeder, and learning from a million rows. scenario: 72 hours of a heatwave over "
            "10,000 "
            "assets. beckn: signed messages, whole orders "
            "with a "
            "provider in a process of its own, 200 providers discovered. knowledge: rulebooks of 1,000 "
            "pages indexed and searched. plan: the optimiser on generated instances beside greedy-by-price "
            "and a MILP solver. copilot: the deterministic plan while a language model is off, on, slow, "
            "down or hostile")
        ->required()
        ->check(CLI::IsMember({"loop", "audit", "stages", "http", "monitor", "ingest", "query", "forecast",
                               "scenario", "beckn", "knowledge", "plan", "copilot", "shelf"}));
    command
        ->add_option(
            "--only", options.only,
            "A part: of monitor growth, each or restart; of ingest ndjson, mqtt, kafka or latency; of beckn "
            "messages, discover or orders")
        ->check(CLI::IsMember({"growth", "each", "restart", "ndjson", "mqtt", "kafka", "latency", "messages",
                               "discover", "orders"}));
    command->add_option("--kafka", options.kafka, "A real Kafka, for ingest; without it that way is left out")
        ->type_name("HOST:PORT");
    command
        ->add_option("--dump", options.dump,
                     "For plan: write the instances below 1,000 DERs to this folder instead")
        ->check(CLI::ExistingDirectory);
    command
        ->add_option("--ett", options.ett,
                     "For forecast: errors on an ETT table (CSV or gzip) by its usual protocol, no speeds")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--dir", options.dir,
                     "Scratch folder on the disk to measure (default: the system's temporary folder)")
        ->type_name("DIR");
    command->add_option("--seconds", options.seconds, "For how long, where it is a matter of time")
        ->check(CLI::Range(0.2, 600.0))
        ->capture_default_str();
    command->add_option("--runs", options.runs, "How many events, for loop; how many orders, for beckn")
        ->check(CLI::Range(10, 100000))
        ->capture_default_str();
    command->add_option("--points", options.points, "How many feeders send, for monitor")
        ->check(CLI::Range(1000, 4'000'000))
        ->capture_default_str();
    command->add_option("--influx", options.influx_url, "An InfluxDB 1.x to write to as well, for query")
        ->type_name("URL");
    command->add_flag("--json", options.is_json, "One JSON object on stdout");
    command->footer("Example:\n  headroom bench loop --json");
    command->callback([&action] { action = [] { return run_bench(options); }; });
}

}  // namespace

int exit_code_of(const Error& error) {
    switch (error.code) {
        case Errc::invalid:
        case Errc::unsupported:
            return exit_usage;
        case Errc::corrupt:
            return error.message.starts_with("rolled_back") ? 66 : 65;
        case Errc::unavailable:
            return 74;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::denied:
        case Errc::timeout:
            return 1;
    }
    return 1;
}

int run(int argc, char** argv) {
    CLI::App app{"Headroom: a demand-flexibility control room for distribution system operators", "headroom"};
    app.formatter(make_help_formatter());
    app.set_version_flag("--version", std::string("headroom ") + HEADROOM_VERSION, "Print the version");
    app.require_subcommand(1);
    Action action;
    add_serve(app, action);
    add_demo(app, action);
    add_replay(app, action);
    add_audit(app, action);
    add_forecast(app, action);
    add_rehearse(app, action);
    add_bench(app, action);
    add_status(app, action);
    add_ingest(app, action);
    add_produce(app, action);
    add_quality(app, action);
    add_models(app, action);
    add_programmes(app, action);
    add_shelf(app, action);
    add_knowledge(app, action);
    add_plan(app, action);
    add_ask(app, action);
    add_feeds(app, action);
    add_scenario(app, action);
    add_openapi(app, action);
    add_trust(app, action);
    add_beckn(app, action);
    add_config(app, action);
    add_identity(app, action);
    add_help(app, action);
    app.footer(
        "Example:\n  headroom serve --demo\n  headroom help serve");  // last: commands would inherit it
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {  // help or version was asked for
            return app.exit(error);
        }
        std::cerr << usage_message(app, error);
        return exit_usage;
    }
    try {
        const int code = action();
        std::cout.flush();
        std::cerr.flush();
        // Open coroutines and library threads go with the process; what matters is durable by now.
        std::_Exit(code);
    } catch (const std::exception& error) {
        // Only our own bugs and an exhausted machine come this far.
        std::cerr << "headroom stopped: " << error.what() << "\n";
        return 70;
    }
}

}  // namespace headroom::app
