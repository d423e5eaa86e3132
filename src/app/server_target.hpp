#pragma once

#include "core/result.hpp"
#include "core/settings.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

/// Which server a command speaks to, and what told so.
struct ServerTarget {
    std::string url;
    std::string origin;
};

/// The server that was named, else $HEADROOM_SERVER, else the endpoint.json in the data directory, else
/// http://127.0.0.1 at `server.port`. Errors: of the settings.
[[nodiscard]] Result<ServerTarget> find_server(const std::string& named,
                                               const std::filesystem::path& data_dir,
                                               const SettingsSources& sources);

/// The API key in the file, else $HEADROOM_KEY; empty for none. Errors: of the file.
[[nodiscard]] Result<std::string> read_api_key(const std::filesystem::path& key_file,
                                               const SettingsSources& sources);

}  // namespace headroom::app
