#pragma once

#include "core/json.hpp"

#include <string_view>

namespace headroom::app {

/// What this binary was built from. The source is written by cmake/Commit.cmake.
struct BuildInfo {
    std::string_view commit;   ///< 40 hexadecimal digits; empty when it was not built from git
    bool is_modified = false;  ///< files that git knows were changed since
    std::string_view build_type;
};
[[nodiscard]] BuildInfo build_info();

/// `{version, commit, modified, compiler, build_type}`
[[nodiscard]] json::Object version_json();

}  // namespace headroom::app
