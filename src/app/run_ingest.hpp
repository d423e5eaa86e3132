#pragma once

#include "core/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headroom::app {

struct IngestCommand {
    std::vector<std::filesystem::path> files;  ///< CSV of any known format, plain or gzip
    std::string to;                            ///< the server; empty: see `find_server`
    std::filesystem::path data_dir;
    std::filesystem::path key_file;
    SettingsSources sources;
    std::optional<double> speed;  ///< seconds of the files per second; nothing: flat out
    double patience_s = 60.0;     ///< for a server that is busy or away
    bool is_json = false;
};

/// `headroom ingest`: replays files of readings into a running control room, and accounts for every one.
///
/// Flat out, files go one after another, each in its own order. At a speed, all are read first and go in the
/// order of their interval ends. Exit: 0 all accounted for; else that of the error, with what was accounted
/// for so far.
int run_ingest(const IngestCommand& command);

/// "1", "60", "max"; errors: `invalid`.
[[nodiscard]] Result<std::optional<double>> parse_speed(const std::string& text);

}  // namespace headroom::app
