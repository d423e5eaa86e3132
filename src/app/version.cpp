#include "app/version.hpp"

namespace headroom::app {

json::Object version_json() {
    const BuildInfo build = build_info();
    return json::Object{
        {"version", HEADROOM_VERSION},
        {"commit", build.commit.empty() ? json::Value() : json::Value(std::string(build.commit))},
        {"modified", build.is_modified},
        {"compiler", "clang " __clang_version__},
        {"build_type", std::string(build.build_type)},
    };
}

}  // namespace headroom::app
