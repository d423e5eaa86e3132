#pragma once

#include "core/result.hpp"
#include "core/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace headroom::app {

// What the subcommands do once their flags are parsed. Each prints its answer to stdout, progress and faults
// to stderr, and answers the exit code.

struct DemoCommand {
    std::uint64_t seed = 7;
    int feeders = 300;
    int ders = 400;
    double hours = 6.0;
    std::filesystem::path data_dir;  ///< empty: a fresh one that is removed at the end
    bool once = false;
    bool is_json = false;
    bool websocket = false;  ///< the built-in device channel even where mosquitto is installed
};
/// `headroom demo --once`
int run_demo_once(const DemoCommand& command);

struct ServeCommand {
    Settings settings;
    bool demo = false;
    DemoCommand world;    ///< of `--demo`
    double speed = 60.0;  ///< virtual seconds per second, a ceiling
    std::filesystem::path grid_file;
};
/// `headroom serve`
int run_serve(const ServeCommand& command);

struct ReplayReadingsCommand {
    std::filesystem::path readings;
    std::filesystem::path grid;
    double rating_percentile = 95.0;
    bool is_json = false;
};
/// `headroom replay --readings FILE`
int run_replay_readings(const ReplayReadingsCommand& command);

struct ReplayEventCommand {
    std::string event;
    std::filesystem::path data_dir;
    bool is_json = false;
};
/// `headroom replay EVENT`
int run_replay_event(const ReplayEventCommand& command);

struct BenchCommand {
    std::string name;  ///< loop, audit, stages
    std::filesystem::path dir;
    double seconds = 3.0;
    int runs = 1000;
    bool is_json = false;
};
/// `headroom bench NAME`
int run_bench(const BenchCommand& command);

/// The exit code that says an error's kind.
[[nodiscard]] int exit_code_of(const Error& error);

}  // namespace headroom::app
