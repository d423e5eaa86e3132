#pragma once

#include "core/result.hpp"
#include "core/settings.hpp"
#include "grid/authority.hpp"
#include "sim/story.hpp"

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
    /// Name or path of the story that the world is from, see story_choice.hpp; empty: a world of the sizes
    /// above, begun at 15:30, without a story.
    std::string story;
    std::optional<sim::Story> told;  ///< `story`, once it has been read
    bool has_seed = false;           ///< given on the command line
    bool has_feeders = false;
    bool has_hours = false;
    std::optional<grid::AuthorityLevel> authority;  ///< nothing: to act, on its simulated grid
    std::string mqtt_url;                           ///< a broker for the devices instead of a private one
    std::string mqtt_prefix = "headroom/v1";
    bool websocket = false;  ///< the built-in device channel even where mosquitto is installed
};
/// `headroom demo --once`
int run_demo_once(const DemoCommand& command);

struct ServeCommand {
    Settings settings;
    bool demo = false;
    bool is_authority_told = false;  ///< settings.authority.level was set somewhere, not left as it is
    DemoCommand world;               ///< of `--demo`
    std::optional<double> speed;     ///< virtual seconds per second, a ceiling; nothing: the story's, or 60
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
    std::string name;  ///< loop, audit, stages, http, monitor, ingest, query, forecast, beckn, plan
    std::string only;  ///< of ingest: one way in
    std::string influx_url = {};      ///< of query: written to as well
    std::string kafka = {};           ///< of ingest: host:port of a real one
    std::filesystem::path dump = {};  ///< of plan: where instances are written to
    std::filesystem::path ett = {};   ///< of forecast: a table to score on instead of speeds
    std::filesystem::path dir;
    double seconds = 3.0;
    int runs = 1000;
    std::size_t points = 1'000'000;
    bool is_json = false;
};
/// `headroom bench NAME`
int run_bench(const BenchCommand& command);

/// The exit code that says an error's kind.
[[nodiscard]] int exit_code_of(const Error& error);

}  // namespace headroom::app
