#pragma once

#include "core/json.hpp"
#include "core/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headroom::app {

struct StatusCommand {
    std::string server;  ///< empty: see `run_status`
    std::filesystem::path data_dir;
    std::filesystem::path key_file;  ///< holds an API key; empty for none
    SettingsSources sources;
    bool is_json = false;
};

/// How a server is, worst first in the exit code.
enum class ServerLevel { ok = 0, degraded = 1, down = 2 };

struct ServerStatus {
    ServerLevel level = ServerLevel::down;
    std::vector<std::string> reasons;  ///< why it is not ok
    json::Object details;              ///< what the server said; empty when it is down
};

/// What follows from `/health` (with its HTTP status) and from `/api/v1/status`, where it could be had.
[[nodiscard]] ServerStatus judge_server(int health_status, const json::Value& health,
                                        const std::optional<json::Value>& state);

/// `headroom status`: asks the server named by --server, $HEADROOM_SERVER, the endpoint.json in the data
/// directory, or http://127.0.0.1 at `server.port`, in this order. Exit: 0 ok, 1 degraded, 2 down.
int run_status(const StatusCommand& command);

}  // namespace headroom::app
