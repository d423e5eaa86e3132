# The stories become a source of headroom_sim, so that the binary tells them anywhere.
file(GLOB story_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/data/stories/*.toml")
set(story_source "${CMAKE_BINARY_DIR}/generated/stories.cpp")
add_custom_command(
  OUTPUT "${story_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUT=${story_source}" "-DDIR=${CMAKE_SOURCE_DIR}/data/stories" -P "${CMAKE_SOURCE_DIR}/cmake/EmbedStories.cmake"
  DEPENDS ${story_files} "${CMAKE_SOURCE_DIR}/cmake/EmbedStories.cmake"
  COMMENT "embedding the stories")
target_sources(headroom_sim PRIVATE "${story_source}")
set_source_files_properties("${story_source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
