# The first page's files become a source of headroom_api; they are embedded again when one of them changes.
file(GLOB page_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/api/page/*")
set(page_source "${CMAKE_BINARY_DIR}/generated/page_assets.cpp")
add_custom_command(
  OUTPUT "${page_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUT=${page_source}" "-DDIR=${CMAKE_SOURCE_DIR}/src/api/page" -P "${CMAKE_SOURCE_DIR}/cmake/EmbedPage.cmake"
  DEPENDS ${page_files} "${CMAKE_SOURCE_DIR}/cmake/EmbedPage.cmake"
  COMMENT "embedding the page")
get_target_property(api_kind headroom_api TYPE)
if(NOT api_kind STREQUAL "INTERFACE_LIBRARY")
  target_sources(headroom_api PRIVATE "${page_source}")
endif()
