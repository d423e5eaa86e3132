#include "app/server_target.hpp"

#include "core/json.hpp"

#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t small_file_bytes = 64UL * 1024;

}  // namespace

Result<ServerTarget> find_server(const std::string& named, const std::filesystem::path& data_dir,
                                 const SettingsSources& sources) {
    if (!named.empty()) {
        return ServerTarget{named, "--server"};
    }
    if (const auto given = sources.environment.find("HEADROOM_SERVER");
        given != sources.environment.end() && !given->second.empty()) {
        return ServerTarget{given->second, "$HEADROOM_SERVER"};
    }
    const Result<LoadedSettings> loaded = load_settings(sources);
    if (!loaded) {
        return loaded.error();
    }
    const std::filesystem::path folder =
        data_dir.empty() ? std::filesystem::path(loaded->settings.data.dir) : data_dir;
    const Result<std::string> text = read_settings_file(folder / "endpoint.json", small_file_bytes);
    const Result<json::Value> endpoint = text ? json::parse(*text) : Result<json::Value>(text.error());
    if (endpoint && !endpoint->text("/url").empty()) {
        return ServerTarget{endpoint->text("/url"), (folder / "endpoint.json").string()};
    }
    return ServerTarget{"http://127.0.0.1:" + std::to_string(loaded->settings.server.port), "server.port"};
}

Result<std::string> read_api_key(const std::filesystem::path& key_file, const SettingsSources& sources) {
    std::string key;
    if (!key_file.empty()) {
        Result<std::string> text = read_settings_file(key_file, small_file_bytes);
        if (!text) {
            return Error{text.error().code, key_file.string() + " " + text.error().message};
        }
        key = std::move(*text);
    } else if (const auto given = sources.environment.find("HEADROOM_KEY");
               given != sources.environment.end()) {
        key = given->second;
    }
    while (key.ends_with('\n') || key.ends_with('\r')) {
        key.pop_back();
    }
    return key;
}

}  // namespace headroom::app
