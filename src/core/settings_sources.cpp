#include "core/settings.hpp"

#include <unistd.h>

#include <fstream>
#include <system_error>
#include <utility>

namespace headroom {

Result<std::string> read_settings_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        std::error_code ignored;
        return std::filesystem::exists(path, ignored)
                   ? Error{Errc::denied, "cannot be opened: give this user the right to read it", ""}
                   : Error{Errc::not_found, "is not there", ""};
    }
    std::string text(bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (in.fail() && !in.eof())) {
        return Error{Errc::unavailable, "cannot be read; it must be a file", ""};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > bytes_max) {
        return Error{Errc::invalid, "is longer than " + std::to_string(bytes_max) + " bytes", ""};
    }
    return text;
}

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

SettingsSources sources_of(std::map<std::string, std::string> environment) {
    SettingsSources sources;
    sources.user_files.emplace_back("/etc/headroom/config.toml");
    const auto variable = [&environment](const char* name) {
        const auto found = environment.find(name);
        return found != environment.end() ? found->second : std::string();
    };
    if (const std::string config = variable("XDG_CONFIG_HOME"); config.starts_with('/')) {
        sources.user_files.push_back(std::filesystem::path(config) / "headroom" / "config.toml");
    } else if (const std::string home = variable("HOME"); home.starts_with('/')) {
        sources.user_files.push_back(std::filesystem::path(home) / ".config" / "headroom" / "config.toml");
    }
    sources.usual_env_file = ".env";
    sources.environment = std::move(environment);
    return sources;
}

SettingsSources process_sources() {
    return sources_of(process_environment());
}

}  // namespace headroom
