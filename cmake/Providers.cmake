# The catalogue of simulated providers becomes a source of headroom_sim, so that the binary has it anywhere.
set(provider_list "${CMAKE_SOURCE_DIR}/data/providers/gb.toml")
set(provider_source "${CMAKE_BINARY_DIR}/generated/provider_list.cpp")
file(READ "${provider_list}" provider_text)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${provider_list}")
file(CONFIGURE OUTPUT "${provider_source}" @ONLY CONTENT [==[#include "sim/provider_file.hpp"

namespace headroom::sim {

std::string_view built_in_provider_list() {
    return R"toml(@provider_text@)toml";
}

}  // namespace headroom::sim
]==])
target_sources(headroom_sim PRIVATE "${provider_source}")
set_source_files_properties("${provider_source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
