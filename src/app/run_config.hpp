#pragma once

#include "core/settings.hpp"

#include <filesystem>

namespace headroom::app {

/// `headroom config check`: faults on stderr (or in the JSON object); 0 valid, 1 not.
int run_config_check(const SettingsSources& sources, bool is_json);
/// `headroom config show`: 0, or 1 with the faults on stderr.
int run_config_show(const SettingsSources& sources, bool with_origin, bool is_json);
/// `headroom config schema`
int run_config_schema(bool is_markdown);
/// `headroom init`: 0, or 1 when the file is there already or cannot be written.
int run_init(const std::filesystem::path& path);

}  // namespace headroom::app
