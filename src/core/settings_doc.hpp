#pragma once

#include "core/settings.hpp"

#include <string>
#include <vector>

namespace headroom {

/// What stands in the place of a secret that is set.
inline constexpr std::string_view secret_mask = "********";

/// One setting in force, fit to be shown: a secret is masked.
struct ShownSetting {
    std::string key;  ///< "server.port"
    json::Value value;
    std::string origin;  ///< "default", "headroom.toml:12:3", …
    bool is_secret = false;
    bool is_used = true;  ///< false: no part of this version reads it
};

/// Every setting in force, in the order of the settings file.
[[nodiscard]] std::vector<ShownSetting> shown_settings(const LoadedSettings& loaded);

/// The JSON Schema of the settings file, for editors.
[[nodiscard]] json::Object settings_schema();
/// A settings file with every key at its default, commented out and described.
[[nodiscard]] std::string settings_template();
/// docs/settings.md.
[[nodiscard]] std::string settings_markdown();

}  // namespace headroom
