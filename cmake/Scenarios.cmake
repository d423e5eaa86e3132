# Scenarios and the London assets become a source of headroom_scenario, so that the binary has them anywhere.
file(GLOB scenario_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/data/scenarios/*.toml")
set(asset_file "${CMAKE_SOURCE_DIR}/data/assets/london.json")
set(scenario_source "${CMAKE_BINARY_DIR}/generated/scenario_data.cpp")
add_custom_command(
  OUTPUT "${scenario_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUT=${scenario_source}" "-DDIR=${CMAKE_SOURCE_DIR}/data/scenarios" "-DASSETS=${asset_file}" -P "${CMAKE_SOURCE_DIR}/cmake/EmbedScenarios.cmake"
  DEPENDS ${scenario_files} "${asset_file}" "${CMAKE_SOURCE_DIR}/cmake/EmbedScenarios.cmake"
  COMMENT "embedding the scenarios")
target_sources(headroom_scenario PRIVATE "${scenario_source}")
set_source_files_properties("${scenario_source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
